"""The span of a report by its name: `2026-11-30/1` a shift, `2026-11-30` a day, `2026-11` a month, `2026` a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from swapstation.errors import InputError

_ALLOWED = "a shift such as 2026-11-30/1, a day such as 2026-11-30, a month such as 2026-11, or a year such as 2026"


class PeriodKind(StrEnum):
    """How long a report looks back."""

    SHIFT = "shift"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of local time, from `first` until before `last`."""

    name: str
    kind: PeriodKind
    first: datetime
    last: datetime

    @property
    def seconds(self) -> float:
        return (self.last - self.first).total_seconds()


def named_period(name: str, zone: ZoneInfo, shifts: tuple[time, ...]) -> Period:
    """The period of a name; `shifts` are the times at which shifts begin, in their order. Raises InputError.

    A shift belongs to the day on which it begins; the last one ends with the first of the next day.
    """
    try:
        period = _named(name, zone, shifts)
        period.first.astimezone(UTC)  # the first hours of the year 1 in China lie before all time
        return period
    except (ValueError, OverflowError):
        raise InputError("period", name, _ALLOWED) from None


def _named(name: str, zone: ZoneInfo, shifts: tuple[time, ...]) -> Period:
    if re.fullmatch(r"\d{4}", name):
        year = date(int(name), 1, 1)
        return _period(name, PeriodKind.YEAR, year, year.replace(year=year.year + 1), zone)
    if re.fullmatch(r"\d{4}-\d{2}", name):
        month = date.fromisoformat(f"{name}-01")
        return _period(name, PeriodKind.MONTH, month, (month + timedelta(days=31)).replace(day=1), zone)
    day_name, slash, number = name.partition("/")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day_name):
        raise InputError("period", name, _ALLOWED)
    day = date.fromisoformat(day_name)
    if not slash:
        return _period(name, PeriodKind.DAY, day, day + timedelta(days=1), zone)
    if not re.fullmatch(r"\d", number) or not 1 <= int(number) <= len(shifts):
        raise InputError("period", name, f"a shift from 1 to {len(shifts)}")
    begins = [datetime.combine(day, at, zone) for at in shifts]
    begins.append(datetime.combine(day + timedelta(days=1), shifts[0], zone))
    return Period(name, PeriodKind.SHIFT, *begins[int(number) - 1 : int(number) + 1])


def _period(name: str, kind: PeriodKind, first: date, last: date, zone: ZoneInfo) -> Period:
    return Period(name, kind, datetime.combine(first, time(), zone), datetime.combine(last, time(), zone))
