"""Small nodes and waiting helpers for tests on real wires."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from math import inf
from typing import Any

from swapstation.protocol.node import Frame


class ListeningNode:
    """Keeps what it receives and sends what the test puts into `outbox`."""

    def __init__(self) -> None:
        self.received: list[Frame] = []
        self.outbox: list[Frame] = []

    def receive(self, frame: Frame, now_s: float) -> None:
        self.received.append(frame)

    def due(self, now_s: float) -> Iterable[Frame]:
        frames, self.outbox = self.outbox, []
        return frames

    def next_deadline(self) -> float:
        return inf


class EchoNode(ListeningNode):
    """Answers each frame with the same data under the next identifier."""

    def receive(self, frame: Frame, now_s: float) -> None:
        super().receive(frame, now_s)
        self.outbox.append(Frame(frame.can_id + 1, frame.data))


class PeriodicNode(ListeningNode):
    """Sends one frame every `period_s`, from the first time it is asked."""

    def __init__(self, frame: Frame, period_s: float) -> None:
        super().__init__()
        self._frame = frame
        self._period_s = period_s
        self._next_s = 0.0

    def due(self, now_s: float) -> Iterable[Frame]:
        if now_s < self._next_s:
            return []
        self._next_s = now_s + self._period_s
        return [self._frame]

    def next_deadline(self) -> float:
        return self._next_s


@contextlib.asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the given coroutines during the block; an error of one of them fails the test."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def eventually(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait until the condition holds; fail after a generous time."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)
