"""The seat offset of an order on the wire: what we write is what the reference firmware reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swapstation.devices.register_write import registers_of
from swapstation.devices.robot_plc import order_values
from swapstation.model import command as commands
from swapstation.model.command import ExchangeBattery, GripBattery, LocateTruck
from swapstation.model.inventory import SeatOffset
from swapstation.protocol.register_files import load_register_map
from swapstation.simulation.firmware.robot_panel import order_of
from swapstation.simulation.firmware.robot_words import Command, Order

MAP = load_register_map("robot_plc")
SEAT = ("seat_x_mm", "seat_y_mm", "seat_z_mm")
MM = st.integers(-500, 500)


def read_back(command: commands.Command) -> tuple[object, ...]:
    """The offset in the registers of one order."""
    address, registers = registers_of(MAP, "station", {**order_values(command, 7), "order_epoch": 1})
    block = MAP.blocks["station"]
    image = [0] * block.count
    image[address - block.address : address - block.address + len(registers)] = registers
    values = MAP.decode("station", image)
    return tuple(values[name] for name in SEAT)


@given(MM, MM, MM)
def test_an_offset_goes_over_the_wire_unchanged(x_mm: int, y_mm: int, z_mm: int) -> None:
    assert read_back(LocateTruck(1, x_mm, y_mm, z_mm)) == (x_mm, y_mm, z_mm)
    assert read_back(ExchangeBattery(1, 3, 1, 1, x_mm, y_mm, z_mm)) == (x_mm, y_mm, z_mm)


@given(MM, MM, MM)
def test_the_firmware_makes_the_same_order_of_it_without_a_wire(x_mm: int, y_mm: int, z_mm: int) -> None:
    told = order_of(Command.EXCHANGE, order_values(ExchangeBattery(1, 3, 2, 4, x_mm, y_mm, z_mm), 7))
    assert told == Order(Command.EXCHANGE, 1, 3, 2, 7, 4, SeatOffset(x_mm, y_mm, z_mm))


def test_other_orders_carry_none() -> None:
    assert read_back(GripBattery()) == (0, 0, 0)
