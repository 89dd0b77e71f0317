"""What these scenarios have found: each as it was, so that it stays mended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.command import ExchangeBattery, LockTruck, PickBattery, UnlockTruck
from swapstation.model.device import LockState, RobotState
from swapstation.model.request import ResumeStation
from tests.reliability.failing import Failure, healthy, says
from tests.reliability.steps import STOPPED
from tests.station.walk import Answering, entering


def _held(exchange: Exchange, step: str, failure: Failure, limit_s: float = 2.0) -> Answering:
    return failure(entering(exchange)[step]).until(lambda station: station.memory.state in STOPPED, limit_s)


def _alarms(station: Answering) -> set[str]:
    return {alarm.alarm for alarm in station.memory.alarms if not alarm.root}


@pytest.mark.parametrize("exchange", Exchange)
@pytest.mark.parametrize("failure", [says("1.io", smoke=True), says("1.charge", max_temperature_c=70.0)])
def test_a_battery_that_burns_in_its_bay_was_fetched_and_put_onto_the_truck(
    exchange: Exchange, failure: Failure
) -> None:
    start = entering(exchange)["deaden_bay"]
    held = failure(start).run(5.0)
    assert held.memory.state in STOPPED
    orders = [each for cycle in held.since(start) for each in cycle.commands]
    assert not any(isinstance(each, PickBattery | ExchangeBattery) for each in orders)


def test_the_old_battery_was_set_down_in_a_bay_that_smokes_when_the_plc_runs_the_exchange() -> None:
    assert _held(Exchange.PLC, "put", says("3.io", smoke=True), 0.2).snapshot.inventory.at("bay-3") is None


@pytest.mark.parametrize("exchange", Exchange)
def test_a_swap_held_by_smoke_goes_on_only_after_the_bay_is_quiet_and_acknowledged(exchange: Exchange) -> None:
    held = healthy(_held(exchange, "put", says("3.io", smoke=True))).run(1.0)
    assert held.cycle(ResumeStation()).run(1.0).memory.state in STOPPED


def test_a_battery_whose_bms_contradicts_the_record_was_exchanged_by_the_plc() -> None:
    held = _held(Exchange.PLC, "position", says("1.charge", serial=77))
    assert _alarms(held) == {"BATTERY_IDENTITY_MISMATCH@bay-1"}
    assert not any(isinstance(each, ExchangeBattery) for cycle in held.past for each in cycle.commands)


@pytest.mark.parametrize(
    ("step", "stuck", "order"), [("unlock", LockState.UNLOCKED, UnlockTruck), ("lock", LockState.LOCKED, LockTruck)]
)
def test_a_stuck_lock_sensor_ended_a_step_before_the_truck_was_ordered_anything(
    step: str, stuck: LockState, order: type[UnlockTruck | LockTruck]
) -> None:
    start = entering(Exchange.STATION)[step]
    after = says("truck", lock=stuck)(start).until(lambda station: station.step != step, 5.0)
    assert any(isinstance(each, order) for cycle in after.since(start) for each in cycle.commands)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_lock_that_loses_its_confirmation_was_told_only_at_the_end_of_the_step(exchange: Exchange) -> None:
    held = _held(exchange, "ungrip", says("truck", lock=LockState.MOVING), 1.0)
    assert _alarms(held) == {"LOCK_NOT_CLOSED@truck"}


def test_a_plc_that_asks_for_locks_that_read_closed_already_was_answered_without_any_order() -> None:
    start = says("truck", lock=LockState.LOCKED)(entering(Exchange.PLC)["place"])
    after = start.until(lambda station: station.step not in ("place", "lock"), 10.0)
    assert any(isinstance(each, LockTruck) for cycle in after.since(start) for each in cycle.commands)


@pytest.mark.parametrize("state", [RobotState.OFFLINE, RobotState.ESTOP])
def test_drives_that_go_off_line_in_a_swap_were_told_only_at_the_end_of_the_step(state: RobotState) -> None:
    start = replace(entering(Exchange.STATION)["put"], deaf=True)
    held = says("robot", state=state)(start).cycle()
    assert held.memory.state in STOPPED
    assert _alarms(held) == {"ROBOT_FAULT@robot"}


def test_a_release_that_an_interlock_forbids_was_told_as_a_lost_truck_link() -> None:
    start = says("robot", clear_of_truck=False)(entering(Exchange.STATION)["release"])
    held = start.until(lambda station: station.memory.state in STOPPED, 30.0)
    assert _alarms(held) == {"TRUCK_NOT_RELEASED@swap"}
