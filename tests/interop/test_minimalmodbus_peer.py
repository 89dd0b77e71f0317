"""The minimalmodbus package, a foreign master, over RTU on a pty: our simulated PLC, and the types of register maps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import minimalmodbus
import pytest

from swapstation.config.settings import Config
from swapstation.protocol.modbus_server import ModbusRtuServer
from swapstation.protocol.node import ByteNode
from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Point, Value
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from swapstation.transport.pty_end import PtyEnd
from tests.transport.support import running

Result = TypeVar("Result")


@contextmanager
def instrument(path: Path, unit: int = 1) -> Iterator[minimalmodbus.Instrument]:
    """An open foreign master on a line of 115200 bit/s."""
    master = minimalmodbus.Instrument(str(path), unit)
    master.serial.baudrate = 115_200
    master.serial.timeout = 2.0
    try:
        yield master
    finally:
        master.serial.close()


async def ask(path: Path, node: ByteNode, talk: Callable[[minimalmodbus.Instrument], Result], unit: int = 1) -> Result:
    """Let the foreign master talk to a node on a pty, on a thread of its own."""

    def on_thread() -> Result:
        with instrument(path, unit) as master:
            return talk(master)

    async with running(PtyEnd(path, node).run()):
        return await asyncio.to_thread(on_thread)


async def test_the_foreign_master_reads_and_orders_our_simulated_plc(
    tmp_path: Path, config: Config, placement: Placement
) -> None:
    line = tmp_path / "robot"
    links = replace(config.links, robot=f"modbus-rtu://{line}?baud=115200&parity=E&unit=1")
    simulation = Simulation(replace(config, links=links), placement)
    simulation.advance(0.0)
    registers = load_register_map("robot_plc")
    robot, station = registers.blocks["robot"], registers.blocks["station"]

    def talk(master: minimalmodbus.Instrument) -> tuple[list[int], int]:
        shown = master.read_registers(robot.address, robot.count, functioncode=3)
        master.write_register(station.address, 7, functioncode=6)
        master.write_registers(station.address + 1, [3])
        with pytest.raises(minimalmodbus.IllegalRequestError):
            master.write_register(robot.address, 1, functioncode=6)
        with pytest.raises(minimalmodbus.IllegalRequestError):
            master.read_bit(0)
        return shown, master.read_register(station.address, functioncode=4)

    shown, heartbeat = await ask(line, simulation.robot_node(), talk)
    assert heartbeat == 7
    values = registers.decode("robot", shown)
    assert values["protocol_version"] == 1
    assert values["state"] == "IDLE"


CASES: list[tuple[Point, Value, Callable[[minimalmodbus.Instrument], object]]] = [
    (Point("b", "p", 0, "i16", scale=0.1), -12.5, lambda master: master.read_register(0, 1, signed=True)),
    (Point("b", "p", 0, "i32"), -123_456, lambda master: master.read_long(0, signed=True)),
    (
        Point("b", "p", 0, "u32", word_order="little"),
        0xDEADBEEF,
        lambda master: master.read_long(0, byteorder=minimalmodbus.BYTEORDER_LITTLE_SWAP),
    ),
    (Point("b", "p", 0, "u64"), 2**60 + 1, lambda master: master.read_long(0, number_of_registers=4)),
    (Point("b", "p", 0, "f32"), 12.5, lambda master: master.read_float(0)),
    (
        Point("b", "p", 0, "f32", word_order="little"),
        -0.75,
        lambda master: master.read_float(0, byteorder=minimalmodbus.BYTEORDER_LITTLE_SWAP),
    ),
    (Point("b", "p", 0, "f64"), 1e-300, lambda master: master.read_float(0, number_of_registers=4)),
    (Point("b", "p", 0, "ascii", count=4), "AB-12345", lambda master: master.read_string(0, 4)),
]


@pytest.mark.parametrize(("point", "value", "read"), CASES)
async def test_the_foreign_master_reads_a_point_as_its_map_says(
    tmp_path: Path, point: Point, value: Value, read: Callable[[minimalmodbus.Instrument], object]
) -> None:
    bank = RegisterBank()
    bank.define(1, 0, 8)
    bank.set(1, 0, point.encode(value, [0] * point.width))
    assert await ask(tmp_path / "device", ModbusRtuServer(bank), read) == value


async def test_the_foreign_masters_broadcast_reaches_every_unit(tmp_path: Path) -> None:
    bank = RegisterBank()
    for unit in (1, 2):
        bank.define(unit, 0, 4, writable=True)

    def talk(master: minimalmodbus.Instrument) -> int:
        master.write_registers(2, [5, 6])  # to unit 0: nothing answers
        return 0

    await ask(tmp_path / "device", ModbusRtuServer(bank), talk, unit=0)
    assert bank.get(1, 2, 2) == bank.get(2, 2, 2) == (5, 6)
