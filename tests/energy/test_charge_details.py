"""A charge cut into tariff periods: the details always add up, to 10 Wh and to the cent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.charge_details import MOST_DETAILS, Reading, charge_details
from swapstation.energy.tariff import EnergyPrice, ServiceFee, SpotPrices, Tariff
from swapstation.energy.tariff_table import Customer
from tests.energy.tariffs import tariff
from tests.energy.test_tariff import HOLIDAYS, NEW, OLD, local

CENT = Decimal("0.01")


def readings(start: datetime, *kwh_at: tuple[float, float]) -> list[Reading]:
    """Readings so many hours after a start."""
    return [Reading(start + timedelta(hours=hours), kwh) for hours, kwh in kwh_at]


def test_each_period_has_its_energy_price_and_money(tmp_path: Path) -> None:
    start = local("2026-07-01T17:00")
    told = charge_details(readings(start, (0, 0.0), (1, 100.0), (1.5, 160.0)), tariff(tmp_path))
    flat, sharp = told.items
    assert (flat.energy_kwh, flat.electricity_price, flat.electricity_yuan) == (
        Decimal(100),
        Decimal("0.65"),
        Decimal(65),
    )
    assert (sharp.energy_kwh, sharp.electricity_price, sharp.electricity_yuan) == (
        Decimal(60),
        Decimal("1.11"),
        Decimal("66.60"),
    )
    assert (flat.service_yuan, sharp.service_yuan) == (Decimal("30.00"), Decimal("18.00"))
    assert (flat.end, sharp.start) == (local("2026-07-01T18:00"), local("2026-07-01T18:00"))
    assert (told.energy_kwh, told.electricity_yuan, told.service_yuan) == (
        Decimal(160),
        Decimal("131.60"),
        Decimal("48.00"),
    )
    assert not flat.interpolated


def test_a_reading_just_after_the_boundary_is_that_of_the_boundary(tmp_path: Path) -> None:
    start = local("2026-07-01T17:30")
    late = Reading(local("2026-07-01T18:00") + timedelta(seconds=0.2), 50.0)
    told = charge_details([Reading(start, 0.0), late, *readings(start, (1, 150.0))], tariff(tmp_path))
    assert [(item.energy_kwh, item.interpolated) for item in told.items] == [
        (Decimal(50), False),
        (Decimal(100), False),
    ]


def test_a_missing_reading_is_interpolated_and_marked(tmp_path: Path) -> None:
    start = local("2026-07-01T17:30")
    told = charge_details(readings(start, (0, 0.0), (0.25, 20.0), (0.75, 60.0), (4, 70.0)), tariff(tmp_path))
    assert [(item.energy_kwh, item.interpolated) for item in told.items] == [
        (Decimal(40), True),  # half way from 17:45 to 18:15
        (Decimal("28.46"), True),  # 21:00 lies between 18:15 and 21:30
        (Decimal("1.54"), True),
    ]


def test_without_a_tariff_there_is_one_detail_without_money() -> None:
    told = charge_details(readings(local("2026-07-01T17:30"), (0, 0.0), (1, 70.0)), None)
    assert [(item.energy_kwh, item.electricity_yuan) for item in told.items] == [(Decimal(70), None)]
    assert told.electricity_yuan is None


def test_an_old_charge_is_priced_with_the_tariff_of_its_time(tmp_path: Path) -> None:
    start = local("2026-04-30T23:30")
    told = charge_details(readings(start, (0, 0.0), (0.5, 10.0), (1, 20.0)), tariff(tmp_path))
    assert [(item.electricity_price, item.version) for item in told.items] == [
        (Decimal("0.6000"), "shanxi-2021-479/2022-01-01/2022-01-01"),
        (Decimal("0.6500"), "shanxi-2026-15/2026-05-01/2022-01-01"),
    ]


QUARTERS = tuple(Decimal(quarter * 37 % 96) / 100 for quarter in range(96))
SPOT = Tariff(
    [NEW],
    [EnergyPrice(date(2026, 5, 1), Decimal("0.5"))],
    [ServiceFee(date(2026, 5, 1), Decimal("0.2"))],
    Customer.GENERAL,
    HOLIDAYS,
    SpotPrices({date(2026, 7, day): QUARTERS for day in range(1, 4)}, date(2026, 7, 1)),
)
SHANXI = Tariff(
    [OLD, NEW],
    [EnergyPrice(date(2022, 1, 1), Decimal("0.412345"), loss=Decimal("0.013337"))],
    [ServiceFee(date(2022, 1, 1), Decimal("0.3333"))],
    Customer.LARGE_INDUSTRY,
    HOLIDAYS,
)


def test_a_long_charge_at_market_prices_has_at_most_32_details() -> None:
    start = local("2026-07-01T08:00")
    told = charge_details(readings(start, (0, 0.0), (12, 240.0)), SPOT)
    exact = Decimal(str(sum(5 * QUARTERS[32 + quarter] for quarter in range(48))))
    assert len(told.items) == MOST_DETAILS
    assert told.energy_kwh == 240
    assert told.electricity_yuan is not None
    assert abs(told.electricity_yuan - exact) < Decimal("0.05")  # mean prices have 4 decimals


@given(
    which=st.sampled_from([SPOT, SHANXI]),
    start_min=st.integers(0, 1439),
    steps=st.lists(st.tuples(st.integers(1, 3600), st.floats(0.0, 40.0, allow_nan=False)), min_size=1, max_size=40),
)
def test_details_always_add_up(which: Tariff, start_min: int, steps: list[tuple[int, float]]) -> None:
    told = [Reading(local("2026-07-01T00:00") + timedelta(minutes=start_min), 0.0)]
    for seconds, kwh in steps:
        told.append(Reading(told[-1].at + timedelta(seconds=seconds), told[-1].energy_kwh + kwh))
    details = charge_details(told, which)
    items = details.items
    assert 1 <= len(items) <= MOST_DETAILS
    assert (items[0].start, items[-1].end) == (told[0].at, told[-1].at)
    assert all(before.end == after.start for before, after in pairwise(items))
    assert details.energy_kwh == Decimal(str(told[-1].energy_kwh)).quantize(CENT, ROUND_HALF_UP)
    assert all(item.energy_kwh >= 0 for item in items)
    for paid, price in (("electricity_yuan", "electricity_price"), ("service_yuan", "service_price")):
        total = getattr(details, paid)
        exact = sum(item.energy_kwh * getattr(item, price) for item in items)
        assert total == sum(getattr(item, paid) for item in items)
        assert total == exact.quantize(CENT, ROUND_HALF_UP)
        for item in items:
            assert getattr(item, paid) >= 0
            assert getattr(item, paid) == getattr(item, paid).quantize(CENT)
