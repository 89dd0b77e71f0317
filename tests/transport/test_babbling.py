"""Who babbles costs himself: other segments get their frames, the cycle keeps its period, memory is bounded."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swapstation.protocol.modbus_client import ModbusClient
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.node import Frame
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.links import byte_link, can_link
from swapstation.transport.timer import DeadlineTimer
from swapstation.wire_address import parse_wire
from tests.transport import flooder
from tests.transport.support import EchoNode, ListeningNode, PeriodicNode, eventually, running
from tests.transport.test_byte_wires import POLL

FRAME = Frame(0x1812F456, bytes.fromhex("8019A00F0C00FD"))
CYCLES = 30
CYCLE_S = 0.1
PERIOD_S = 0.05
MEMORY_BYTES = 4_000_000


class CountingNode(ListeningNode):
    """Counts frames instead of keeping them, and sends far more than the wire takes."""

    def __init__(self, sent_each_turn: int) -> None:
        super().__init__()
        self.count = 0
        self._frames = [FRAME] * sent_each_turn

    def receive(self, frame: Frame, now_s: float) -> None:
        self.count += 1

    def due(self, now_s: float) -> list[Frame]:
        return self._frames


@contextmanager
def flooding(kind: str) -> Iterator[int]:
    """Run the flooder; gives its port."""
    command = [sys.executable, str(Path(flooder.__file__)), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def served_cycles() -> int:
    """Deadlines of a 100 ms cycle that were met within its own period, out of CYCLES."""
    loop = asyncio.get_running_loop()
    met, news = 0, asyncio.Event()
    timer = DeadlineTimer(news.set)
    due_s = loop.time() + CYCLE_S
    for _ in range(CYCLES):
        timer.set(due_s)
        await news.wait()
        news.clear()
        met += loop.time() < due_s + CYCLE_S
        due_s = max(due_s + CYCLE_S, loop.time())
    return met


@pytest.mark.parametrize("kind", flooder.KINDS)
async def test_a_babbling_segment_delays_neither_another_nor_the_cycle(kind: str) -> None:
    babbled, quiet = CountingNode(500 if kind == "deaf" else 1), EchoNode()
    segment = CanSegment(PeriodicNode(FRAME, PERIOD_S))
    with flooding(kind) as port:
        flooded = can_link("bay-1", parse_wire("can", f"slcan+tcp://127.0.0.1:{port}"), babbled)
        link = can_link("bay-2", parse_wire("can", f"slcan+tcp://127.0.0.1:{segment.listen('127.0.0.1', 0)}"), quiet)
        async with running(flooded.run(), segment.run(), link.run()):
            await eventually(lambda: flooded.status.dropped and quiet.received)
            tracemalloc.start()
            before = len(quiet.received)
            try:
                met = await served_cycles()
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            heard = len(quiet.received) - before
            status = flooded.status
    assert met >= CYCLES - 6
    assert heard >= 0.5 * CYCLES * CYCLE_S / PERIOD_S
    assert link.status.dropped == 0
    assert peak < MEMORY_BYTES
    assert status.dropped > 10
    assert status.unread_bytes_per_s > 75_000 or kind == "deaf"
    if kind == "garbage":
        assert babbled.count == 0
    else:
        assert babbled.count < 75_000 / 27 * (1 + CYCLES * CYCLE_S) * 2
    if kind == "frames":
        assert status.bus_load_pct is not None
        assert status.bus_load_pct > 112


async def test_a_babbling_device_costs_its_own_link_only() -> None:
    """The same on a byte stream: a polled device that never stops talking."""
    client = ModbusClient(Framing.TCP, [POLL])
    with flooding("garbage") as port:
        link = byte_link("robot", parse_wire("robot", f"modbus-tcp://127.0.0.1:{port}"), client)
        async with running(link.run()):
            await eventually(lambda: link.status.malformed)
            assert await served_cycles() >= CYCLES - 6
            assert link.status.bytes_per_s is not None
    assert client.latest(1, 100) is None
