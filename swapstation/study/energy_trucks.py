"""Trucks at random: a Poisson process with the day's hourly course, each with the SOC of the battery it brings."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from swapstation.study.energy_case import DAY_MIN, EnergyCase


@dataclass(frozen=True, slots=True)
class Truck:
    """When it comes (minutes from the first midnight) and what is in the battery that it brings (kWh)."""

    at_min: float
    kwh: float


def trucks(case: EnergyCase, days: int, chance: Random) -> list[Truck]:
    """All that come within so many days, in order (thinning of the busiest hour's process)."""
    most = max(case.trucks_per_min(hour * 60) for hour in range(24))
    found, at_min = [], chance.expovariate(most)
    while at_min < days * DAY_MIN:
        if chance.random() * most < case.trucks_per_min(int(at_min)):
            drawn_pct = chance.gauss(case.soc_in_pct, case.soc_in_sd_pct)
            soc_pct = min(max(drawn_pct, case.soc_in_least_pct), case.soc_in_most_pct)
            found.append(Truck(at_min, case.capacity_kwh * soc_pct / 100.0))
        at_min += chance.expovariate(most)
    return found
