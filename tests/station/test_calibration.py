"""Full charges: begun in quiet hours only, one at a time, never for a promised battery, recorded after their rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from swapstation.config.battery_care import Calibration
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.charge_plan import Availability, ChargePlan
from swapstation.model.command import StartCharge
from swapstation.model.device import ChargePhase
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import IntentRecorded
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.calibration import AHEAD, GIVEN_UP_S, LOOK_S, run_calibration
from swapstation.station.charging import run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import Calibrating, ChargeMemory, DueBattery, Planning
from tests.station.situations import (
    AT,
    FRESH_BAY,
    MODEL,
    config,
    draft,
    rules,
    snapshot,
    swapping,
    with_battery,
    with_bay,
    with_value,
)

CARE = Calibration(every_days=30.0, every_charges=50, rest_s=1800.0, ready_reserve=1)
RUNS = Calibrating(FRESH_BAY, "B1", 90.0)


def quiet(full_at: datetime | None = AT - timedelta(days=31), charges: int = 3) -> Snapshot:
    """No truck; B1 is due (or not), B2 is ready too."""
    now = with_battery(replace(snapshot(), truck=Seen()), "B1", full_at=full_at, charges_since_full=charges)
    return with_battery(now, "B2", full_at=AT, charges_since_full=0)


def decided(now: Snapshot, care: Calibration = CARE, **memory: Any) -> Draft:
    model = replace(config().battery_models[0], calibration=care)
    cycle = draft(now, **memory)
    cycle = replace(cycle, rules=replace(rules(), config=replace(config(), battery_models=(model,))))
    run_calibration(cycle)
    return cycle


@pytest.mark.parametrize(
    ("full_at", "charges", "begins"),
    [
        (AT - timedelta(days=31), 0, True),
        (AT - timedelta(days=29), 0, False),
        (AT - timedelta(days=1), 50, True),
        (AT - timedelta(days=1), 49, False),
        (None, 0, True),
    ],
)
def test_a_battery_is_due_by_days_or_by_charges(full_at: datetime | None, charges: int, begins: bool) -> None:
    calibrating = decided(quiet(full_at, charges)).memory.calibrating
    assert (calibrating == Calibrating(FRESH_BAY, "B1", 100.0)) is begins


def test_a_model_without_the_table_is_never_charged_full() -> None:
    cycle = draft(quiet())
    run_calibration(cycle)
    assert cycle.memory.calibrating is None


def _held(now: Snapshot) -> Snapshot:
    holds = (Hold("BK1", HoldKind.BOOKING, battery="B1", vin="X"),)
    return replace(now, inventory=replace(now.inventory, holds=holds))


@pytest.mark.parametrize(
    "busy",
    [
        lambda now: replace(now, truck=snapshot().truck),
        lambda now: replace(now, inventory=replace(now.inventory, swap=swapping().inventory.swap)),
        lambda now: with_battery(now, "B2", soc_pct=50.0),
        lambda now: with_battery(now, "B1", quarantined=True),
        lambda now: replace(now, journal_error="disk full"),
        _held,
    ],
    ids=["truck", "swap", "no reserve", "quarantined", "disk", "booked"],
)
def test_nothing_begins_while_anybody_may_need_the_battery(busy: Any) -> None:
    assert decided(busy(quiet())).memory.calibrating is None


def test_a_battery_that_is_due_for_a_promise_is_left_alone() -> None:
    due = (DueBattery(FRESH_BAY, "B1", "BK1", 80.0, AT),)
    assert decided(quiet(), due=due).memory.calibrating is None


@pytest.mark.parametrize(("free", "ahead", "begins"), [(2, AHEAD, True), (1, AHEAD, False), (0, 2 * AHEAD, True)])
def test_the_plan_says_whether_the_next_hours_are_quiet(free: int, ahead: timedelta, begins: bool) -> None:
    plan = ChargePlan("P1", AT, (), availability=(Availability(MODEL, AT + ahead, 90.0, free),))
    cycle = decided(quiet(), planning=Planning(plan, plan, since_s=100.0))
    assert (cycle.memory.calibrating is not None) is begins


def test_a_battery_is_looked_for_once_a_minute() -> None:
    assert decided(quiet(), calibration_looked_s=100.0 - LOOK_S + 1.0).memory.calibrating is None
    assert decided(quiet(), calibration_looked_s=100.0 - LOOK_S).memory.calibrating is not None


def charged(now: Snapshot, soc_pct: float, phase: ChargePhase = ChargePhase.END) -> Snapshot:
    now = with_battery(now, "B1", soc_pct=soc_pct)
    return with_value(now, "1.charge", lambda each: replace(each, soc_pct=soc_pct, phase=phase))


def test_it_charges_to_the_very_end() -> None:
    cycle = decided(charged(quiet(), 98.5, ChargePhase.IDLE), calibrating=RUNS)
    run_charging(cycle)
    (start,) = (record for record in cycle.records if isinstance(record, IntentRecorded))
    assert '"target_soc_pct": 100.0' in start.parameters
    goal = cycle.memory.charge(FRESH_BAY).goal
    assert goal is not None
    assert [why.code for why in goal.reasons] == ["calibration_charges"]


def test_a_full_battery_rests_without_current_and_is_then_recorded() -> None:
    full = decided(charged(quiet(), 100.0), calibrating=RUNS)
    assert full.memory.calibrating == replace(RUNS, full_s=100.0)
    assert full.records == []
    run_charging(full)
    assert full.sendings == []
    resting = replace(charged(quiet(), 99.0), now_s=100.0 + CARE.rest_s - 1.0)
    still = decided(resting, calibrating=full.memory.calibrating)
    assert (still.memory.calibrating, still.records) == (full.memory.calibrating, [])
    rested = decided(replace(resting, now_s=100.0 + CARE.rest_s), calibrating=full.memory.calibrating)
    assert rested.records == [BatteryBalanced("B1", CARE.rest_s)]
    assert rested.memory.calibrating is None


def test_a_charge_that_still_runs_is_not_full_yet() -> None:
    assert decided(charged(quiet(), 100.0, ChargePhase.CHARGING), calibrating=RUNS).memory.calibrating == RUNS


@pytest.mark.parametrize(
    ("now", "memory"),
    [
        (replace(quiet(), truck=snapshot().truck), {}),
        (_held(quiet()), {}),
        (with_bay(quiet(), FRESH_BAY, battery="B2"), {}),
        (replace(quiet(), now_s=90.0 + GIVEN_UP_S), {}),
        (quiet(), {"charges": (ChargeMemory(FRESH_BAY, battery="B1", failures=1),)}),
        (quiet(), {"charges": (ChargeMemory(FRESH_BAY, battery="B1", stopped=True),)}),
    ],
    ids=["truck", "booked", "gone", "too long", "failed", "stopped by a person"],
)
def test_a_truck_a_person_and_a_failure_end_it_without_a_record(now: Snapshot, memory: dict[str, Any]) -> None:
    cycle = decided(now, calibrating=RUNS, **memory)
    assert (cycle.memory.calibrating, cycle.records) == (None, [])


def test_it_never_starts_what_the_permit_forbids() -> None:
    smoking = with_value(charged(quiet(), 90.0, ChargePhase.IDLE), "1.io", lambda io: replace(io, smoke=True))
    cycle = decided(smoking, calibrating=RUNS)
    run_charging(cycle)
    assert not any(isinstance(each.command, StartCharge) for each in cycle.sendings)
    assert cycle.records == []
