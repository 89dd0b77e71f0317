"""What goes wrong in a swap, at every step: the station holds, says why, and goes on only when told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.command import HoldRobot, ResetRobot, RobotOrder, TruckOrder
from swapstation.model.device import RobotResult, RobotState
from swapstation.model.journal import IntentRecorded, SwapStepped
from swapstation.model.request import HoldStation, ResumeStation
from swapstation.model.seen import Seen
from swapstation.model.snapshot import StationState
from tests.station.situations import rules, stale
from tests.station.walk import Answering, Cycle, entering

TRUCK_COMMANDS = ("unlock_truck", "lock_truck", "release_truck")
STEPS = [(exchange, step) for exchange in Exchange for step in rules(exchange).recipe.steps]
WAITING = [(exchange, step.name) for exchange, step in STEPS if step.action != "close"]
ORDERED = [(exchange, step.name) for exchange, step in STEPS if step.command and step.command not in TRUCK_COMMANDS]
BY_ROBOT = [(exchange, step) for exchange, step in ORDERED if exchange is Exchange.STATION]
HOLDING, HELD, EXECUTE = StationState.HOLDING, StationState.HELD, StationState.EXECUTE


def _ids(value: object) -> str:
    return str(value)


def _orders(cycles: tuple[Cycle, ...]) -> list[object]:
    return [each for cycle in cycles for each in cycle.commands if isinstance(each, RobotOrder | TruckOrder)]


def _intents(cycles: tuple[Cycle, ...]) -> list[IntentRecorded]:
    return [each for cycle in cycles for each in cycle.records if isinstance(each, IntentRecorded)]


def _alarms(station: Answering) -> set[str]:
    return {alarm.alarm for alarm in station.memory.alarms}


def _done(station: Answering) -> bool:
    return station.snapshot.state is StationState.IDLE and station.step is None


@pytest.mark.parametrize(("exchange", "step"), WAITING, ids=_ids)
def test_a_hold_stops_the_robot_and_nothing_is_ordered_until_the_resume(exchange: Exchange, step: str) -> None:
    before = entering(exchange)[step].run(0.2)
    moving = before.snapshot.robot.good is not None and before.snapshot.robot.good.state is RobotState.BUSY
    held = before.cycle(HoldStation()).run(5.0)
    assert held.snapshot.state is HELD
    assert not moving or HoldRobot() in [each for cycle in held.since(before) for each in cycle.commands]
    assert _orders(held.since(before)) == []
    assert _intents(held.since(before)) == []
    assert held.step == before.step
    resumed = held.cycle(ResumeStation())
    assert _done(resumed.until(_done, 120.0))


@pytest.mark.parametrize(("exchange", "step"), ORDERED, ids=_ids)
def test_an_order_sent_just_before_a_hold_is_followed_by_the_hold(exchange: Exchange, step: str) -> None:
    """The robot may take it up after its last word to us, so its silence is not a standstill."""
    start = entering(exchange)[step]
    sent = replace(start, deaf=True).until(lambda station: bool(_orders(station.since(start))))
    held = sent.cycle(HoldStation())
    assert HoldRobot() in held.past[-1].commands


@pytest.mark.parametrize(("exchange", "step"), WAITING, ids=_ids)
def test_a_lost_robot_link_holds_until_its_data_return(exchange: Exchange, step: str) -> None:
    before = entering(exchange)[step]
    lost = replace(before, snapshot=replace(before.snapshot, robot=stale(before.snapshot.robot), safety=Seen()))
    station = lost
    for _ in range(50):
        station = station.cycle()
        seen = replace(station.snapshot, robot=lost.snapshot.robot, safety=Seen())
        station = replace(station, snapshot=seen, job=before.job)
    assert station.snapshot.state is HOLDING
    assert "ROBOT_LINK_LOST@robot" in _alarms(station)
    assert _orders(station.since(before)) == []
    assert all(HoldRobot() in cycle.commands for cycle in station.past[-10:])
    back = replace(station.snapshot, robot=before.snapshot.robot, safety=before.snapshot.safety)
    assert replace(station, snapshot=back).run(0.5).snapshot.state is HELD


@pytest.mark.parametrize(("exchange", "step"), WAITING, ids=_ids)
def test_nothing_moves_on_while_a_record_is_being_written(exchange: Exchange, step: str) -> None:
    before = entering(exchange)[step]
    pending = replace(before, snapshot=replace(before.snapshot, journal_pending=1))
    waited = pending.run(0.5)
    assert [each for cycle in waited.since(before) for each in cycle.records if isinstance(each, SwapStepped)] == []
    assert waited.step == before.step


@pytest.mark.parametrize(("exchange", "step"), ORDERED, ids=_ids)
def test_an_order_the_device_did_not_take_is_sent_again_under_its_id(exchange: Exchange, step: str) -> None:
    start = entering(exchange)[step]
    waited = replace(start, deaf=True).run(5.0)
    sendings = [each for cycle in waited.since(start) for each in cycle.decision.sendings]
    ids = [each.command_id for each in sendings if isinstance(each.command, RobotOrder)]
    assert 3 <= len(ids) <= 6
    assert len(set(ids)) == 1


@pytest.mark.parametrize(("exchange", "step"), ORDERED, ids=_ids)
def test_a_step_that_does_not_end_in_time_raises_its_alarm_and_holds(exchange: Exchange, step: str) -> None:
    definition = rules(exchange).recipe.step(step)
    start = replace(entering(exchange)[step], deaf=True)
    held = start.until(lambda station: station.snapshot.state in (HOLDING, HELD), definition.timeout_s + 5.0)
    assert f"{definition.alarm}@swap" in _alarms(held)
    assert held.step == step
    again = replace(held.run(1.0), deaf=False).cycle(ResumeStation())
    assert again.run(1.0).snapshot.state is EXECUTE
    assert _done(again.until(_done, 120.0))


@pytest.mark.parametrize(("exchange", "step"), BY_ROBOT, ids=_ids)
@pytest.mark.parametrize("result", [RobotResult.FAILED, RobotResult.ABORTED, RobotResult.NONE])
def test_failed_orders_are_tried_again_as_often_as_the_recipe_says(
    exchange: Exchange, step: str, result: RobotResult
) -> None:
    definition = rules(exchange).recipe.step(step)
    station = start = replace(entering(exchange)[step], deaf=True)
    for _ in range(100):
        station = station.cycle()
        orders = [each for each in station.past[-1].decision.sendings if isinstance(each.command, RobotOrder)]
        for each in orders:
            station = station.change("robot", accepted_id=each.command_id, done_id=each.command_id, result=result)
    assert len(_intents(station.since(start))) == 1 + definition.retries
    assert station.snapshot.state is HELD
    assert f"{definition.alarm}@swap" in _alarms(station)
    again = replace(station, deaf=False).cycle(ResumeStation())
    assert _done(again.until(_done, 120.0))


@pytest.mark.parametrize(("exchange", "step"), BY_ROBOT, ids=_ids)
def test_an_order_the_plc_refuses_ends_in_a_hold_that_names_the_refusal(exchange: Exchange, step: str) -> None:
    station = replace(entering(exchange)[step], deaf=True)
    for _ in range(100):
        station = station.cycle()
        for each in station.past[-1].decision.sendings:
            if isinstance(each.command, RobotOrder):
                station = station.change("robot", accepted_id=each.command_id, refusal_code="SAFETY_CHAIN_OPEN")
    alarm = next(alarm for alarm in station.memory.alarms if alarm.source == "swap")
    assert station.snapshot.state is HELD
    assert "SAFETY_CHAIN_OPEN" in alarm.detail


@pytest.mark.parametrize(("exchange", "step"), BY_ROBOT, ids=_ids)
def test_a_resume_resets_a_robot_fault_and_the_swap_goes_on(exchange: Exchange, step: str) -> None:
    """As the text of ROBOT_FAULT tells people to do."""
    fault = entering(exchange)[step].change("robot", state=RobotState.FAULT, fault_words=(4, 0))
    held = replace(fault, job=None).run(1.0)
    assert held.snapshot.state is HELD
    assert "ROBOT_FAULT@robot" in _alarms(held)
    resumed = held.cycle(ResumeStation()).cycle()
    assert ResetRobot() in resumed.past[-1].commands
    assert _done(resumed.until(_done, 120.0))
