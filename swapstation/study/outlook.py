"""What is coming: the trucks of the next week hour by hour with an interval, and what another station would do.

Learned by the planner's own forecast from the trucks that came. How far its intervals can be trusted is told by the
last week: it is forecast from what was known before it and compared with what came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt
from statistics import mean
from zoneinfo import ZoneInfo

from swapstation.config.settings import BatteryModel, Config
from swapstation.energy.forecast import DemandForecast
from swapstation.model.arrival import Arrival
from swapstation.planner.demand import learned
from swapstation.study.energy_case import HOURS, EnergyCase
from swapstation.study.energy_run import POLICIES, outcome, run

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WITHIN_SD = 1.2816
"""An interval of so many standard deviations to both sides holds 80 % of what comes."""
LEAST_DAYS = 3
"""Less than this teaches nothing."""
POLICY = "plan"


@dataclass(frozen=True, slots=True)
class HourAhead:
    """An hour of local time: trucks expected, and between which numbers they are with 80 %."""

    at: datetime
    trucks: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next week of one battery model. `coverage_pct`: of the last week's hours that lay in their interval then."""

    model: str
    known_days: float
    hours: tuple[HourAhead, ...]
    coverage_pct: float | None
    return_soc_pct: float

    @property
    def per_day(self) -> float:
        """Trucks a day in the mean of the week."""
        return sum(each.trucks for each in self.hours) * 24.0 / len(self.hours)

    def peaks(self, hours: int, count: int = 3) -> tuple[HourAhead, ...]:
        """The busiest of the next so many hours, the busiest first."""
        return tuple(sorted(self.hours[:hours], key=lambda each: (-each.trucks, each.at))[:count])


def outlook(arrivals: Sequence[Arrival], model: str, now: datetime, zone: ZoneInfo) -> Outlook | None:
    """The next week as it is known now; None where less than three days are known."""
    mine = [each for each in arrivals if each.model == model and each.at < now]
    known = (now - mine[0].at) / DAY if mine else 0.0
    if known < LEAST_DAYS:
        return None
    history = learned(mine, model, now, zone)
    first = now.astimezone(zone).replace(minute=0, second=0, microsecond=0) + HOUR
    return Outlook(
        model=model,
        known_days=round(known, 1),
        hours=tuple(_ahead(history.forecast, first + hour * HOUR) for hour in range(WEEK // HOUR)),
        coverage_pct=_coverage_pct(mine, model, first, zone),
        return_soc_pct=round(history.return_soc_pct, 1),
    )


def _ahead(forecast: DemandForecast, at: datetime) -> HourAhead:
    trucks = forecast.mean(at)
    spread = WITHIN_SD * sqrt(forecast.dispersion * trucks)
    return HourAhead(at, round(trucks, 2), round(max(trucks - spread, 0.0), 2), round(trucks + spread, 2))


def _coverage_pct(mine: Sequence[Arrival], model: str, now: datetime, zone: ZoneInfo) -> float | None:
    """The share of the last week's hours whose trucks lay within what was forecast before it (%)."""
    begin = now - WEEK
    before = [each for each in mine if each.at < begin]
    if not before or begin - before[0].at < LEAST_DAYS * DAY:
        return None
    forecast = learned(before, model, begin, zone).forecast
    came = Counter((each.at - begin) // HOUR for each in mine if each.at >= begin)
    told = [_ahead(forecast, begin + hour * HOUR) for hour in range(WEEK // HOUR)]
    held = sum(each.low <= came[hour] <= each.high for hour, each in enumerate(told))
    return round(100.0 * held / len(told), 1)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How a station would do with the trucks of the next week, charged by plans: waits (min, %), yuan per kWh."""

    station: str
    batteries: int
    site_kw: float
    most_swaps_per_day: float
    mean_wait_min: float
    over_5_min_pct: float
    over_15_min_pct: float
    yuan_per_kwh: float


def case_of(
    seen: Outlook, config: Config, model: BatteryModel, spares: int, prices: Sequence[tuple[float, float]]
) -> EnergyCase:
    """The station as the study simulates it; raises InputError where it cannot serve its trucks at all."""
    charging = config.charging_bays
    site_kw = config.site.power_kw or sum(bay.max_power_kw for bay in charging) / config.site.charging_efficiency
    hourly = [sum(each.trucks for each in seen.hours if each.at.hour == hour) for hour in range(HOURS)]
    return EnergyCase(
        batteries=spares,
        site_kw=site_kw,
        swaps_per_day=round(seen.per_day, 2),
        days=2,
        capacity_kwh=model.energy_kwh,
        charger_kw=max(bay.max_power_kw for bay in charging),
        efficiency=config.site.charging_efficiency,
        soc_in_pct=seen.return_soc_pct,
        soc_in_least_pct=max(seen.return_soc_pct - 15.0, 1.0),
        soc_in_most_pct=min(seen.return_soc_pct + 20.0, config.limits.ready_soc_pct - 1.0),
        soc_out_pct=config.limits.ready_soc_pct,
        hourly=tuple(hourly),
        tariff=tuple(prices),
    )


def variants(case: EnergyCase, more_kw: float, more_batteries: int) -> Mapping[str, EnergyCase]:
    """The station as it is, with one bay and battery more, with more power, with more batteries."""
    return {
        "as_it_is": case,
        "one_bay_more": replace(case, batteries=case.batteries + 1),
        "more_power": replace(case, site_kw=case.site_kw + more_kw),
        "more_batteries": replace(case, batteries=case.batteries + more_batteries),
        "both": replace(case, batteries=case.batteries + more_batteries, site_kw=case.site_kw + more_kw),
    }


def what_if(name: str, case: EnergyCase, seeds: Sequence[int]) -> WhatIf:
    """Simulate a station with the product's own plan; means over the seeds."""
    made = [outcome(run(case, seed, POLICIES[POLICY])) for seed in seeds]
    energy_kwh = sum(each.ac_kwh for each in made)
    return WhatIf(
        station=name,
        batteries=case.batteries,
        site_kw=round(case.site_kw, 1),
        most_swaps_per_day=round(case.most_per_day, 1),
        mean_wait_min=round(mean(each.wait_min for each in made), 2),
        over_5_min_pct=round(mean(each.late_pct for each in made), 2),
        over_15_min_pct=round(mean(each.very_late_pct for each in made), 2),
        yuan_per_kwh=round(sum(each.cost for each in made) / energy_kwh, 4) if energy_kwh else 0.0,
    )
