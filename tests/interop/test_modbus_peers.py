"""Modbus against foreign peers: pymodbus as server and client, Debian's mbpoll as client, over TCP and RTU on a pty."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.server import ModbusSerialServer as ForeignSerialServer
from pymodbus.server import ModbusTcpServer as ForeignTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from swapstation.protocol.modbus import Request
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.modbus_server import ModbusRtuServer, ModbusTcpServer
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.transport.links import byte_link
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.wire_address import parse_wire
from tests.transport.support import eventually, running

needs_mbpoll = pytest.mark.skipif(shutil.which("mbpoll") is None, reason="Debian package mbpoll is not installed")


def bank() -> RegisterBank:
    registers = RegisterBank()
    registers.define(1, 0, 20, writable=True)
    registers.define(1, 100, 4)
    registers.set(1, 100, [11, 22, 33, 44])
    return registers


@asynccontextmanager
async def foreign_server() -> AsyncIterator[int]:
    """pymodbus' server on a free port: unit 1 holds registers 100-103 = 11, 22, 33, 44."""
    blocks = [
        SimData(0, count=100, values=0, datatype=DataType.REGISTERS),
        SimData(100, values=[11, 22, 33, 44], datatype=DataType.REGISTERS),
    ]
    server = ForeignTcpServer(SimDevice(1, simdata=blocks), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield cast(asyncio.Server, server.transport).sockets[0].getsockname()[1]
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


async def test_our_client_reads_and_writes_pymodbus() -> None:
    client = ModbusClient(Framing.TCP, [Poll(1, 100, 4, 0.05), Poll(1, 101, 2, 0.05, function=4)])
    async with foreign_server() as port:
        link = byte_link("robot", parse_wire("robot", f"modbus-tcp://127.0.0.1:{port}"), client)
        async with running(link.run()):
            await eventually(lambda: client.latest(1, 100) and client.latest(1, 101, function=4))
            tickets = [
                client.write(1, 5, [1, 2, 3]),
                client.write(1, 8, [9], function=6),
                client.submit(1, Request(23, address=5, count=4, write_address=5, registers=(7,))),
                client.write(1, 5000, [1]),
            ]
            outcomes = []
            await eventually(lambda: outcomes.extend(client.take_outcomes()) or len(outcomes) == 4)  # type: ignore[func-returns-value]
    latest = client.latest(1, 100)
    assert latest is not None
    assert latest[0] == (11, 22, 33, 44)
    inputs = client.latest(1, 101, function=4)
    assert inputs is not None
    assert inputs[0] == (22, 33)
    assert [outcome.ticket for outcome in outcomes] == tickets
    assert [outcome.error for outcome in outcomes] == [None, None, None, "modbus_illegal_address"]
    assert outcomes[2].registers == (7, 2, 3, 9)
    assert link.status.malformed == 0


async def exercise(peer: ModbusBaseClient, registers: RegisterBank) -> None:
    """Every function and refusal of our server through pymodbus' client."""
    assert await peer.connect()
    try:
        read = await peer.read_holding_registers(100, count=4, device_id=1)
        assert read.registers == [11, 22, 33, 44]
        assert (await peer.read_input_registers(101, count=2, device_id=1)).registers == [22, 33]
        assert not (await peer.write_register(3, 77, device_id=1)).isError()
        assert not (await peer.write_registers(4, [1, 2, 3], device_id=1)).isError()
        both = await peer.readwrite_registers(read_address=3, read_count=4, write_address=5, values=[9], device_id=1)
        assert both.registers == [77, 1, 9, 3]
        assert (await peer.read_holding_registers(50, count=1, device_id=1)).exception_code == 2
        assert (await peer.write_register(100, 1, device_id=1)).exception_code == 2
        assert (await peer.read_coils(0, count=1, device_id=1)).exception_code == 1
    finally:
        peer.close()
    assert registers.take_writes() == [
        RegisterWrite(1, 3, (77,)),
        RegisterWrite(1, 4, (1, 2, 3)),
        RegisterWrite(1, 5, (9,)),
    ]


async def test_pymodbus_uses_our_tcp_server() -> None:
    registers = bank()
    listener = TcpListener("127.0.0.1", 0, lambda: ModbusTcpServer(registers))
    async with running(listener.run()):
        await exercise(AsyncModbusTcpClient("127.0.0.1", port=listener.port), registers)


async def test_pymodbus_uses_our_rtu_server_on_a_pty(tmp_path: Path) -> None:
    registers = bank()
    async with running(PtyEnd(tmp_path / "plc", ModbusRtuServer(registers)).run()):
        await exercise(AsyncModbusSerialClient(str(tmp_path / "plc"), baudrate=115_200), registers)


async def mbpoll(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "mbpoll", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, output.decode()
    return output.decode()


@needs_mbpoll
@pytest.mark.parametrize("wire", ["tcp", "rtu"])
async def test_mbpoll_reads_and_writes_our_server(tmp_path: Path, wire: str) -> None:
    registers = bank()
    if wire == "tcp":
        listener = TcpListener("127.0.0.1", 0, lambda: ModbusTcpServer(registers))
        run, place = listener.run(), ["-m", "tcp", "-p", str(listener.port), "127.0.0.1"]
    else:
        run, place = (
            PtyEnd(tmp_path / "plc", ModbusRtuServer(registers)).run(),
            ["-m", "rtu", "-b", "115200", "-P", "none"],
        )
        place.append(str(tmp_path / "plc"))
    async with running(run):
        for table in ("3", "4"):  # input registers by FC 4, holding registers by FC 3
            read = await mbpoll("-a", "1", "-0", "-r", "100", "-c", "4", "-1", "-t", table, *place)
            assert [line.split()[1] for line in read.splitlines() if line.startswith("[")] == ["11", "22", "33", "44"]
        await mbpoll("-a", "1", "-0", "-r", "6", "-t", "4", *place, "5", "6")
        await mbpoll("-a", "1", "-0", "-r", "8", "-t", "4", *place, "7")  # one register by FC 6
        await mbpoll("-a", "1", "-0", "-r", "10", "-t", "4:float", "-B", *place, "12.5")
    assert registers.take_writes() == [
        RegisterWrite(1, 6, (5, 6)),
        RegisterWrite(1, 8, (7,)),
        RegisterWrite(1, 10, (0x4148, 0)),
    ]


@pytest.mark.skipif(shutil.which("socat") is None, reason="Debian package socat is not installed")
async def test_our_client_polls_pymodbus_over_a_serial_line(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    line = await asyncio.create_subprocess_exec("socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}")
    try:
        await eventually(lambda: ours.exists() and theirs.exists())
        device = SimDevice(1, simdata=SimData(100, values=[11, 22, 33, 44], datatype=DataType.REGISTERS))
        server = ForeignSerialServer(device, port=str(theirs), baudrate=115_200)
        await server.serve_forever(background=True)
        client = ModbusClient(Framing.RTU, [Poll(1, 100, 4, 0.05)])
        link = byte_link("robot", parse_wire("robot", f"modbus-rtu://{ours}?baud=115200"), client)
        async with running(link.run()):
            await eventually(lambda: link.status.rx > 5)
        await server.shutdown()  # type: ignore[no-untyped-call]
    finally:
        line.terminate()
        await line.wait()
    latest = client.latest(1, 100)
    assert latest is not None
    assert latest[0] == (11, 22, 33, 44)
    assert link.status.malformed == 0
