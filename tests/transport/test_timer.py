"""The deadline timer: a node that is asked at its deadline must find that it has come."""

from __future__ import annotations

import asyncio

from swapstation.transport.timer import DeadlineTimer


class _LoopSetByHand(asyncio.SelectorEventLoop):
    now_s = 100.0

    def time(self) -> float:
        return self.now_s


def test_it_never_calls_before_its_second_has_come() -> None:
    called_s: list[float] = []
    loop = _LoopSetByHand()

    async def run() -> None:
        timer = DeadlineTimer(lambda: called_s.append(loop.now_s))
        timer.set(100.05)
        for now_s in (100.05 - 5e-10, 100.05 + 5e-10):
            loop.now_s = now_s
            for _ in range(3):
                await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(run())
    assert called_s == [100.05 + 5e-10]
