"""A finished charge: which counter it is settled on, what is wrong with the others, whether everything agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.energy_settings import Ledger, SettleOn
from swapstation.energy.settlement import record_balances, settle
from swapstation.energy.site_balance import site_balance
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.energy import (
    BalanceKind,
    BayReading,
    Counter,
    MeterFault,
    Settlement,
    TimedReading,
)
from tests.energy.tariffs import tariff
from tests.energy.test_tariff import local

START = local("2026-07-01T17:00")
CAPACITY_KWH = 282.0
LEDGER = Ledger()
SOUND = (
    # hours, AC register, DC register, charger, process, SOC; 60 % of 282 kWh are 169.2 kWh stored
    (0.0, 5000.0, 4000.0, 33.0, None, 30.0),
    (0.5, 5092.9, 4087.3, 87.3, None, 60.0),
    (1.0, 5185.7, 4174.5, 174.5, 174.4, 90.0),
)


def readings(*rows: tuple[float | None, ...]) -> list[TimedReading]:
    told = []
    for hours, *counted in rows:
        assert hours is not None
        told.append(TimedReading(START + timedelta(hours=hours), BayReading(1, "B1", *counted)))
    return told


def settled(*rows: tuple[float | None, ...], ledger: Ledger = LEDGER, only_dc: bool = False) -> Settlement:
    if only_dc:
        rows = tuple((hours, None, dc, None, None, soc) for hours, _, dc, _, _, soc in rows)
    return settle("B1", 1, readings(*rows), None, ledger, CAPACITY_KWH)


def column(index: int, *values: float | None) -> tuple[tuple[float | None, ...], ...]:
    """The sound charge with one counter's values replaced."""
    return tuple((*row[:index], value, *row[index + 1 :]) for row, value in zip(SOUND, values, strict=True))


def test_a_sound_charge_agrees_in_every_balance() -> None:
    told = settled(*SOUND)
    assert (told.counter, told.energy_kwh) == (Counter.DC_METER, Decimal("174.50"))
    assert told.dc_kwh == pytest.approx(174.5)
    assert told.ac_kwh == pytest.approx(185.7)
    assert told.efficiency == pytest.approx(0.9397, abs=1e-3)
    kinds = [balance.kind for balance in told.balances]
    assert kinds == [BalanceKind.COUNTERS, BalanceKind.COUNTERS, BalanceKind.CONVERSION, BalanceKind.BATTERY]
    assert all(balance.agrees for balance in told.balances), told.balances
    assert told.faults == ()


def test_the_first_value_of_a_charger_is_that_of_the_charge_before() -> None:
    told = settled(*column(2, None, None, None))
    assert (told.counter, told.energy_kwh) == (Counter.CHARGER, Decimal("174.50"))


def test_a_station_may_settle_on_ac() -> None:
    told = settled(*SOUND, ledger=replace(LEDGER, settle_on=SettleOn.AC))
    assert (told.counter, told.energy_kwh) == (Counter.AC_METER, Decimal("185.70"))


@pytest.mark.parametrize(
    ("values", "fault", "minutes"),
    [
        ((4000.0, 4087.3, 4050.0), MeterFault.JUMPED_BACK, 60),
        ((4000.0, 0.4, 87.6), MeterFault.RESET, 30),
        ((None, 4087.3, 4174.5), MeterFault.SILENT, 0),
        ((4000.0, 4087.3, None), MeterFault.SILENT, 60),
    ],
)
def test_a_counter_that_cannot_be_used_is_named_and_another_one_counts(
    values: tuple[float | None, ...], fault: MeterFault, minutes: int
) -> None:
    told = settled(*column(2, *values))
    assert told.counter is Counter.CHARGER
    assert [(each.counter, each.fault, each.at) for each in told.faults] == [
        ("dc_meter", fault, START + timedelta(minutes=minutes))
    ]


def test_a_silence_in_between_loses_nothing_but_the_exact_boundary(tmp_path: Path) -> None:
    rows = readings(*column(2, 4000.0, None, 4174.5))
    told = settle(
        "B1", 1, [replace(each, at=each.at + timedelta(minutes=30)) for each in rows], tariff(tmp_path), LEDGER, 282.0
    )
    assert told.faults == ()
    assert [(detail.energy_kwh, detail.interpolated) for detail in told.details] == [
        (Decimal("87.25"), True),
        (Decimal("87.25"), True),
    ]


def test_without_any_counter_nothing_is_invented() -> None:
    told = settled(*((hours, None, None, None, None, soc) for hours, *_, soc in SOUND))
    assert (told.counter, told.energy_kwh, told.details, told.balances) == (None, None, (), ())


def test_a_charge_whose_counters_all_failed_does_not_agree_with_its_soc() -> None:
    rows = [
        (hours, None, dc, None, None, soc) for (hours, *_, soc), dc in zip(SOUND, (4000.0, 4087.0, None), strict=True)
    ]
    told = settled(*rows)
    assert told.counter is None
    (balance,) = told.balances
    assert (balance.kind, balance.counted_kwh, balance.agrees) == (BalanceKind.COUNTERS, 0.0, False)


