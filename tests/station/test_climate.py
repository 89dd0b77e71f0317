"""Thermal care: heat before a charge and before a hand-out, cooling after a hot return, off in any doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from swapstation.config.battery_care import Thermal
from swapstation.config.settings import Config
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.climate import Climate, ClimateGoal, ClimateMode
from swapstation.model.command import CirculateCoolant, Command, HeatBattery, StopClimate
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.mode import Mode
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.alarms import run_alarms
from swapstation.station.climate import HEAT_AHEAD, RENEW_S, REPEAT_S, run_climate
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory, ClimateMemory
from tests.station.situations import (
    AT,
    FRESH_BAY,
    config,
    draft,
    low,
    rules,
    snapshot,
    swapping,
    with_battery,
    with_device,
    with_mode,
    with_value,
)

CARE = Thermal(heat_below_c=5.0, heat_to_c=12.0, cool_above_c=40.0, cool_to_c=32.0)


def served() -> Config:
    """Bay 1 has a climate unit, and its battery's model wants it."""
    bays = tuple(replace(bay, climate=bay.number == FRESH_BAY) for bay in config().bays)
    return replace(config(), bays=bays, battery_models=(replace(config().battery_models[0], thermal=CARE),))


def at(now: Snapshot, coldest_c: float | None, hottest_c: float | None) -> Snapshot:
    return with_value(
        now, "1.charge", lambda each: replace(each, min_temperature_c=coldest_c, max_temperature_c=hottest_c)
    )


def showing(now: Snapshot, mode: ClimateMode) -> Snapshot:
    return with_value(now, "1.climate", lambda unit: replace(unit, mode=mode))


COLD = at(low(snapshot()), 0.0, 5.0)
ALARM, UNIT = "battery_without_alarm", "climate_ready"
LITTLE = Climate(ClimateMode.OFF, 20.0, 20.0, 0, pressure_kpa=20.0)


def wanting(max_kw: float = 250.0, at_once: bool = False, **changes: Any) -> ChargeMemory:
    """Bay 1's battery is to charge."""
    goal = ChargeGoal(FRESH_BAY, 95.0, max_kw, at_once=at_once)
    return replace(ChargeMemory(FRESH_BAY, battery="B1", goal=goal), **changes)


def decided(now: Snapshot, charge: ChargeMemory | None = None, told: ClimateMemory | None = None) -> Draft:
    cycle = draft(now, charges=(charge or wanting(),), climates=(told,) if told else ())
    cycle = replace(cycle, rules=replace(rules(), config=served()))
    run_climate(cycle)
    return cycle


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings]


def goal(cycle: Draft) -> ClimateGoal:
    return cycle.memory.climate(FRESH_BAY).goal


def told(mode: ClimateMode, supply_c: float = 0.0, ago_s: float = 1.0) -> ClimateMemory:
    return ClimateMemory(FRESH_BAY, ClimateGoal(FRESH_BAY, mode, supply_c), snapshot().now_s - ago_s)


def test_a_cold_battery_is_warmed_before_its_charge() -> None:
    cycle = decided(at(low(snapshot()), 4.0, 8.0))
    assert sent(cycle) == [HeatBattery(FRESH_BAY, CARE.heat_supply_c)]
    assert [(each.code, each.values) for each in goal(cycle).reasons] == [
        ("climate_heats_for_charge", {"temperature_c": "4", "to_c": "12"})
    ]


@pytest.mark.parametrize(("coldest_c", "heats"), [(11.9, True), (12.0, False)])
def test_warming_goes_on_to_its_own_end(coldest_c: float, heats: bool) -> None:
    now = showing(at(low(snapshot()), coldest_c, 15.0), ClimateMode.HEAT)
    cycle = decided(now, told=told(ClimateMode.HEAT, CARE.heat_supply_c))
    assert sent(cycle) == ([] if heats else [StopClimate(FRESH_BAY)])


@pytest.mark.parametrize(
    ("hottest_c", "before", "cools"),
    [
        (41.0, ClimateMode.OFF, True),
        (36.0, ClimateMode.OFF, False),
        (36.0, ClimateMode.COOL, True),
        (32.0, ClimateMode.COOL, False),
    ],
)
def test_a_hot_battery_is_cooled_whether_it_charges_or_not(hottest_c: float, before: ClimateMode, cools: bool) -> None:
    cycle = decided(at(snapshot(), 30.0, hottest_c), told=told(before, CARE.cool_supply_c))
    assert (goal(cycle).mode is ClimateMode.COOL) is cools


def test_a_full_battery_that_nobody_waits_for_is_not_warmed() -> None:
    assert goal(decided(at(snapshot(), -5.0, 0.0))).mode is ClimateMode.OFF


def test_a_full_battery_that_is_promised_to_a_truck_is_warmed() -> None:
    now = at(snapshot(), -5.0, 0.0)
    booked = replace(now.inventory, holds=(Hold("BK1", HoldKind.BOOKING, battery="B1", vin="X"),))
    (why,) = goal(decided(replace(now, inventory=booked))).reasons
    assert why.code == "climate_heats_for_hand_out"


@pytest.mark.parametrize(("ahead", "heats"), [(HEAT_AHEAD, True), (2 * HEAT_AHEAD, False)])
def test_a_battery_that_waits_for_its_plan_is_warmed_shortly_before(ahead: timedelta, heats: bool) -> None:
    planned = PlannedBay(FRESH_BAY, "B1", 0.0, 90.0, goes_on_at=AT + ahead)
    now = replace(at(low(snapshot()), -5.0, 0.0), plan=ChargePlan("P1", AT, (planned,)))
    assert (goal(decided(now, wanting(0.0))).mode is ClimateMode.HEAT) is heats


