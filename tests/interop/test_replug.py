"""A serial adapter pulled out and plugged in again, with real ptys: every client recovers and takes nothing stale."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path

from swapstation.protocol.dlt645 import MeterFrame, encode_frame
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import FORWARD_ENERGY, POWER
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu
from swapstation.protocol.modbus_server import ModbusRtuServer
from swapstation.protocol.node import ByteNode, Frame, WireCounts
from swapstation.protocol.register_bank import RegisterBank
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.link import Link
from swapstation.transport.links import byte_link, can_link
from swapstation.transport.pty_end import PtyEnd
from swapstation.wire_address import parse_wire
from tests.transport.support import ListeningNode, PeriodicNode, eventually, running

METER = "000000000161"


def bank(value: int) -> RegisterBank:
    registers = RegisterBank()
    registers.define(1, 100, 1)
    registers.set(1, 100, [value])
    return registers


class Mute:
    """A device that hears and says nothing."""

    wants_reopen = False

    def __init__(self) -> None:
        self.counts = WireCounts()
        self.heard = b""

    def opened(self, now_s: float) -> None: ...
    def closed(self, now_s: float) -> None: ...

    def receive(self, data: bytes, now_s: float) -> None:
        self.heard += data

    def due(self, now_s: float) -> Iterable[bytes]:
        return ()

    def next_deadline(self) -> float:
        return inf


class Late:
    """A device that first tells the answer it still owes from before, a little after its line is open again."""

    wants_reopen = False

    def __init__(self, device: ByteNode, owed: bytes) -> None:
        self.counts = device.counts
        self.told = False
        self._device = device
        self._owed = owed
        self._owed_s = inf

    def opened(self, now_s: float) -> None:
        self._owed_s = now_s + 0.1
        self._device.opened(now_s)

    def closed(self, now_s: float) -> None:
        self._device.closed(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        if self.told:
            self._device.receive(data, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if now_s >= self._owed_s:
            self._owed_s, self.told = inf, True
            yield self._owed
        yield from self._device.due(now_s)

    def next_deadline(self) -> float:
        return min(self._owed_s, self._device.next_deadline())


@asynccontextmanager
async def plugged(path: Path, node: ByteNode, link: Link) -> AsyncIterator[None]:
    """The adapter is in its socket during the block; behind it the link has noticed that it is gone."""
    async with running(PtyEnd(path, node).run()):
        await eventually(lambda: link.status.connected)
        yield
    await eventually(lambda: not link.status.connected)
    assert not path.exists()


def read(client: ModbusClient) -> tuple[int, ...] | None:
    latest = client.latest(1, 100)
    return latest and latest[0]


async def test_a_modbus_line_comes_back_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "plc"
    client = ModbusClient(Framing.RTU, [Poll(1, 100, 1, 0.02)], timeout_s=0.3)
    link = byte_link("plc", parse_wire("plc", f"modbus-rtu://{path}?baud=115200"), client)
    async with running(link.run()):
        for value in (1, 2, 3):
            async with plugged(path, ModbusRtuServer(bank(value)), link):
                await eventually(lambda value=value: read(client) == (value,))  # type: ignore[misc]
            ticket = client.write(1, 100, [9])
            assert [(outcome.ticket, outcome.error) for outcome in client.take_outcomes()] == [
                (ticket, "wire_not_connected")
            ]
    assert link.status.reconnects == 2


async def test_an_answer_owed_from_before_the_unplugging_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "plc"
    client = ModbusClient(Framing.RTU, [Poll(1, 100, 1, 0.02)], timeout_s=20.0, drain_s=0.6)
    link = byte_link("plc", parse_wire("plc", f"modbus-rtu://{path}?baud=115200"), client)
    mute, late = Mute(), Late(ModbusRtuServer(bank(222)), encode_rtu(1, bytes.fromhex("03 02 00 6F")))
    async with running(link.run()):
        async with plugged(path, mute, link):
            await eventually(lambda: mute.heard)  # asked, not answered
        async with plugged(path, late, link):
            await eventually(lambda: late.told)
            await eventually(lambda: read(client))
            assert read(client) == (222,), "not 111, which came first"


async def test_a_meter_line_comes_back_and_takes_no_owed_answer(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    client = DltClient(METER, [FORWARD_ENERGY, POWER], period_s=0.05, timeout_s=1.0)
    link = byte_link("meter", parse_wire("meter", f"dlt645://{path}?address={METER}"), client)
    owed = encode_frame(MeterFrame(METER, 0x91, bytes.fromhex("00000100 11010000")))  # 1.11 kWh
    mute, late = Mute(), Late(DltMeter(METER, {FORWARD_ENERGY: 2.22, POWER: 1.0}), owed)
    async with running(link.run()):
        async with plugged(path, mute, link):
            await eventually(lambda: mute.heard)
        async with plugged(path, late, link):
            await eventually(lambda: client.latest(FORWARD_ENERGY))
            latest = client.latest(FORWARD_ENERGY)
            assert latest is not None
            assert latest[0] == 2.22
            assert late.told


async def test_a_can_adapter_is_opened_again_after_replugging(tmp_path: Path) -> None:
    path = tmp_path / "bay"
    node = ListeningNode()
    link = can_link("bay", parse_wire("bay", f"slcan+serial://{path}"), node)
    async with running(link.run()):
        for number in (1, 2):
            frame = Frame(0x18000000 + number, bytes([number]))
            segment = CanSegment(PeriodicNode(frame, 0.01))
            segment.open_pty(path)
            async with running(segment.run()):
                await eventually(lambda frame=frame: frame in node.received)  # type: ignore[misc]
            await eventually(lambda: not link.status.connected)
    assert {frame.can_id for frame in node.received} == {0x18000001, 0x18000002}
    assert link.status.malformed <= 1, "at most the line that broke off"
