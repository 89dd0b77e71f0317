"""Signs of fire: each alone, in pairs, stale and never seen; what the last minute of a battery tells."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.command import RequestFeederCutOff, SetModules, ShutModules, StartCharge
from swapstation.model.device import ChargePhase
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.fire import WITNESSES, Detection, detections
from swapstation.station.fire_traces import WINDOW_S, traced
from tests.station.fire_station import LIMITS, SIGNS, Change, Plan, charge_says, value
from tests.station.situations import (
    charging,
    device,
    snapshot,
    stale,
    with_battery,
    with_device,
)


@pytest.mark.parametrize("name", SIGNS)
def test_each_sign_alone_stops_its_bay_and_those_beside_it_and_nothing_more(name: str) -> None:
    plan = Plan()
    plan.course(name)
    assert f"{SIGNS[name][0]}@bay-1" in plan.alarms
    assert plan.stopped() == (1, 2)
    assert "FIRE_CONFIRMED@station" not in plan.alarms
    assert RequestFeederCutOff() not in plan.sent
    assert plan.memory.state is StationState.IDLE


@pytest.mark.parametrize(("one", "other"), list(combinations(SIGNS, 2)))
def test_two_signs_confirm_a_fire_only_when_they_are_independent(one: str, other: str) -> None:
    """Seen in any order, also one after the other has gone."""
    for first, second in ((one, other), (other, one)):
        plan = Plan()
        plan.course(first)
        plan.course(second)
        plan.cycle()
        independent = WITNESSES[SIGNS[one][0]] != WITNESSES[SIGNS[other][0]]
        assert ("FIRE_CONFIRMED@station" in plan.alarms) is independent
        assert plan.stopped() == ((1, 2, 3, 9) if independent else (1, 2))


@pytest.mark.parametrize(("name", "quality"), list(product(SIGNS, (Quality.STALE, Quality.NEVER))))
def test_a_sensor_that_is_stale_or_was_never_seen_is_no_sign_and_permits_no_charge(name: str, quality: Quality) -> None:
    _, path, steps = SIGNS[name]
    now = charging()
    shown = steps[-1][1](now)
    unknown: Seen[Any] = stale(device(shown, path)) if quality is Quality.STALE else Seen()
    plan = Plan(now)
    plan.cycle(lambda now: with_device(steps[-1][1](now), path, unknown))
    assert plan.stopped() == ()
    assert not any(isinstance(command, SetModules | StartCharge) for command in plan.sent)


@pytest.mark.parametrize("name", ["hot battery", "BSM", "BST"])
def test_what_a_bms_said_before_it_fell_silent_is_no_sign(name: str) -> None:
    plan = Plan()
    change = SIGNS[name][2][-1][1]
    plan.cycle(lambda now: charge_says(bms_age_s=1.1)(change(now)))
    assert plan.alarms == {}


def test_a_sign_stops_a_running_charge_in_the_cycle_that_sees_it_beside_it_too() -> None:
    plan = Plan(charging())
    plan.cycle()
    assert SetModules(1, 600.0, 200.0) in plan.sent
    plan.cycle(value("2.io", smoke=True))
    assert ShutModules(1) in plan.sent
    assert not any(isinstance(command, SetModules) for command in plan.sent)


def test_a_stopped_bay_is_used_again_only_after_the_alarm_is_acknowledged() -> None:
    low: Change = lambda now: with_battery(now, "B1", soc_pct=50.0)  # noqa: E731
    plan = Plan()
    plan.cycle(lambda now: low(value("2.io", smoke=True)(now)))
    plan.cycle(low)
    assert plan.stopped() == (1, 2, 3)
    assert plan.memory.charge(1).order is None
    plan.cycle(low, AcknowledgeAlarm("BAY_SMOKE@bay-2"))
    plan.cycle(low)
    assert plan.stopped() == ()
    assert plan.memory.charge(1).order is not None


def _step(now: Snapshot, temperature_c: float, second: float) -> Snapshot:
    return replace(charge_says(max_temperature_c=temperature_c)(now), now_s=second)


def _seen_over(course: list[tuple[float, float]], **changes: Any) -> list[Detection]:
    traces: tuple[Any, ...] = ()
    now = snapshot()
    for second, temperature_c in course:
        now = charge_says(**changes)(_step(snapshot(), temperature_c, second))
        traces = traced(now, traces, LIMITS)
    return list(detections(now, traces, LIMITS))


def test_the_limit_of_heating_is_a_rise_within_one_minute() -> None:
    """10 K/min: the greatest single step does not count, so 11 steps of 1 K are not above it and 12 are."""
    assert _seen_over([(second, 30.0 + second) for second in range(12)]) == []
    (found,) = _seen_over([(second, 30.0 + second) for second in range(13)])
    assert (found.code, found.bay.number) == ("BATTERY_HEATING", 1)
    assert _seen_over([(second, 25.0 + second / 6) for second in range(160)]) == [], "slower than the limit"


def test_a_probe_that_comes_back_with_another_value_is_no_fire() -> None:
    assert _seen_over([(0.0, 20.0), (5.0, 50.0), (10.0, 50.0)]) == []


def test_heating_is_judged_anew_for_another_battery() -> None:
    before = [(second, 30.0 + second) for second in range(12)]
    traces: tuple[Any, ...] = ()
    for second, temperature_c in before:
        traces = traced(_step(snapshot(), temperature_c, second), traces, LIMITS)
    other = replace(_step(snapshot(), 54.0, 12.0), bays=tuple(replace(bay, battery="B9") for bay in snapshot().bays))
    assert list(detections(other, traced(other, traces, LIMITS), LIMITS)) == []


def test_a_voltage_that_falls_while_charging_is_no_sign() -> None:
    plan = Plan()
    for voltage_v in (650.0, 500.0):
        plan.cycle(charge_says(voltage_v=voltage_v, phase=ChargePhase.CHARGING), after_s=2.0)
    assert plan.stopped() == ()


def test_a_trace_stays_small() -> None:
    traces: tuple[Any, ...] = ()
    for tenth in range(6000):
        traces = traced(_step(snapshot(), 30.0 + tenth % 2, tenth / 10), traces, LIMITS)
    assert max(len(trace.temperatures) for trace in traces) <= WINDOW_S + 2
