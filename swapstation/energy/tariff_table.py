"""Time-of-use tables: which period of a tariff a moment of a day belongs to, by season, customer and holiday.

Source of the shape: the notices of the Shanxi tariffs (swapstation/energy/tariffs); hours are local time of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

DAY_MINUTES = 24 * 60
STEP_MINUTES = 15
"""Periods begin and end on quarters of an hour, as metered demand and spot prices do."""


class Period(StrEnum):
    """A period of a time-of-use tariff, dearest first."""

    SHARP = "sharp"
    PEAK = "peak"
    FLAT = "flat"
    VALLEY = "valley"
    DEEP_VALLEY = "deep_valley"


class Customer(StrEnum):
    """What kind of customer the station is to the grid company."""

    LARGE_INDUSTRY = "large_industry"
    GENERAL = "general"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From `start` until before `end`, minutes of the day."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Season:
    """Hours of the periods in some months. Who is none of `sharp_customers` has peak where others have sharp hours."""

    name: str
    months: tuple[int, ...]
    peak: tuple[Hours, ...]
    flat: tuple[Hours, ...]
    valley: tuple[Hours, ...]
    sharp: tuple[Hours, ...] = ()
    sharp_customers: tuple[Customer, ...] = tuple(Customer)

    def hours(self) -> Iterator[tuple[Hours, Period]]:
        """Every stretch of hours with its period, in no order."""
        for period in (Period.SHARP, Period.PEAK, Period.FLAT, Period.VALLEY):
            for each in getattr(self, period.value):
                yield each, period

    def day(self, customer: Customer) -> tuple[tuple[Hours, Period], ...]:
        """The stretches of a day in their order, as one customer has them."""
        sharp = Period.SHARP if customer in self.sharp_customers else Period.PEAK
        told = sorted((hours, sharp if period is Period.SHARP else period) for hours, period in self.hours())
        return _joined(told)


@dataclass(frozen=True, slots=True)
class DeepValley:
    """Hours that become deep valley on holidays, whatever the season says."""

    hours: tuple[Hours, ...]
    holidays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Factors:
    """What the flat energy price is multiplied by in each period."""

    peak: Decimal
    valley: Decimal
    flat: Decimal = Decimal(1)
    sharp: Decimal | None = None
    deep_valley: Decimal | None = None

    def of(self, period: Period) -> Decimal:
        factor = getattr(self, period.value)
        assert isinstance(factor, Decimal), f"a checked table has a factor for {period}"
        return factor


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday with its first and last day; `official`: as a notice of the State Council arranged it."""

    name: str
    first: date
    last: date
    notice: str = ""
    official: bool = True


class Holidays:
    """Which holiday a day belongs to. A later list replaces what an earlier one says of that holiday and year."""

    def __init__(self, *lists: Iterable[Holiday]) -> None:
        known: dict[tuple[str, int], Holiday] = {}
        for holidays in lists:
            known |= {(holiday.name, holiday.last.year): holiday for holiday in holidays}
        self._all = tuple(sorted(known.values(), key=lambda holiday: holiday.first))
        self._name_of = {
            date.fromordinal(day): holiday.name
            for holiday in self._all
            for day in range(holiday.first.toordinal(), holiday.last.toordinal() + 1)
        }

    @property
    def all(self) -> tuple[Holiday, ...]:
        return self._all

    def name_of(self, day: date) -> str | None:
        """The holiday of a day, None on any other."""
        return self._name_of.get(day)

    def official_in(self, year: int) -> bool:
        """Whether every holiday known for a year is as its notice says; False where none is known."""
        told = [holiday.official for holiday in self._all if holiday.last.year == year]
        return bool(told) and all(told)


@dataclass(frozen=True, slots=True)
class TariffTable:
    """One version of a time-of-use table; it counts from the first minute of `in_force` until another one follows."""

    name: str
    notice: str
    in_force: date
    timezone: str
    factors: Factors
    seasons: tuple[Season, ...]
    deep_valley: DeepValley = field(default_factory=lambda: DeepValley((), ()))

    def season(self, day: date) -> Season:
        return next(season for season in self.seasons if day.month in season.months)

    def day(self, day: date, customer: Customer, holidays: Holidays) -> tuple[tuple[Hours, Period], ...]:
        """The periods of a day in their order; they cover its 24 h without a gap or an overlap."""
        usual = self.season(day).day(customer)
        if holidays.name_of(day) not in self.deep_valley.holidays:
            return usual
        deep = [(hours, Period.DEEP_VALLEY) for hours in self.deep_valley.hours]
        rest = [(left, period) for hours, period in usual for left in _without(hours, self.deep_valley.hours)]
        return _joined(sorted([*rest, *deep]))


def uncovered(hours: Iterable[Hours]) -> str | None:
    """The first gap or overlap of stretches that should cover a day exactly once, "HH:MM-HH:MM"; None: they do."""
    ordered = sorted(hours)
    edges = [Hours(0, 0), *ordered, Hours(DAY_MINUTES, DAY_MINUTES)]
    for before, after in pairwise(edges):
        if before.end != after.start:
            return str(Hours(*sorted((before.end, after.start))))
    return None


def hours_of(day: Iterable[tuple[Hours, Period]]) -> Mapping[Period, float]:
    """Hours of each period in a day."""
    total = dict.fromkeys(Period, 0.0)
    for hours, period in day:
        total[period] += (hours.end - hours.start) / 60
    return total


def _without(hours: Hours, cuts: tuple[Hours, ...]) -> Iterator[Hours]:
    """What is left of a stretch outside of others."""
    start = hours.start
    for cut in sorted(cuts):
        if cut.end <= start or cut.start >= hours.end:
            continue
        if cut.start > start:
            yield Hours(start, cut.start)
        start = cut.end
    if start < hours.end:
        yield Hours(start, hours.end)


def _joined(stretches: Iterable[tuple[Hours, Period]]) -> tuple[tuple[Hours, Period], ...]:
    """Neighbours of one period as one stretch."""
    joined: list[tuple[Hours, Period]] = []
    for hours, period in stretches:
        if joined and joined[-1][1] is period and joined[-1][0].end == hours.start:
            joined[-1] = (Hours(joined[-1][0].start, hours.end), period)
        else:
            joined.append((hours, period))
    return tuple(joined)
