"""What a kWh costs at a moment: tables, seasons, holidays, versions, fixed components, spot prices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.day_series import read_day_folders
from swapstation.energy.tariff import SPOT_PRICE, EnergyPrice, ServiceFee, SpotPrices, Tariff
from swapstation.energy.tariff_files import SHIPPED, load_holidays, load_table
from swapstation.energy.tariff_table import (
    DAY_MINUTES,
    Customer,
    Factors,
    Holidays,
    Hours,
    Period,
    Season,
    TariffTable,
    hours_of,
    uncovered,
)
from swapstation.errors import InputError
from tests.energy.tariffs import TEXT, tariff

SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD, NEW = (load_table(SHIPPED / f"{name}.toml") for name in ("shanxi-2021-479", "shanxi-2026-15"))
HOLIDAYS = Holidays(load_holidays(SHIPPED / "holidays-cn.toml"))
BEGIN = datetime(2022, 1, 1, tzinfo=SHANGHAI)
FIRST, LAST = date(2022, 1, 1), date(2027, 12, 31)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("table", "day", "customer", "hours"),
    [
        (NEW, date(2026, 5, 20), Customer.LARGE_INDUSTRY, (0, 9, 6, 9)),
        (NEW, date(2026, 7, 1), Customer.LARGE_INDUSTRY, (3, 5, 8, 8)),
        (NEW, date(2026, 9, 15), Customer.LARGE_INDUSTRY, (0, 9, 8, 7)),
        (NEW, date(2026, 12, 15), Customer.LARGE_INDUSTRY, (3, 6, 7, 8)),
        (OLD, date(2024, 5, 15), Customer.LARGE_INDUSTRY, (0, 9, 6, 9)),
        (OLD, date(2024, 7, 15), Customer.LARGE_INDUSTRY, (2, 7, 6, 9)),
        (OLD, date(2024, 7, 15), Customer.GENERAL, (0, 9, 6, 9)),
    ],
)
def test_the_hours_add_up_as_published(
    table: TariffTable, day: date, customer: Customer, hours: tuple[float, ...]
) -> None:
    told = hours_of(table.day(day, customer, HOLIDAYS))
    assert tuple(told[period] for period in (Period.SHARP, Period.PEAK, Period.FLAT, Period.VALLEY)) == hours


@pytest.mark.parametrize("table", [OLD, NEW], ids=lambda table: table.name)
@pytest.mark.parametrize("customer", list(Customer))
def test_every_minute_of_every_day_has_one_period(table: TariffTable, customer: Customer) -> None:
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1):
        day = table.day(date.fromordinal(number), customer, HOLIDAYS)
        assert uncovered(hours for hours, _ in day) is None
        assert sum(hours_of(day).values()) == 24.0


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 10, 7), date(2027, 2, 6)])
def test_holidays_have_deep_valley_at_noon(day: date) -> None:
    periods = {period: str(hours) for hours, period in NEW.day(day, Customer.GENERAL, HOLIDAYS)}
    assert periods[Period.DEEP_VALLEY] == "13:00-15:00"
    assert hours_of(NEW.day(day, Customer.GENERAL, HOLIDAYS))[Period.DEEP_VALLEY] == 2.0


@pytest.mark.parametrize("day", [date(2026, 5, 6), date(2026, 10, 8), date(2026, 9, 25)])
def test_other_days_have_none(day: date) -> None:
    assert hours_of(NEW.day(day, Customer.GENERAL, HOLIDAYS))[Period.DEEP_VALLEY] == 0.0


def test_the_published_holidays_are_told_from_the_expected_ones() -> None:
    assert [HOLIDAYS.official_in(year) for year in (2022, 2026, 2027, 2028)] == [True, True, False, False]


def test_the_operators_holidays_replace_those_of_their_year(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[[holidays]]\nname = "national_day"\nfirst = 2027-10-01\nlast = 2027-10-07\nnotice = "own"\n', encoding="utf-8"
    )
    told = tariff(tmp_path, 'holidays = "own.toml"\n' + TEXT)
    assert told.period(local("2027-10-06T13:00")) is Period.DEEP_VALLEY
    assert told.period(local("2027-05-02T13:00")) is Period.DEEP_VALLEY


@pytest.mark.parametrize(
    ("at", "period", "electricity", "service"),
    [
        ("2026-04-30T23:59", Period.FLAT, "0.6000", "0.2500"),  # flat 0.40, fixed 0.20
        ("2026-05-01T00:00", Period.FLAT, "0.6500", "0.2500"),  # flat 0.50, fixed 0.15
        ("2026-05-20T17:00", Period.PEAK, "0.9500", "0.2500"),
        ("2026-06-01T02:00", Period.VALLEY, "0.3750", "0.2000"),
        ("2026-07-01T18:00", Period.SHARP, "1.1100", "0.3000"),
        ("2026-10-01T13:00", Period.DEEP_VALLEY, "0.3300", "0.1000"),
        ("2024-07-15T19:59", Period.SHARP, "0.9680", "0.2500"),
        ("2024-05-15T19:59", Period.PEAK, "0.8400", "0.2500"),
    ],
)
def test_a_price_is_flat_times_factor_and_the_fixed_components(
    tmp_path: Path, at: str, period: Period, electricity: str, service: str
) -> None:
    price = tariff(tmp_path).at(local(at))
    assert (price.period, price.electricity, price.service) == (period, Decimal(electricity), Decimal(service))
    assert price.total == Decimal(electricity) + Decimal(service)


def test_general_customers_pay_peak_where_only_large_industry_has_sharp_hours(tmp_path: Path) -> None:
    told = tariff(tmp_path, TEXT.replace("large_industry", "general"))
    assert told.period(local("2024-07-15T19:00")) is Period.PEAK
    assert told.period(local("2026-07-15T19:00")) is Period.SHARP


def test_the_version_names_table_and_prices(tmp_path: Path) -> None:
    told = tariff(tmp_path)
    assert told.at(local("2026-04-30T12:00")).version == "shanxi-2021-479/2022-01-01/2022-01-01"
    assert told.at(local("2026-06-30T12:00")).version == "shanxi-2026-15/2026-05-01/2026-06-01"


def test_before_the_first_version_there_is_no_price(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2022-01-01"):
        tariff(tmp_path).price(local("2021-12-31T23:59"))


def test_one_moment_has_one_price_in_every_zone(tmp_path: Path) -> None:
    told, at = tariff(tmp_path), local("2026-07-01T18:00")
    assert told.prices([at, at.astimezone(UTC), at + timedelta(hours=4)]) == (
        Decimal("1.11"),
        Decimal("1.11"),
        Decimal("0.95"),
    )


def test_a_day_is_cut_where_the_price_changes(tmp_path: Path) -> None:
    start = local("2026-07-01T17:40")
    cut = tariff(tmp_path).stretches(start, start + timedelta(hours=4))
    assert [(each.start.astimezone(SHANGHAI).strftime("%H:%M"), each.price.period) for each in cut] == [
        ("17:40", Period.FLAT),
        ("18:00", Period.SHARP),
        ("21:00", Period.PEAK),
    ]
    assert cut[-1].end == start + timedelta(hours=4)


@given(
    start=st.integers(0, 6 * 365 * 86_400 - 12 * 86_400).map(lambda second: BEGIN + timedelta(seconds=second)),
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=4)),
)
def test_stretches_cover_the_time_between_once_with_the_price_of_each_moment(
    start: datetime, length: timedelta
) -> None:
    cut = _SHANXI.stretches(start, start + length)
    assert cut[0].start == start
    assert cut[-1].end == start + length
    for before, after in pairwise(cut):
        assert before.end == after.start
        assert before.price != after.price
    for each in cut:
        for at in (each.start, each.start + (each.end - each.start) / 2, each.end - timedelta(microseconds=1)):
            assert _SHANXI.at(at) == each.price


_SHANXI = Tariff(
    [OLD, NEW], [EnergyPrice(FIRST, Decimal("0.4"))], [ServiceFee(FIRST, Decimal("0.2"))], Customer.GENERAL, HOLIDAYS
)


def test_a_zone_with_summer_time_keeps_its_wall_clock() -> None:
    season = Season("all", tuple(range(1, 13)), (Hours(0, 180),), (Hours(180, DAY_MINUTES),), ())
    table = TariffTable("berlin", "", FIRST, "Europe/Berlin", Factors(Decimal(2), Decimal(1)), (season,))
    told = Tariff(
        [table], [EnergyPrice(FIRST, Decimal(1))], [ServiceFee(FIRST, Decimal(0))], Customer.GENERAL, Holidays()
    )
    midnight = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    autumn = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert [each.end - each.start for each in told.stretches(midnight, midnight + timedelta(hours=23))] == [
        timedelta(hours=2),
        timedelta(hours=21),
    ]
    assert [each.end - each.start for each in told.stretches(autumn, autumn + timedelta(hours=25))] == [
        timedelta(hours=4),
        timedelta(hours=21),
    ]


def with_spot(days: dict[date, tuple[Decimal | None, ...]]) -> Tariff:
    return Tariff(
        [NEW],
        [EnergyPrice(date(2026, 5, 1), Decimal("0.5"), transmission=Decimal("0.15"))],
        [ServiceFee(date(2026, 5, 1), Decimal("0.2"))],
        Customer.GENERAL,
        HOLIDAYS,
        SpotPrices(days, date(2026, 7, 2)),
    )


def test_a_spot_price_takes_the_place_of_flat_times_factor() -> None:
    day = date(2026, 7, 2)
    told = with_spot(
        {day: tuple(Decimal(quarter) / 1000 for quarter in range(96)), date(2026, 7, 1): (Decimal(9),) * 24}
    )
    assert told.price(local("2026-07-02T00:00")) == Decimal("0.150")
    assert told.price(local("2026-07-02T23:59")) == Decimal("0.245")
    assert told.at(local("2026-07-02T12:00")).version == "spot/2026-05-01/2026-05-01"
    assert told.price(local("2026-07-01T12:00")) == Decimal("0.375")  # market prices count from the second on


def test_hourly_spot_prices_count_for_the_whole_hour() -> None:
    told = with_spot({date(2026, 7, 2): tuple(Decimal(hour) for hour in range(24))})
    assert told.price(local("2026-07-02T13:45")) == Decimal("13.15")
    assert len(told.stretches(local("2026-07-02T00:00"), local("2026-07-03T00:00"))) == 24


def test_a_missing_spot_price_falls_back_to_the_table_and_says_so() -> None:
    told = with_spot({date(2026, 7, 2): (None, *[Decimal("0.3")] * 23)})
    missing, next_day = told.at(local("2026-07-02T00:30")), told.at(local("2026-07-03T12:00"))
    assert (missing.electricity, missing.fallback) == (Decimal("0.65"), True)
    assert (next_day.electricity, next_day.fallback) == (Decimal("0.375"), True)
    assert not told.at(local("2026-07-02T01:00")).fallback


def test_spot_prices_are_read_from_day_files_and_the_last_told_counts(tmp_path: Path) -> None:
    lines = [f"{hour:02}:00,0.{hour:02}" for hour in range(24)]
    (tmp_path / "2026-07-02.csv").write_text("\n".join(["start,price", *lines, ""]), encoding="utf-8")
    (tmp_path / "2026-07-03.toml").write_text('prices = ["0.1", "", ' + '"0.2", ' * 94 + "]", encoding="utf-8")
    (tmp_path / "2026-07-03_2.toml").write_text("prices = [" + '"0.9", ' * 24 + "]", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no day", encoding="utf-8")
    days = read_day_folders(SPOT_PRICE, tmp_path, tmp_path / "absent")
    assert days[date(2026, 7, 2)][13] == Decimal("0.13")
    assert days[date(2026, 7, 3)] == (Decimal("0.9"),) * 24
