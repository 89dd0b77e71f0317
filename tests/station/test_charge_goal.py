"""The goal of a charge: a person before the plan, the plan before the rule, and what a bay is told because of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swapstation.model.charge_plan import ChargePlan, PlannedBay, PlanReason
from swapstation.model.command import (
    Command,
    LimitCharge,
    PauseCharge,
    ResumeCharge,
    SetModules,
    StartCharge,
    StopCharge,
)
from swapstation.model.device import ChargerState
from swapstation.model.journal import IntentRecorded
from swapstation.model.snapshot import ChargerAbilities, ModuleDemand, Snapshot
from swapstation.station.charge_goal import charge_goal
from swapstation.station.charge_pause import LEAST_FLOW_S, LEAST_PAUSE_S, MOST_STARTS, PAUSE_MARGIN_S
from swapstation.station.charging import run_charging
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from tests.station.situations import (
    CHARGER_BAY,
    FRESH_BAY,
    charging,
    config,
    draft,
    low,
    snapshot,
    swapping,
    with_battery,
    with_bay,
    with_value,
)

AT = datetime(2026, 3, 1, tzinfo=UTC)
WHY = PlanReason("plan_waits_for_price", {"until": "13:00"})


def planning(now: Snapshot, power_kw: float, target_pct: float = 80.0, bay: int = FRESH_BAY) -> Snapshot:
    """The snapshot with a plan for the battery of one bay."""
    planned = PlannedBay(bay, f"B{bay}", power_kw, target_pct, reasons=(WHY,))
    return replace(now, plan=ChargePlan("P1", AT, (planned,)))


def decided(now: Snapshot, *charges: ChargeMemory) -> Draft:
    cycle = draft(now, charges=charges)
    run_charging(cycle)
    return cycle


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings if not isinstance(each.command, SetModules)]


def starts(cycle: Draft) -> list[str]:
    return [each.parameters for each in cycle.records if isinstance(each, IntentRecorded)]


def running(bay: int = FRESH_BAY, **changes: object) -> ChargeMemory:
    memory = ChargeMemory(bay, running=True, battery=f"B{bay}", told_kw=250.0)
    return replace(memory, **changes)  # type: ignore[arg-type]


def charger_charges(state: ChargerState = ChargerState.CHARGING) -> Snapshot:
    """Bay 2 while its charger charges."""
    now = with_value(snapshot(), "2.charger", lambda charger: replace(charger, state=state))
    return with_battery(now, "B2", soc_pct=50.0)


@pytest.mark.parametrize(
    ("now", "memory", "target_pct", "max_kw"),
    [
        (snapshot(), ChargeMemory(FRESH_BAY), 95.0, 250.0),
        (planning(snapshot(), 90.0), ChargeMemory(FRESH_BAY), 80.0, 90.0),
        (planning(snapshot(), 999.0), ChargeMemory(FRESH_BAY), 80.0, 250.0),
        (planning(snapshot(), 4.0), ChargeMemory(FRESH_BAY), 80.0, 15.0),
        (planning(snapshot(), 0.0), ChargeMemory(FRESH_BAY), 80.0, 0.0),
        (planning(snapshot(), -50.0), ChargeMemory(FRESH_BAY), 80.0, 0.0),
        (planning(snapshot(), 0.0), ChargeMemory(FRESH_BAY, target_soc_pct=90.0), 90.0, 250.0),
        (planning(snapshot(), 0.0), ChargeMemory(FRESH_BAY, target_soc_pct=90.0, max_power_kw=60.0), 90.0, 60.0),
        (planning(snapshot(), 90.0, bay=CHARGER_BAY), ChargeMemory(FRESH_BAY), 95.0, 250.0),
    ],
    ids=["rule", "plan", "above the bay", "least", "waits", "discharge", "person", "person's power", "another bay"],
)
def test_a_person_comes_before_the_plan_and_the_plan_before_the_rule(
    now: Snapshot, memory: ChargeMemory, target_pct: float, max_kw: float
) -> None:
    goal = charge_goal(draft(now), now.bay(FRESH_BAY), memory)
    assert (goal.target_soc_pct, goal.max_kw) == (target_pct, max_kw)


def test_the_plan_counts_for_its_battery_alone() -> None:
    now = with_bay(planning(snapshot(), 0.0), FRESH_BAY, battery="B7")
    assert charge_goal(draft(now), now.bay(FRESH_BAY), ChargeMemory(FRESH_BAY)).max_kw == 250.0


def test_the_goal_is_kept_with_its_reasons_to_be_shown() -> None:
    goal = decided(planning(low(snapshot()), 0.0)).memory.charge(FRESH_BAY).goal
    assert goal is not None
    assert (goal.waits, goal.reasons) == (True, (WHY,))


def test_a_battery_that_is_to_wait_is_not_started() -> None:
    assert starts(decided(planning(low(snapshot()), 0.0))) == []
    assert starts(decided(planning(low(snapshot()), 60.0))) == [
        '{"bay": 1, "power_limit_kw": 60.0, "target_soc_pct": 80.0}'
    ]


def test_a_charge_ends_at_the_target_of_the_plan() -> None:
    assert StopCharge(FRESH_BAY, reached=True) in sent(decided(planning(charging(80.0), 90.0), running()))


def test_a_charge_without_a_share_is_told_what_the_plan_lets_it_take() -> None:
    cycle = decided(planning(charger_charges(), 90.0, bay=CHARGER_BAY), running(CHARGER_BAY))
    assert sent(cycle) == [LimitCharge(CHARGER_BAY, 90.0, raises=False)]
    again = decided(planning(charger_charges(), 90.0, bay=CHARGER_BAY), *cycle.memory.charges)
    assert sent(again) == []


def test_a_limit_that_a_charger_does_not_show_is_told_again() -> None:
    now = with_value(charger_charges(), "2.charger", lambda each: replace(each, power_limit_kw=250.0))
    memory = running(CHARGER_BAY, told_kw=90.0, told_s=now.now_s - 2.0)
    assert sent(decided(planning(now, 90.0, bay=CHARGER_BAY), memory)) == [LimitCharge(CHARGER_BAY, 90.0, raises=False)]


def test_a_charger_that_cannot_be_limited_is_not_told() -> None:
    now = with_bay(charger_charges(), CHARGER_BAY, abilities=ChargerAbilities(limits=False))
    assert sent(decided(planning(now, 90.0, bay=CHARGER_BAY), running(CHARGER_BAY))) == []


def test_the_modules_obey_the_plan_in_the_same_cycle() -> None:
    commands = [each.command for each in decided(planning(charging(), 60.0), running()).sendings]
    assert SetModules(FRESH_BAY, 600.0, 100.0) in commands


@pytest.mark.parametrize(
    ("now", "bay"), [(charging(), FRESH_BAY), (charger_charges(), CHARGER_BAY)], ids=["direct", "charger"]
)
def test_a_charge_that_is_to_wait_is_paused_and_told_again_until_it_shows_it(now: Snapshot, bay: int) -> None:
    cycle = decided(planning(now, 0.0, bay=bay), running(bay))
    assert sent(cycle) == [PauseCharge(bay)]
    assert sent(decided(planning(now, 0.0, bay=bay), *cycle.memory.charges)) == []
    later = replace(planning(now, 0.0, bay=bay), now_s=now.now_s + 2.0)
    assert sent(decided(later, *cycle.memory.charges)) == [PauseCharge(bay)]
    shown = with_value(later, "2.charger", lambda each: replace(each, state=ChargerState.PAUSED))
    shown = with_bay(shown, FRESH_BAY, demand=ModuleDemand(True, 600.0, 0.0, 0.0))
    assert sent(decided(shown, *cycle.memory.charges)) == []


def test_a_charge_runs_for_a_while_before_it_is_paused() -> None:
    now = planning(charging(), 0.0)
    assert sent(decided(now, running(flows_s=now.now_s - LEAST_FLOW_S + 1.0, told_kw=15.0))) == []


@pytest.mark.parametrize(
    ("paused_for_s", "asked_pct", "goes_on"), [(LEAST_PAUSE_S, None, True), (10.0, None, False), (10.0, 90.0, True)]
)
def test_a_pause_lasts_for_a_while_unless_a_person_asks(
    paused_for_s: float, asked_pct: float | None, goes_on: bool
) -> None:
    now = with_bay(planning(charging(), 90.0), FRESH_BAY, demand=ModuleDemand(True, 600.0, 0.0, 0.0))
    memory = running(paused_s=now.now_s - paused_for_s, target_soc_pct=asked_pct)
    power_kw = 90.0 if asked_pct is None else 250.0
    assert sent(decided(now, memory)) == ([ResumeCharge(FRESH_BAY, power_kw)] if goes_on else [])


def test_a_pause_ends_in_good_order_before_the_standard_ends_it() -> None:
    now = with_bay(planning(charging(), 0.0), FRESH_BAY, demand=ModuleDemand(True, 600.0, 0.0, 0.0))
    longest_s = config().bay(FRESH_BAY).gbt27930.pause_s - PAUSE_MARGIN_S
    assert sent(decided(now, running(paused_s=now.now_s - longest_s + 1.0))) == []
    assert sent(decided(now, running(paused_s=now.now_s - longest_s))) == [StopCharge(FRESH_BAY, reached=True)]


def test_a_charger_that_cannot_pause_is_stopped() -> None:
    now = with_bay(charger_charges(), CHARGER_BAY, abilities=ChargerAbilities(pauses=False))
    assert sent(decided(planning(now, 0.0, bay=CHARGER_BAY), running(CHARGER_BAY))) == [
        StopCharge(CHARGER_BAY, reached=True)
    ]


def test_a_charge_whose_battery_is_to_give_power_back_is_ended_not_paused() -> None:
    assert sent(decided(planning(charger_charges(), -50.0, bay=CHARGER_BAY), running(CHARGER_BAY))) == [
        StopCharge(CHARGER_BAY, reached=True)
    ]


def test_contactors_close_a_bounded_number_of_times_in_an_hour() -> None:
    now = planning(low(snapshot()), 90.0)
    often = ChargeMemory(FRESH_BAY, battery="B1", starts_s=(now.now_s - 60.0,) * MOST_STARTS)
    assert starts(decided(now, often)) == []
    assert starts(decided(now, replace(often, starts_s=often.starts_s[1:]))) != []
    assert starts(decided(now, replace(often, target_soc_pct=90.0))) != [], "a person may ask for more"
    assert starts(decided(replace(now, now_s=now.now_s + 3600.0), often)) != []


def test_a_charge_that_cannot_pause_goes_on_with_the_least_power_rather_than_close_too_often() -> None:
    now = with_bay(charger_charges(), CHARGER_BAY, abilities=ChargerAbilities(pauses=False))
    often = running(CHARGER_BAY, starts_s=(now.now_s - 60.0,) * MOST_STARTS)
    assert sent(decided(planning(now, 0.0, bay=CHARGER_BAY), often)) == [LimitCharge(CHARGER_BAY, 15.0, raises=False)]


def test_a_paused_charge_found_after_a_start_goes_on() -> None:
    found = decided(charger_charges(ChargerState.PAUSED)).memory.charge(CHARGER_BAY)
    assert found.paused_s == 100.0
    later = replace(charger_charges(ChargerState.PAUSED), now_s=100.0 + LEAST_PAUSE_S)
    assert sent(decided(later, found)) == [ResumeCharge(CHARGER_BAY, 250.0)]


def test_a_paused_charge_ends_when_its_battery_is_needed_and_does_not_go_on() -> None:
    now = replace(charging(), inventory=swapping().inventory)
    assert sent(decided(now, running(paused_s=0.0))) == [StopCharge(FRESH_BAY)]


def test_a_paused_charge_does_not_go_on_in_any_doubt() -> None:
    smoking = with_value(charging(), "1.io", lambda io: replace(io, smoke=True))
    commands = sent(decided(smoking, running(paused_s=0.0)))
    assert StopCharge(FRESH_BAY) in commands
    assert not any(isinstance(each, ResumeCharge | StartCharge) for each in commands)
