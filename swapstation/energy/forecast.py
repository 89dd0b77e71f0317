"""How many trucks will come: learned hour by hour from the station's own history (own design).

An hour's mean is the mean of that hour of the day, times how busy that shift of that weekday is against it. Old hours
count less and less. What trucks announce replaces its part of the forecast: how far ahead they do so is learned, too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt

from swapstation.energy.curve import Curve

HOURS, SHIFTS, WEEKDAYS = 24, 3, 7
SHIFT_H = HOURS // SHIFTS
LEADS_S = (0.0, 900.0, 1800.0, 2700.0, 3600.0, 5400.0, 7200.0, 10800.0, 14400.0, 28800.0, 86400.0)
"""How far ahead trucks announce themselves is counted in these classes."""
PRIOR_TRUCKS = 10.0
"""A shift of a weekday is taken to be like any other until so many trucks have been seen of it."""
PRIOR_HOURS = 3.0
"""An hour of the day is taken to be like any other until it has been seen so often."""


@dataclass(slots=True)
class DemandForecast:
    """One battery model's trucks. Plain numbers, so that it can be kept over a restart.

    `half_life_days`: what is so old counts half. `trucks`, `seen`: by hour of the day; `shift_trucks`, `shift_due`: by
    weekday and shift, as they came and as the hours alone would have let expect; `off_squares`, `off_due`: of shifts.
    """

    half_life_days: float = 28.0
    trucks: list[float] = field(default_factory=lambda: [0.0] * HOURS)
    seen: list[float] = field(default_factory=lambda: [0.0] * HOURS)
    shift_trucks: list[float] = field(default_factory=lambda: [0.0] * (WEEKDAYS * SHIFTS))
    shift_due: list[float] = field(default_factory=lambda: [0.0] * (WEEKDAYS * SHIFTS))
    off_squares: float = 0.0
    off_due: float = 0.0
    leads: list[float] = field(default_factory=lambda: [0.0] * len(LEADS_S))
    unannounced: float = 0.0
    this_shift: tuple[float, float] = (0.0, 0.0)

    def learn(self, hour: datetime, leads_s: Sequence[float]) -> None:
        """An hour of local time has passed; one lead for each truck that came: how long before it was known (s)."""
        self._forget()
        due, came = self.mean(hour), float(len(leads_s))
        slot = _slot(hour)
        self.shift_trucks[slot] += came
        self.shift_due[slot] += self._of_hour(hour.hour)
        self.trucks[hour.hour] += came
        self.seen[hour.hour] += 1.0
        self.this_shift = (self.this_shift[0] + came, self.this_shift[1] + due)
        if (hour.hour + 1) % SHIFT_H == 0:
            self.off_squares += (self.this_shift[0] - self.this_shift[1]) ** 2
            self.off_due += self.this_shift[1]
            self.this_shift = (0.0, 0.0)
        for lead_s in leads_s:
            if lead_s > 0.0:
                self.leads[bisect_right(LEADS_S, lead_s) - 1] += 1.0
            else:
                self.unannounced += 1.0

    def mean(self, at: datetime) -> float:
        """Trucks per hour expected at a local time."""
        slot = _slot(at)
        busy = (self.shift_trucks[slot] + PRIOR_TRUCKS) / (self.shift_due[slot] + PRIOR_TRUCKS)
        return self._of_hour(at.hour) * busy

    @property
    def dispersion(self) -> float:
        """Variance of the trucks of a shift against their mean; 1 for trucks at random, never taken for less."""
        return max((self.off_squares + PRIOR_TRUCKS) / (self.off_due + PRIOR_TRUCKS), 1.0)

    def announced_share(self) -> Curve:
        """Lead (s) -> share of all trucks that is known at least so long before it comes."""
        total = max(sum(self.leads) + self.unannounced, 1.0)
        shares = [sum(self.leads[first:]) / total for first in range(len(LEADS_S))]
        return Curve(tuple(zip(LEADS_S, shares, strict=True)))

    def ahead(self, starts_at: datetime, step_s: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of the trucks in each step that have not been announced yet."""
        share, dispersion = self.announced_share(), self.dispersion
        means = tuple(self._steps(starts_at, step_s, share))
        return means, tuple(sqrt(dispersion * mean) for mean in means)

    def _steps(self, starts_at: datetime, step_s: Sequence[float], share: Curve) -> Iterator[float]:
        at_s, within_s = 0.0, starts_at.minute * 60.0 + starts_at.second
        means: dict[int, float] = {}
        for length_s in step_s:
            middle_s = at_s + length_s / 2.0
            hour = int((within_s + middle_s) // 3600.0)
            if hour not in means:
                means[hour] = self.mean(starts_at + timedelta(hours=hour))
            yield means[hour] * length_s / 3600.0 * (1.0 - share.at(middle_s))
            at_s += length_s

    def _of_hour(self, hour: int) -> float:
        """Trucks in that hour of the day, whatever the weekday."""
        all_hours = sum(self.trucks) / max(sum(self.seen), 1.0)
        return (self.trucks[hour] + PRIOR_HOURS * all_hours) / (self.seen[hour] + PRIOR_HOURS)

    def _forget(self) -> None:
        """An hour older."""
        kept = 0.5 ** (1.0 / (24.0 * self.half_life_days))
        for values in (self.trucks, self.seen, self.shift_trucks, self.shift_due, self.leads):
            values[:] = [value * kept for value in values]
        self.off_squares *= kept
        self.off_due *= kept
        self.unannounced *= kept


def _slot(at: datetime) -> int:
    return at.weekday() * SHIFTS + at.hour // SHIFT_H
