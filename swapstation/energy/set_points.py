"""From a step's mean powers to set-points: 0 or at least the guaranteed power, within the site's limit (own design)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from swapstation.energy.plan_input import BayBattery

WHOLE_KW = 0.1
"""Below this a set-point is a wait."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the program wants of a bay now: mean kW DC of the first step; it may reach its target within that step."""

    battery: BayBattery
    mean_kw: float
    finishes: bool = False


def set_points(wanted: Iterable[Wanted], most_kw: float) -> dict[int, float]:
    """kW DC by bay, charging in all at most `most_kw`. `wanted` in the order in which they count.

    Whoever would get less than its guaranteed power waits wholly. A charge that ends within the step ends at full
    power. What is given back to the site is not given to others.
    """
    left_kw, given = most_kw, {}
    for each in wanted:
        battery = each.battery
        if each.mean_kw < WHOLE_KW:
            given[battery.bay] = max(each.mean_kw, -battery.discharge_kw) if each.mean_kw < -WHOLE_KW else 0.0
            continue
        least_kw = min(battery.min_power_kw, battery.max_power_kw)
        wanted_kw = battery.max_power_kw if each.finishes else max(each.mean_kw, least_kw)
        kw = min(wanted_kw, battery.max_power_kw, left_kw)
        given[battery.bay] = kw if kw >= least_kw else 0.0
        left_kw -= given[battery.bay]
    return given
