"""Modbus and DL/T 645 on real TCP connections and ptys: polling, unplugging, late replies, garbage."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from swapstation.errors import InputError
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import FORWARD_ENERGY, POWER, Value
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing, encode_rtu
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.node import WireCounts
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.transport.links import byte_link
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.wire_address import parse_wire
from tests.transport.support import eventually, running

POLL = Poll(unit=1, address=100, count=2, period_s=0.02)
METER = "000000000161"


def bank() -> RegisterBank:
    registers = RegisterBank()
    registers.define(1, 0, 10, writable=True)
    registers.define(1, 100, 2)
    registers.set(1, 100, [111, 222])
    return registers


async def test_modbus_tcp_polls_and_writes() -> None:
    registers = bank()
    listener = TcpListener("127.0.0.1", 0, lambda: ModbusTcpServer(registers))
    client = ModbusClient(Framing.TCP, [POLL])
    link = byte_link("robot", parse_wire("robot", f"modbus-tcp://127.0.0.1:{listener.port}"), client)
    async with running(listener.run(), link.run()):
        await eventually(lambda: client.latest(1, 100))
        client.write(1, 3, [7])
        link.wake()
        await eventually(client.take_outcomes)
    assert registers.take_writes() == [RegisterWrite(1, 3, (7,))]
    assert link.status.requests == link.status.tx > 0
    assert link.status.malformed == link.status.timeouts == 0


async def test_modbus_rtu_on_a_pty_survives_unplugging(tmp_path: Path) -> None:
    address = parse_wire("robot", f"modbus-rtu://{tmp_path}/robot?baud=115200&parity=E")
    client = ModbusClient(Framing.RTU, [POLL], timeout_s=0.2)
    link = byte_link("robot", address, client)
    async with running(link.run()):
        for _ in range(2):
            received = link.status.rx
            async with running(PtyEnd(tmp_path / "robot", ModbusRtuServer(bank())).run()):
                await eventually(lambda received=received: link.status.rx > received + 3)  # type: ignore[misc]
            await eventually(lambda: not link.status.connected)
    assert link.status.reconnects >= 1
    assert link.status.malformed == 0


async def test_garbage_in_a_modbus_connection_is_counted_and_the_link_recovers() -> None:
    connections: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.write(b"this is not Modbus at all")
        with contextlib.suppress(ConnectionError):
            await reader.read(-1)
        writer.close()

    client = ModbusClient(Framing.TCP, [POLL])
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        link = byte_link("robot", parse_wire("robot", f"modbus-tcp://127.0.0.1:{port}"), client)
        async with running(link.run()):
            await eventually(lambda: len(connections) >= 2)
    assert link.status.malformed >= 1
    assert link.status.reconnects >= 1


class TardySlave:
    """An RTU device that answers its first request late, with 0x6F6F, and all others at once, with 0x0102."""

    wants_reopen = False

    def __init__(self, delay_s: float) -> None:
        self.counts = WireCounts()
        self._delay_s = delay_s
        self._answers: list[tuple[float, bytes]] = []
        self._requests = 0
        self.late_sent = False

    def opened(self, now_s: float) -> None: ...
    def closed(self, now_s: float) -> None: ...

    def receive(self, data: bytes, now_s: float) -> None:
        self._requests += 1
        first = self._requests == 1
        answer = encode_rtu(1, bytes.fromhex("03046f6f6f6f" if first else "030401020102"))
        self._answers.append((now_s + (self._delay_s if first else 0.0), answer))

    def due(self, now_s: float) -> list[bytes]:
        ready = [answer for at_s, answer in self._answers if at_s <= now_s]
        self._answers = [(at_s, answer) for at_s, answer in self._answers if at_s > now_s]
        self.late_sent = self.late_sent or any(b"\x6f" in answer for answer in ready)
        return ready

    def next_deadline(self) -> float:
        return min((at_s for at_s, _ in self._answers), default=float("inf"))


@pytest.mark.parametrize("delay_s", [0.35, 0.55])
async def test_a_late_rtu_reply_on_a_real_line_never_becomes_an_answer(tmp_path: Path, delay_s: float) -> None:
    path, slave = tmp_path / "robot", TardySlave(delay_s)
    client = ModbusClient(Framing.RTU, [POLL], timeout_s=0.3, drain_s=0.6)
    link = byte_link("robot", parse_wire("robot", f"modbus-rtu://{path}"), client)
    async with running(PtyEnd(path, slave).run(), link.run()):
        await eventually(lambda: slave.late_sent and link.status.rx > 3)
        latest = client.latest(1, 100)
    assert latest is not None
    assert latest[0] == (0x0102, 0x0102)
    assert link.status.timeouts == 1
    assert link.status.reconnects == 1


@pytest.mark.parametrize("wire", ["tcp", "pty"])
async def test_a_meter_is_read(tmp_path: Path, wire: str) -> None:
    values: dict[int, Value] = {FORWARD_ENERGY: 12.34, POWER: 55.5}
    client = DltClient(METER, [FORWARD_ENERGY, POWER], period_s=0.05)
    if wire == "tcp":
        end: TcpListener[DltMeter] | PtyEnd = TcpListener("127.0.0.1", 0, lambda: DltMeter(METER, values))
        assert isinstance(end, TcpListener)
        url = f"dlt645+tcp://127.0.0.1:{end.port}?address={METER}"
    else:
        end, url = PtyEnd(tmp_path / "meter", DltMeter(METER, values)), f"dlt645://{tmp_path}/meter?baud=9600&parity=E"
    link = byte_link("meter", parse_wire("meter", url), client)
    async with running(end.run(), link.run()):
        await eventually(lambda: client.latest(POWER))
        values[FORWARD_ENERGY] = 12.35
        await eventually(lambda: (client.latest(FORWARD_ENERGY) or (0.0, 0.0))[0] == 12.35)
    assert link.status.malformed == 0


def test_a_pty_does_not_replace_a_file(tmp_path: Path) -> None:
    path = tmp_path / "robot"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="pty path"):
        PtyEnd(path, ModbusRtuServer(bank()))
    assert path.read_text(encoding="utf-8") == "mine"
