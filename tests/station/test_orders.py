"""Orders: permitted again at the instant they leave, judged by the device's words, tried again after a resume."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.device import LockState, RobotRequest
from swapstation.model.journal import IntentRecorded
from swapstation.model.request import ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.station.order_tracking import truck_wire_id
from tests.station.situations import rules
from tests.station.walk import Answering, entering


def _frozen(station: Answering, device: str, **values: Any) -> Answering:
    """One cycle in which a device keeps saying the same."""
    return station.cycle().change(device, **values)


@pytest.mark.parametrize(
    ("step", "stuck"),
    [
        ("unlock", {"lock": LockState.LOCKED}),
        ("lock", {"lock": LockState.UNLOCKED}),
        ("unlock", {"lock": LockState.LOCKED, "receipt_id": 0}),
        ("release", {"receipt_id": 0}),
    ],
)
def test_a_truck_order_without_effect_is_tried_again_by_a_resume(step: str, stuck: dict[str, Any]) -> None:
    """The truck acts once per id, so the new try needs a new one."""
    station = start = entering(Exchange.STATION)[step]
    recipe = rules(Exchange.STATION).recipe.step(step)
    for _ in range(round((recipe.timeout_s + 1.0) * (1 + recipe.retries) * 10)):
        station = _frozen(station, "truck", **stuck)
    assert station.snapshot.state is StationState.HELD
    assert f"{recipe.alarm}@swap" in {alarm.alarm for alarm in station.memory.alarms}
    intents = [each for cycle in station.since(start) for each in cycle.records if isinstance(each, IntentRecorded)]
    assert len(intents) == 1 + recipe.retries
    resumed = station.cycle(ResumeStation())
    resumed.until(lambda each: each.step is None)


def test_an_order_is_permitted_again_when_it_leaves() -> None:
    start = entering(Exchange.STATION)["grip"].cycle()
    assert any(isinstance(each, IntentRecorded) for each in start.past[-1].records)
    driver_back = start.change("truck", parking_brake_set=False).cycle()
    assert driver_back.past[-1].commands == ()


def test_an_interlock_that_the_recipe_adds_is_asked_again_when_the_order_leaves() -> None:
    start = entering(Exchange.STATION)["grip"]
    recipe = start.rules.recipe
    steps = tuple(
        replace(step, interlocks=("robot_clear_of_truck",)) if step.name == "locate" else step for step in recipe.steps
    )
    start = replace(
        entering(Exchange.STATION)["locate"], rules=replace(start.rules, recipe=replace(recipe, steps=steps))
    )
    intended = start.cycle()
    assert any(isinstance(each, IntentRecorded) for each in intended.past[-1].records)
    assert intended.change("robot", clear_of_truck=False).cycle().past[-1].commands == ()


@pytest.mark.parametrize("request_bay", [0, 77])
def test_a_plc_that_asks_about_a_bay_that_does_not_exist_gets_no_answer(request_bay: int) -> None:
    station = entering(Exchange.PLC)["put"]
    asked = {"request": RobotRequest.BAY_DEAD, "request_id": 9, "request_bay": request_bay}
    for _ in range(5):
        station = _frozen(station.change("robot", **asked), "robot", **asked)
    answers = [each for cycle in station.past[-5:] for each in cycle.commands]
    assert not any(isinstance(each, commands.AnswerRobot) for each in answers)


@pytest.mark.parametrize(
    ("request_kind", "unsafe"),
    [
        (RobotRequest.TRUCK_POSE, ("robot", {"pose_x_mm": 500})),
        (RobotRequest.UNLOCK_TRUCK, ("truck", {"lock": LockState.MOVING})),
        (RobotRequest.LOCK_TRUCK, ("truck", {"lock": LockState.FAULT})),
        (RobotRequest.BAY_DEAD, ("1.io", {"contactor_closed": True})),
    ],
)
def test_the_plc_is_answered_only_when_the_sensors_agree(
    request_kind: RobotRequest, unsafe: tuple[str, dict[str, Any]]
) -> None:
    station = start = entering(Exchange.PLC)["unlock"]
    asked = {"request": request_kind, "request_id": 9, "request_bay": 1}
    for _ in range(5):
        station = _frozen(station.change("robot", **asked).change(unsafe[0], **unsafe[1]), "robot", **asked)
    sent = [each for cycle in station.since(start) for each in cycle.commands]
    assert not any(isinstance(each, commands.AnswerRobot) for each in sent)


@pytest.mark.parametrize(("command_id", "wire_id"), [(1, 1), (65_000, 65_000), (65_001, 1), (130_000, 65_000)])
def test_truck_ids_count_from_1_to_65000(command_id: int, wire_id: int) -> None:
    assert truck_wire_id(command_id) == wire_id
