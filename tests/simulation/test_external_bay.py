"""A bay played from outside: its report becomes truth, its sensors are those of the plant, its silence is dead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.simulation.can_end import SECOND_PTY, CanEnd
from swapstation.simulation.control import Control
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from swapstation.wire_address import parse_wire

BAY = 1
REPORT = {
    "do": "external_bay",
    "bay": BAY,
    "battery": "A1",
    "soc_pct": 96.5,
    "temperature_c": 31.0,
    "enabled": True,
    "voltage_v": 650.0,
    "current_a": 100.0,
    "contactor_closed": True,
    "battery_contactor_closed": True,
}


class Outside:
    """A simulation whose bay 1 is played from outside, and its control socket."""

    def __init__(self, config: Config, placement: Placement) -> None:
        self.simulation = Simulation(config, placement, speed=10.0, external_bay=BAY)
        self.plant = self.simulation.plant
        self.control = Control(self.simulation)
        self.now_s = 100.0

    def say(self, **changes: Any) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.control.answer(json.dumps(REPORT | changes).encode()))
        return answer

    def run(self, seconds: float, report: bool = True) -> None:
        for _ in range(round(seconds / 0.05)):
            if report:
                self.say(soc_pct=self.plant.batteries["A1"].soc_pct)
            self.now_s += 0.05
            self.simulation.advance(self.now_s)


@pytest.fixture
def outside(config: Config, placement: Placement) -> Outside:
    return Outside(config, placement)


def test_the_answer_describes_the_bay_and_its_battery(outside: Outside) -> None:
    answer = outside.say(battery="", soc_pct=0.0, contactor_closed=False, current_a=0.0)
    assert answer["ok"]
    assert (answer["presence_a"], answer["presence_b"], answer["mated"]) == (True, True, True)
    assert (answer["battery"], answer["soc_pct"], answer["speed"]) == ("A1", 95.0, 10.0)
    assert (answer["maker"], answer["serial"]) == ("001", 1)
    assert answer["max_voltage_v"] == 657.0
    assert outside.plant.batteries["A1"].soc_pct == 95.0  # the report was not about this battery


def test_a_report_becomes_the_truth_and_is_metered(outside: Outside) -> None:
    begun_kwh = outside.plant.meter_kwh
    outside.say()
    outside.run(2.0)
    battery = outside.plant.batteries["A1"]
    assert battery.soc_pct > 96.5
    assert battery.current_a == 100.0
    assert battery.energy_in_kwh == pytest.approx(battery.voltage_v * 100.0 * 20.0 / 3.6e6, rel=0.03)
    drawn_kwh = outside.plant.meter_kwh - begun_kwh
    assert drawn_kwh == pytest.approx((65.0 / 0.95 + 0.05 + 8.0) * 20.0 / 3600.0, rel=0.03)


def test_a_robot_that_lifts_the_battery_ends_its_current(outside: Outside) -> None:
    outside.run(0.2)
    outside.plant.batteries["A1"].place = "robot"
    outside.run(0.2)
    answer = outside.say()
    assert (answer["presence_a"], answer["mated"], answer["battery"]) == (False, False, None)
    assert outside.plant.bays[BAY].modules.current_a == 0.0


@pytest.mark.parametrize("knob", ["smoke", "module_fault", "bms_silent"])
def test_fault_knobs_reach_the_program(outside: Outside, knob: str) -> None:
    assert outside.say()[knob] is False
    outside.plant.faults.set(knob, str(BAY), True, tuple(outside.plant.bays))
    assert outside.say()[knob] is True


def test_a_silent_program_leaves_a_dead_bay(outside: Outside) -> None:
    outside.run(0.5)
    assert outside.plant.bays[BAY].contactor_closed
    outside.run(0.9, report=False)
    assert outside.plant.bays[BAY].contactor_closed
    outside.run(0.3, report=False)
    battery = outside.plant.batteries["A1"]
    assert not outside.plant.bays[BAY].contactor_closed
    assert (battery.current_a, battery.contactor_closed) == (0.0, False)
    assert outside.plant.bays[BAY].modules.grid_kw == 0.0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bay", 2),
        ("soc_pct", 101),
        ("soc_pct", None),
        ("enabled", 1),
        ("battery", None),
        ("current_a", -1),
        ("more", 1),
    ],
)
def test_a_wrong_report_names_its_field_and_changes_nothing(outside: Outside, field: str, value: object) -> None:
    answer = outside.say(**{field: value})
    assert not answer["ok"]
    assert answer["field"] == field
    assert outside.plant.batteries["A1"].soc_pct == 95.0
    assert not outside.plant.bays[BAY].contactor_closed


def test_no_bay_is_played_from_outside_unless_it_was_asked_for(config: Config, placement: Placement) -> None:
    answer = json.loads(Control(Simulation(config, placement)).answer(json.dumps(REPORT).encode()))
    assert answer["field"] == "bay"


def test_the_simulation_leaves_the_bay_out_of_both_segments(outside: Outside) -> None:
    station = outside.simulation.can_nodes["station"]
    sources = {frame.can_id & 0xFF for frame in station.due(200.0)}
    assert {0x80 + BAY, 0xA0 + BAY}.isdisjoint(sources)
    assert {0x82, 0xA2, 0x83, 0x84} <= sources
    assert list(outside.simulation.can_nodes[f"bay-{BAY}"].due(200.0)) == []


@pytest.mark.parametrize("bay", [3, 4, 9])
def test_only_a_direct_bay_can_be_played_from_outside(config: Config, placement: Placement, bay: int) -> None:
    with pytest.raises(InputError, match="1, 2"):
        Simulation(config, placement, external_bay=bay)


async def test_a_shared_segment_has_a_second_pty(outside: Outside, tmp_path: Path) -> None:
    address = parse_wire("station_can", f"slcan+serial://{tmp_path}/station?baud=115200")
    CanEnd("station_can", outside.simulation.can_nodes["station"], address, shared=True)
    assert (tmp_path / "station").exists()
    assert (tmp_path / f"station{SECOND_PTY}").exists()
