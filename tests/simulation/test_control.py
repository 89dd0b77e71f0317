"""What a trainer may ask: answers, and refusals that name field, value and what is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from swapstation.config.settings import Config
from swapstation.simulation.control import Control
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from tests.simulation.desk import OTHER_VIN, VIN


@pytest.fixture
def control(config: Config, placement: Placement) -> Control:
    return Control(Simulation(config, placement))


def ask(control: Control, **request: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(control.answer(json.dumps(request).encode()))
    return answer


def test_truck_arrives_with_its_battery(control: Control) -> None:
    assert ask(control, do="truck_arrives", vin=VIN, soc_pct=15, battery="T1") == {
        "ok": True,
        "vin": VIN,
        "battery": "T1",
        "batteries": ["T1"],
    }
    state = ask(control, do="state")
    assert state["truck"] == {"vin": VIN, "phase": "arriving", "lock": "locked", "locks": ["locked"]}
    assert next(each for each in state["batteries"] if each["battery"] == "T1")["soc_pct"] == 15


def test_one_truck_at_a_time(control: Control) -> None:
    ask(control, do="truck_arrives", vin=VIN)
    refused = ask(control, do="truck_arrives", vin=OTHER_VIN)
    assert (refused["ok"], refused["field"]) == (False, "vin")
    assert VIN in refused["allowed"]


def test_speed_and_faults(control: Control) -> None:
    assert ask(control, do="set_speed", speed=30)["speed"] == 30
    assert ask(control, do="fault", name="smoke", target=2)["faults"] == ["smoke:2"]
    assert ask(control, do="fault", name="safety_open", target="door", on=True)["faults"] == [
        "safety_open:door",
        "smoke:2",
    ]
    assert ask(control, do="fault", name="smoke", target=2, on=False)["faults"] == ["safety_open:door"]


@pytest.mark.parametrize(
    ("request_", "field", "allowed"),
    [
        ({"do": "dance"}, "do", "truck_arrives"),
        ({"do": "set_speed", "speed": -1}, "speed", "0 to 200"),
        ({"do": "set_speed", "speed": "fast"}, "speed", "0 to 200"),
        ({"do": "set_speed"}, "speed", "0 to 200"),
        ({"do": "truck_arrives", "vin": "X"}, "vin", VIN),
        ({"do": "truck_arrives", "vin": VIN, "soc_pct": 101}, "soc_pct", "0 to 100"),
        ({"do": "truck_arrives", "vin": VIN, "battery": "A1"}, "battery", "T1"),
        ({"do": "truck_arrives", "vin": VIN, "colour": 1}, "colour", "vin"),
        ({"do": "truck_leaves"}, "do", "truck"),
        ({"do": "fault", "name": "gremlin"}, "name", "bms_silent"),
        ({"do": "fault", "name": "smoke"}, "target", "1, 2, 3, 4"),
        ({"do": "fault", "name": "safety_open", "target": "roof"}, "target", "estop"),
        ({"do": "fault", "name": "robot_fault", "on": "yes"}, "on", "true or false"),
    ],
)
def test_refusals_name_field_and_what_is_allowed(
    control: Control, request_: dict[str, object], field: str, allowed: str
) -> None:
    answer = ask(control, **request_)
    assert (answer["ok"], answer["field"]) == (False, field)
    assert allowed in answer["allowed"]
    assert field in answer["error"]


@pytest.mark.parametrize("line", [b"", b"\n", b"{", b"[1]", b"\xff\xfe", b"7"])
def test_a_line_that_is_no_object_is_refused(control: Control, line: bytes) -> None:
    assert json.loads(control.answer(line))["field"] == "line"
