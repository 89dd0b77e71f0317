"""The can-j1939 package, a foreign peer, over python-can's slcan: long messages both ways, windows, aborts.

The package reports no failed message (dependencies), so failures are looked for on our side and on the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import j1939 as can_j1939
import pytest

from swapstation.protocol import j1939
from swapstation.protocol.j1939 import AbortReason
from swapstation.protocol.j1939_ends import Receiver, Sender
from swapstation.protocol.node import Frame
from swapstation.transport.can_segment import CanSegment
from tests.transport.support import eventually, running

OURS, THEIRS = 0x56, 0xF4
PGN = 0x1500
BCS_ID = 0x1C110000 | OURS << 8 | THEIRS
BCL = Frame(0x18105600 | OURS, bytes(5))
SIZES = [9, 13, 14, 49, 512, 1785]


class Station:
    """Our end of the segment: both directions of the transport, and a short cyclic frame between their packets."""

    def __init__(self) -> None:
        self.sender, self.receiver = Sender(OURS, THEIRS), Receiver(OURS, THEIRS)
        self.met = False
        self.through: list[bytes] = []
        self.controls: list[bytes] = []
        self.outbox: list[Frame] = []

    def receive(self, frame: Frame, now_s: float) -> None:
        identifier = j1939.split(frame.can_id)
        if (identifier.source, identifier.destination) != (THEIRS, OURS):
            return
        self.met = True
        if identifier.pgn == j1939.TP_CM_PGN:
            self.controls.append(frame.data)
            self.sender.control(frame.data, now_s)
            self.receiver.control(frame.data, now_s)
        elif identifier.pgn == j1939.TP_DT_PGN and (whole := self.receiver.packet(frame.data, now_s)) is not None:
            assert whole.pgn == PGN
            self.through.append(whole.data)
            self.outbox.append(BCL)

    def due(self, now_s: float) -> Iterator[Frame]:
        outbox, self.outbox = self.outbox, []
        yield from outbox
        for frame in [*self.receiver.due(now_s), *self.sender.due(now_s)]:
            yield from (frame, BCL)

    def next_deadline(self) -> float:
        return min(self.sender.next_deadline(), self.receiver.next_deadline())


@contextmanager
def foreign_ecu(port: int, window: int, heard: list[tuple[int, bytes]]) -> Iterator[can_j1939.ElectronicControlUnit]:
    ecu = can_j1939.ElectronicControlUnit(max_cmdt_packets=window)
    ecu.connect(interface="slcan", channel=f"socket://127.0.0.1:{port}", bitrate=250_000, sleep_after_open=0)
    ecu.subscribe(lambda priority, pgn, source, timestamp, data: heard.append((pgn, bytes(data))), THEIRS)
    try:
        yield ecu
    finally:
        ecu.disconnect()
        ecu.stop()


@asynccontextmanager
async def segment_with_ecu(
    window: int = 255,
) -> AsyncIterator[tuple[Station, CanSegment, can_j1939.ElectronicControlUnit, list[tuple[int, bytes]]]]:
    """A segment with our end in this loop and theirs on threads of its own."""
    station = Station()
    segment = CanSegment(station)
    port = segment.listen("127.0.0.1", 0)
    heard: list[tuple[int, bytes]] = []
    async with running(segment.run()):
        ecu_of = foreign_ecu(port, window, heard)
        ecu = await asyncio.to_thread(ecu_of.__enter__)
        try:
            ecu.send_message(BCS_ID, True, [0])  # once it is here, their end of the segment is open
            await eventually(lambda: station.met)
            yield station, segment, ecu, heard
        finally:
            await asyncio.to_thread(ecu_of.__exit__, None, None, None)


def message(size: int) -> bytes:
    return bytes((number * 7 + size) % 251 for number in range(size))


@pytest.mark.parametrize("window", [1, 5, 255])
async def test_messages_of_any_size_reach_the_foreign_peer(window: int) -> None:
    async with segment_with_ecu(window) as (station, segment, _, heard):
        for size in [size for size in SIZES if window > 1 or size < 100]:
            station.sender.send(PGN, message(size), asyncio.get_running_loop().time())
            segment.wake()
            await eventually(lambda: not station.sender.busy, 20)
    sent = [message(size) for size in SIZES if window > 1 or size < 100]
    assert [data for pgn, data in heard if pgn == PGN] == sent
    assert (station.sender.delivered, station.sender.failed) == (len(sent), 0)


@pytest.mark.parametrize("window", [1, 5, 255])
async def test_messages_of_any_size_come_from_the_foreign_peer(window: int) -> None:
    async with segment_with_ecu(window) as (station, _, ecu, _):
        for number, size in enumerate(SIZES, 1):
            data = list(message(size))
            assert await asyncio.to_thread(ecu.j1939_dll.send_pgn, 0, PGN >> 8, OURS, 7, THEIRS, data, None, None)
            await eventually(lambda number=number: len(station.through) == number, 20)  # type: ignore[misc]
            await asyncio.sleep(0.05)  # the package keeps a finished message until its own thread has run
    assert station.through == [message(size) for size in SIZES]


async def test_a_busy_foreign_peer_aborts_and_we_try_again() -> None:
    async with segment_with_ecu() as (station, segment, _, heard):
        stale = bytes.fromhex("10 31 00 07 FF 00 16 00")  # a connection that we open and never serve
        station.outbox.append(Frame(j1939.join(7, j1939.TP_CM_PGN, THEIRS, OURS), stale))
        segment.wake()
        await eventually(lambda: any(data[0] == j1939.Control.CTS for data in station.controls))
        station.sender.send(PGN, message(49), asyncio.get_running_loop().time())
        segment.wake()
        await eventually(lambda: station.sender.failed == 1)
        assert station.sender.failure == AbortReason.BUSY
        await eventually(lambda: any(data[:2] == b"\xff\x03" for data in station.controls))  # theirs after T2
        station.sender.send(PGN, message(49), asyncio.get_running_loop().time())
        segment.wake()
        await eventually(lambda: station.sender.delivered == 1)
    assert [data for pgn, data in heard if pgn == PGN] == [message(49)]


async def test_the_foreign_peer_obeys_our_hold() -> None:
    async with segment_with_ecu() as (station, segment, ecu, _):
        loop = asyncio.get_running_loop()
        station.receiver.hold()
        data = list(message(49))
        assert await asyncio.to_thread(ecu.j1939_dll.send_pgn, 0, PGN >> 8, OURS, 7, THEIRS, data, None, None)
        await eventually(lambda: len(station.controls) == 1)
        await asyncio.sleep(0.9)  # two holds later
        assert station.through == []
        station.receiver.resume(loop.time())
        segment.wake()
        await eventually(lambda: station.through == [message(49)])
