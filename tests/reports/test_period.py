"""Names of periods, and the spans that they are."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.reports.period import PeriodKind, named_period

ZONE = ZoneInfo("Asia/Shanghai")
SHIFTS = (time(8), time(20))


@pytest.mark.parametrize(
    ("name", "kind", "first", "hours"),
    [
        ("2026-11-30", PeriodKind.DAY, datetime(2026, 11, 30, tzinfo=ZONE), 24),
        ("2026-02", PeriodKind.MONTH, datetime(2026, 2, 1, tzinfo=ZONE), 28 * 24),
        ("2026-12", PeriodKind.MONTH, datetime(2026, 12, 1, tzinfo=ZONE), 31 * 24),
        ("2028", PeriodKind.YEAR, datetime(2028, 1, 1, tzinfo=ZONE), 366 * 24),
        ("2026-11-30/1", PeriodKind.SHIFT, datetime(2026, 11, 30, 8, tzinfo=ZONE), 12),
        ("2026-11-30/2", PeriodKind.SHIFT, datetime(2026, 11, 30, 20, tzinfo=ZONE), 12),
    ],
)
def test_a_name_is_a_span_of_local_time(name: str, kind: PeriodKind, first: datetime, hours: int) -> None:
    period = named_period(name, ZONE, SHIFTS)
    assert (period.kind, period.first, period.seconds) == (kind, first, hours * 3600.0)


@given(st.dates(min_value=datetime(2000, 1, 1, tzinfo=UTC).date(), max_value=datetime(2090, 1, 1, tzinfo=UTC).date()))
def test_shifts_leave_no_gap_from_one_day_to_the_next(day: object) -> None:
    first, second = (named_period(f"{day}/{number}", ZONE, SHIFTS) for number in (1, 2))
    assert first.last == second.first
    assert second.last - first.first == timedelta(days=1)


@pytest.mark.parametrize(
    "name",
    [
        *("", "26", "2026-13", "2026-02-30", "2026-11-30/", "2026-11-30/x", "2026-11-30/12", "9999", "9999-12-31"),
        *("0001", "0001-01", "0001-01-01"),
    ],
)
def test_a_name_that_is_none_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(InputError, match=r"period = .*: (.*such as 2026-11|a shift from 1 to 2)"):
        named_period(name, ZONE, SHIFTS)


def test_a_shift_that_the_station_has_not_is_refused() -> None:
    with pytest.raises(InputError, match="a shift from 1 to 2"):
        named_period("2026-11-30/3", ZONE, SHIFTS)
