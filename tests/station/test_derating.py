"""Derating: what a model's table and hot equipment leave of a charge, in both arrangements, and that it never leaps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.battery_care import Derating
from swapstation.config.battery_care_rules import check_derating
from swapstation.config.settings import Config
from swapstation.model.command import Command, LimitCharge, PauseCharge, ResumeCharge, SetModules
from swapstation.model.device import ChargerState
from swapstation.model.reasons import reason
from swapstation.model.snapshot import Snapshot
from swapstation.station.charging import run_charging
from swapstation.station.derating import HYSTERESIS_K, allowed
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from tests.station.situations import (
    CHARGER_BAY,
    FRESH_BAY,
    charging,
    config,
    draft,
    rules,
    snapshot,
    with_battery,
    with_value,
)

TABLE = Derating(
    temperature_c=(-20.0, 0.0, 10.0, 45.0, 55.0),
    soc_pct=(0.0, 80.0, 100.0),
    current_a=((20.0, 20.0, 10.0), (60.0, 60.0, 30.0), (350.0, 350.0, 100.0), (350.0, 350.0, 100.0), (0.0, 0.0, 0.0)),
)
temperatures = st.lists(st.integers(-400, 700), min_size=2, max_size=6, unique=True).map(
    lambda each: tuple(value / 10 for value in sorted(each))
)


@st.composite
def tables(draw: st.DrawFn) -> Derating:
    """Any table that the settings take: rows that never grow with the SOC, columns with one height."""
    temperature_c = draw(temperatures)
    soc_pct = tuple(sorted(draw(st.lists(st.integers(0, 100).map(float), min_size=1, max_size=4, unique=True))))
    peak = draw(st.integers(0, len(temperature_c) - 1))
    heights = draw(st.lists(st.floats(0, 300), min_size=len(temperature_c), max_size=len(temperature_c)))
    shape = (*sorted(heights[: peak + 1]), *sorted(heights[peak + 1 :], reverse=True))
    if peak + 1 < len(shape):
        shape = tuple(min(each, shape[peak]) if index > peak else each for index, each in enumerate(shape))
    falls = sorted(draw(st.lists(st.floats(0, 1), min_size=len(soc_pct), max_size=len(soc_pct))), reverse=True)
    rows = tuple(tuple(height * fall for fall in falls) for height in shape)
    return Derating(temperature_c, soc_pct, current_a=rows)


@given(table=tables(), temperature_c=st.floats(-60, 90), soc_pct=st.floats(0, 100))
def test_the_table_stays_within_its_corners_and_gives_nothing_outside(
    table: Derating, temperature_c: float, soc_pct: float
) -> None:
    corners = [value for row in table.rows for value in row]
    inside = table.temperature_c[0] <= temperature_c <= table.temperature_c[-1]
    limit = allowed(table, temperature_c, soc_pct)
    assert 0.0 <= limit <= max(corners) + 1e-9
    assert inside or limit == 0.0


@given(table=tables(), temperature_c=st.floats(-60, 90), soc_pct=st.lists(st.floats(0, 100), min_size=2, max_size=6))
def test_a_fuller_battery_never_gets_more(table: Derating, temperature_c: float, soc_pct: list[float]) -> None:
    limits = [allowed(table, temperature_c, each) for each in sorted(soc_pct)]
    assert all(later <= former + 1e-9 for former, later in pairwise(limits))


@given(table=tables(), ends=st.tuples(st.floats(-60, 90), st.floats(-60, 90)), soc_pct=st.floats(0, 100))
def test_no_probe_between_the_coldest_and_the_hottest_allows_less_than_one_of_them(
    table: Derating, ends: tuple[float, float], soc_pct: float
) -> None:
    """So the two ends decide for the whole battery."""
    low_c, high_c = sorted(ends)
    least = min(allowed(table, low_c, soc_pct), allowed(table, high_c, soc_pct))
    for part in (0.1, 0.5, 0.9):
        assert allowed(table, low_c + (high_c - low_c) * part, soc_pct) >= least - 1e-6


@given(table=tables())
def test_every_such_table_is_taken_by_the_settings(table: Derating) -> None:
    assert list(check_derating((), table)) == []


def test_corners_and_middles() -> None:
    assert allowed(TABLE, -20.0, 50.0) == 20.0
    assert allowed(TABLE, -10.0, 50.0) == 40.0
    assert allowed(TABLE, 20.0, 90.0) == 225.0
    assert allowed(TABLE, 50.0, 80.0) == 175.0
    assert [allowed(TABLE, at_c, 50.0) for at_c in (-20.1, 55.1)] == [0.0, 0.0]


def derated(**changes: Any) -> Config:
    model = replace(config().battery_models[0], **{"derating": TABLE, **changes})
    return replace(config(), battery_models=(model,))


def at(now: Snapshot, bay: int, low_c: float | None, high_c: float | None, soc_pct: float = 50.0) -> Snapshot:
    """The battery of a bay with these temperatures, 600 V, and a demand of 200 A."""
    return with_value(
        now,
        f"{bay}.charge",
        lambda each: replace(each, min_temperature_c=low_c, max_temperature_c=high_c, soc_pct=soc_pct, voltage_v=600.0),
    )


def decided(now: Snapshot, *charges: ChargeMemory, settings: Config | None = None) -> Draft:
    cycle = draft(now, charges=charges)
    cycle = replace(cycle, rules=replace(rules(), config=settings or derated()))
    run_charging(cycle)
    return cycle


def sent(cycle: Draft) -> list[Command]:
    return [each.command for each in cycle.sendings]


def running(bay: int = FRESH_BAY, **changes: Any) -> ChargeMemory:
    return replace(ChargeMemory(bay, running=True, battery=f"B{bay}", told_kw=250.0), **changes)


def by_charger() -> Snapshot:
    now = with_value(snapshot(), "2.charger", lambda each: replace(each, state=ChargerState.CHARGING))
    return with_battery(now, "B2", soc_pct=50.0)


def reasons(cycle: Draft, bay: int = FRESH_BAY) -> list[str]:
    goal = cycle.memory.charge(bay).goal
    return [each.code for each in goal.reasons] if goal is not None else []


def test_the_modules_of_a_cold_battery_get_the_current_of_its_coldest_probe() -> None:
    cycle = decided(at(charging(), FRESH_BAY, -10.0, 5.0), running())
    assert SetModules(FRESH_BAY, 600.0, 40.0) in sent(cycle)
    assert reasons(cycle) == ["battery_cold"]


def test_a_charger_is_told_the_power_of_the_same_current() -> None:
    cycle = decided(at(by_charger(), CHARGER_BAY, -10.0, 5.0), running(CHARGER_BAY))
    assert LimitCharge(CHARGER_BAY, 24.0, raises=False) in sent(cycle)
    assert reasons(cycle, CHARGER_BAY) == ["battery_cold"]


def test_a_table_of_c_rates_is_a_share_of_the_energy() -> None:
    rates = derated(derating=Derating((-20.0, 0.0, 50.0), (0.0,), c_rate=((0.0,), (0.5,), (0.5,))))
    cycle = decided(at(by_charger(), CHARGER_BAY, 20.0, 25.0), running(CHARGER_BAY), settings=rates)
    assert LimitCharge(CHARGER_BAY, 141.0, raises=False) in sent(cycle)


@pytest.mark.parametrize(("low_c", "high_c", "code"), [(-25.0, -22.0, "battery_cold"), (30.0, 55.0, "battery_hot")])
def test_a_battery_outside_of_its_temperatures_is_paused_at_once(low_c: float, high_c: float, code: str) -> None:
    """No current in this very cycle, however short the charge has run."""
    now = at(charging(), FRESH_BAY, low_c, high_c)
    cycle = decided(now, running(flows_s=now.now_s - 1.0))
    assert PauseCharge(FRESH_BAY) in sent(cycle)
    assert not any(isinstance(each, SetModules) and each.current_a > 0.0 for each in sent(cycle))
    assert reasons(cycle) == [code]


def test_a_charge_that_the_cold_has_stopped_goes_on_a_little_inside_of_the_limit() -> None:
    """A probe that jitters around the limit starts and stops nothing."""
    held = decided(at(charging(), FRESH_BAY, -21.0, -15.0), running()).memory.charge(FRESH_BAY)
    held = replace(held, paused_s=0.0)
    for low_c, goes_on in ((-19.0, False), (-20.0 + HYSTERESIS_K, True)):
        commands = sent(decided(at(charging(), FRESH_BAY, low_c, -10.0), held))
        assert any(isinstance(each, ResumeCharge) for each in commands) is goes_on


def test_a_temperature_that_nobody_tells_lets_the_least_power_flow() -> None:
    cycle = decided(at(by_charger(), CHARGER_BAY, None, None), running(CHARGER_BAY))
    assert LimitCharge(CHARGER_BAY, 15.0, raises=False) in sent(cycle)
    assert reasons(cycle, CHARGER_BAY) == ["battery_temperature_unknown"]


def test_a_full_battery_is_limited_by_its_soc() -> None:
    cycle = decided(at(charging(90.0), FRESH_BAY, 25.0, 28.0, 90.0), running())
    assert reasons(cycle) == ["battery_soc_high"]


@pytest.mark.parametrize(("temperature_c", "limit_kw"), [(60.0, None), (72.5, 125.0)])
def test_hot_equipment_gives_less(temperature_c: float, limit_kw: float | None) -> None:
    now = with_value(by_charger(), "2.charger", lambda each: replace(each, temperature_c=temperature_c))
    commands = sent(decided(now, running(CHARGER_BAY), settings=config()))
    told = [each.power_limit_kw for each in commands if isinstance(each, LimitCharge)]
    assert told == ([] if limit_kw is None else [limit_kw])


def test_equipment_that_is_too_hot_gives_nothing() -> None:
    now = with_value(charging(), "1.modules", lambda each: replace(each, temperature_c=80.0))
    commands = sent(decided(now, running(), settings=config()))
    assert PauseCharge(FRESH_BAY) in commands
    assert SetModules(FRESH_BAY, 600.0, 0.0) in commands


def test_every_reason_has_its_texts_with_the_values_that_it_names() -> None:
    cycle = decided(at(charging(), FRESH_BAY, -10.0, 5.0), running())
    goal = cycle.memory.charge(FRESH_BAY).goal
    assert goal is not None
    (why,) = goal.reasons
    assert reason(why.code).en.format(**why.values) == "the battery's coldest probe is at -10 degC: 24 kW"
    assert "-10 °C" in reason(why.code).zh.format(**why.values)