@pytest.mark.parametrize(
    ("index", "values", "kind", "counted_from"),
    [
        (3, (33.0, 87.3, 130.0), BalanceKind.COUNTERS, "charger"),
        (1, (5000.0, 5100.0, 5260.0), BalanceKind.CONVERSION, "dc_meter"),
        (1, (5000.0, 5085.0, 5170.0), BalanceKind.CONVERSION, "dc_meter"),
        (5, (30.0, 40.0, 50.0), BalanceKind.BATTERY, "dc_meter"),
    ],
)
def test_what_is_beyond_the_uncertainty_does_not_agree(
    index: int, values: tuple[float | None, ...], kind: BalanceKind, counted_from: str
) -> None:
    wrong = [balance for balance in settled(*column(index, *values)).balances if not balance.agrees]
    assert [(balance.kind, balance.counted_from) for balance in wrong] == [(kind, counted_from)]


def record(**changes: object) -> ChargeRecord:
    kept = ChargeRecord("C1", 7, "11", None, None, 3600, 174.4, 30.0, 90.0, 4000.0, 4174.5, 0)
    return replace(kept, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [({}, [True, True]), ({"energy_kwh": 140.0}, [False, False]), ({"meter_end_kwh": 4100.0}, [False, True])],
)
def test_a_chargers_own_record_is_compared_with_its_meter_and_with_ours(
    changes: dict[str, object], agrees: list[bool]
) -> None:
    told = record_balances(settled(*SOUND), record(**changes), LEDGER)
    assert [balance.agrees for balance in told] == agrees


@pytest.mark.parametrize(
    ("site_kwh", "most_kw", "agrees"),
    [(2300.0, None, True), (1700.0, None, False), (4500.0, None, True), (4500.0, 50.0, False), (2900.0, 50.0, True)],
)
def test_a_site_takes_as_much_as_its_bays_and_some_other_load(
    site_kwh: float, most_kw: float | None, agrees: bool
) -> None:
    ledger = replace(LEDGER, most_other_load_kw=most_kw)
    charge = settled(*column(1, None, None, None))
    told = site_balance(site_kwh, {1: 1000.0, 2: 800.0}, [charge], ledger, 1)
    assert told.agrees is agrees


def test_a_longer_time_allows_more_other_load() -> None:
    ledger = replace(LEDGER, most_other_load_kw=10.0)
    assert [site_balance(700.0, {1: 100.0}, [], ledger, days).agrees for days in (1, 3)] == [False, True]


def test_what_spares_gave_back_may_be_missing_at_the_meter_but_no_more() -> None:
    ledger = replace(LEDGER, most_other_load_kw=10.0)

    def agrees(site_kwh: float) -> bool:
        return site_balance(site_kwh, {1: 300.0}, [], ledger, 1, given_kwh=100.0).agrees

    assert [agrees(kwh) for kwh in (150.0, 210.0, 300.0, 540.0, 600.0)] == [False, True, True, True, False]


def test_a_store_may_end_a_day_fuller_or_emptier_than_it_began() -> None:
    ledger = replace(LEDGER, most_other_load_kw=10.0)

    def agrees(site_kwh: float) -> bool:
        return site_balance(site_kwh, {1: 300.0}, [], ledger, 1, store_kwh=100.0).agrees

    assert [agrees(kwh) for kwh in (150.0, 210.0, 540.0, 630.0, 700.0)] == [False, True, True, True, False]


@given(
    energy=st.floats(5.0, 400.0),
    efficiency=st.floats(0.90, 0.98),
    error=st.floats(-1.0, 1.0),
    start_soc=st.floats(0.0, 40.0),
)
def test_counters_within_their_class_open_no_case(
    energy: float, efficiency: float, error: float, start_soc: float
) -> None:
    """Each counter is off by at most its class, SOC by its uncertainty at both ends, the capacity by its own."""
    stored_pct = energy * LEDGER.battery_efficiency / CAPACITY_KWH * 100.0
    if start_soc + stored_pct > 100.0:
        return
    ac_kwh = energy / efficiency
    end = (
        1.0,
        100.0 + ac_kwh * (1.0 + error * LEDGER.ac_meter_class_pct / 100.0) * 1.0,
        50.0 + energy,
        energy * (1.0 - error * LEDGER.charger_class_pct / 100.0),
        None,
        start_soc + stored_pct + error * LEDGER.soc_uncertainty_pct,
    )
    told = settled((0.0, 100.0, 50.0, 0.0, None, start_soc), end)
    assert all(balance.agrees for balance in told.balances), told.balances


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 100.0)), min_size=1, max_size=30))
def test_the_energy_of_a_charge_is_that_of_its_details(steps: list[tuple[float, float]]) -> None:
    rows: list[tuple[float | None, ...]] = [(0.0, 10.0, 20.0, None, None, None)]
    for index, (ac, dc) in enumerate(steps, start=1):
        _, ac_before, dc_before, *_ = rows[-1]
        assert ac_before is not None
        assert dc_before is not None
        rows.append((index / 4, ac_before + ac, dc_before + dc, None, None, None))
    told = settled(*rows)
    assert told.energy_kwh == sum(detail.energy_kwh for detail in told.details)
    assert told.dc_kwh == pytest.approx(float(told.energy_kwh or 0), abs=0.0051)
    assert (told.started_at, told.ended_at) == (START, START + timedelta(hours=len(steps) / 4))


def test_times_are_kept_as_they_were_read() -> None:
    assert settled(*SOUND).started_at == datetime.fromisoformat("2026-07-01T17:00:00+08:00")
