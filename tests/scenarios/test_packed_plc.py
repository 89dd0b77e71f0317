"""A whole swap with the PLC that speaks packed structs, in virtual time: one order, its requests, its faults."""

from __future__ import annotations

import re
from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from tests.scenarios.test_whole_swap import SPEED, VIN, drive_in, run_swap
from tests.scenarios.virtual_station import virtual_station


def packed(text: str) -> str:
    """The configuration with the packed PLC in place of the reference one."""
    wire = 'robot = "packed-plc+tcp-listen://127.0.0.1:29100"'
    return re.sub(r'robot = "[^"]*"', wire, text) + '\n[adapters]\nexchanger = "packed_plc"\n'


def test_a_truck_gets_a_fresh_battery(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.PLC, Charging.DIRECT, SPEED, detour=packed) as station:
        station.start_up()
        drive_in(station)
        steps = run_swap(station)
        assert steps == [step.name for step in station.recipe.steps]