def test_a_battery_that_is_too_cold_to_charge_is_warmed() -> None:
    assert goal(decided(at(low(snapshot()), -25.0, -20.0), wanting(0.0, at_once=True))).mode is ClimateMode.HEAT


def test_uneven_temperatures_are_evened_out_while_it_charges() -> None:
    cycle = decided(at(low(snapshot()), 15.0, 24.0), wanting(running=True))
    assert sent(cycle) == [CirculateCoolant(FRESH_BAY)]


def alarmed(now: Snapshot, state: AlarmState = AlarmState.ACKNOWLEDGED, source: str = "bay-1") -> Snapshot:
    alarm = Alarm(f"BATTERY_HEATING@{source}", "BATTERY_HEATING", source, Priority.MEDIUM, state, AT)
    return replace(now, alarms=(alarm,))


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (alarmed(COLD), ALARM),
        (with_value(COLD, "1.charge", lambda each: replace(each, faults=("x",))), ALARM),
        (with_battery(COLD, "B1", quarantined=True), "battery_not_quarantined"),
        (with_value(COLD, "1.climate", lambda each: replace(each, fault_code=3)), UNIT),
        (with_value(COLD, "1.climate", lambda each: replace(each, pressure_kpa=20.0)), UNIT),
        (with_device(COLD, "1.climate", Seen()), UNIT),
        (with_value(COLD, "1.io", lambda io: replace(io, smoke=True)), "bay_without_smoke"),
        (with_mode(COLD, Mode.FIRE), "not_in_fire_mode"),
        (at(low(snapshot()), 0.0, 33.0), "battery_not_warm"),
    ],
)
def test_heat_is_off_in_any_doubt_with_its_reason(now: Snapshot, why: str) -> None:
    cycle = decided(showing(now, ClimateMode.HEAT) if now.bay(1).climate.good else now, told=told(ClimateMode.HEAT))
    assert sent(cycle) == [StopClimate(FRESH_BAY)]
    assert why in [each.code for each in goal(cycle).reasons]


def test_a_notice_that_went_away_does_not_keep_a_battery_cold() -> None:
    now = alarmed(COLD, AlarmState.RETURNED_UNACKNOWLEDGED)
    assert goal(decided(now)).mode is ClimateMode.HEAT


def test_a_battery_in_alarm_is_cooled() -> None:
    assert goal(decided(alarmed(at(snapshot(), 30.0, 45.0)))).mode is ClimateMode.COOL


@pytest.mark.parametrize(("coldest_c", "hottest_c"), [(None, 5.0), (0.0, None), (None, None)])
def test_a_temperature_that_nobody_tells_switches_the_unit_off(
    coldest_c: float | None, hottest_c: float | None
) -> None:
    now = showing(at(low(snapshot()), coldest_c, hottest_c), ClimateMode.HEAT)
    assert sent(decided(now, told=told(ClimateMode.HEAT, CARE.heat_supply_c))) == [StopClimate(FRESH_BAY)]


def test_a_silent_bms_switches_the_unit_off() -> None:
    now = with_value(COLD, "1.charge", lambda each: replace(each, bms_age_s=1.0))
    assert sent(decided(showing(now, ClimateMode.HEAT), told=told(ClimateMode.HEAT))) == [StopClimate(FRESH_BAY)]


def test_the_coolant_stands_before_a_battery_is_fetched() -> None:
    now = showing(at(replace(snapshot(), inventory=swapping().inventory), 20.0, 45.0), ClimateMode.COOL)
    assert sent(decided(now, told=told(ClimateMode.COOL, CARE.cool_supply_c))) == [StopClimate(FRESH_BAY)]


def test_an_order_is_repeated_until_it_shows_and_renewed_before_the_unit_forgets_it() -> None:
    heats, cold = ClimateMode.HEAT, COLD
    again = [HeatBattery(FRESH_BAY, CARE.heat_supply_c)]
    assert sent(decided(cold, told=told(heats, 40.0, ago_s=REPEAT_S - 0.1))) == []
    assert sent(decided(cold, told=told(heats, 40.0, ago_s=REPEAT_S))) == again
    assert sent(decided(showing(cold, heats), told=told(heats, 40.0, ago_s=REPEAT_S))) == []
    assert sent(decided(showing(cold, heats), told=told(heats, 40.0, ago_s=RENEW_S))) == again


def test_a_unit_that_rests_as_it_should_is_left_alone() -> None:
    assert sent(decided(at(snapshot(), 20.0, 25.0), told=told(ClimateMode.OFF, ago_s=1e6))) == []


@pytest.mark.parametrize(
    ("unit", "alarm", "after_s"),
    [(None, "CLIMATE_SILENT@bay-1", 10.0), (LITTLE, "COOLANT_PRESSURE_LOW@bay-1", 5.0)],
)
def test_a_unit_that_cannot_work_is_an_alarm(unit: Climate | None, alarm: str, after_s: float) -> None:
    now = with_device(
        snapshot(), "1.climate", Seen() if unit is None else replace(snapshot().bay(1).climate, value=unit)
    )
    cycle = replace(draft(now), rules=replace(rules(), config=served()))
    run_alarms(cycle)
    assert alarm not in {each.alarm for each in cycle.memory.alarms}
    later = replace(draft(replace(now, now_s=now.now_s + after_s)), rules=cycle.rules, memory=cycle.memory)
    run_alarms(later)
    assert alarm in {each.alarm for each in later.memory.alarms}
