"""How much a battery takes, and for how long: energy to a SOC, and the same at full power with its taper (own design).

A plan reckons in *slow kWh*: what a charge of the same duration would take at full power. Where a battery accepts half
the power, a kWh counts twice. So a plan is never too short for the taper, and its columns need no curve.
"""

from __future__ import annotations

from math import ceil

from swapstation.energy.curve import Curve

LEAST_ACCEPTANCE = 0.05
"""A battery that accepts less is taken to accept this: a plan must end."""


def kwh_to(soc_pct: float, capacity_kwh: float, from_pct: float) -> float:
    """kWh from one SOC to another, 0 when it is there already."""
    return capacity_kwh * max(soc_pct - from_pct, 0.0) / 100.0


def slow_kwh_to(soc_pct: float, capacity_kwh: float, from_pct: float, acceptance: Curve) -> float:
    """Slow kWh from one SOC (%) to another: the integral over the acceptance, in slices of 1 % at most."""
    if soc_pct <= from_pct:
        return 0.0
    begins_pct = min((x for x, y in acceptance.points if y < 1.0), default=100.0)
    before = max((x for x, y in acceptance.points if y >= 1.0 and x <= begins_pct), default=0.0)
    level_pct = min(max(before, from_pct), soc_pct)
    slices = ceil(soc_pct - level_pct)
    slow_pct = level_pct - from_pct
    for index in range(slices):
        width_pct = (soc_pct - level_pct) / slices
        share = acceptance.at(level_pct + (index + 0.5) * width_pct)
        slow_pct += width_pct / max(share, LEAST_ACCEPTANCE)
    return capacity_kwh * slow_pct / 100.0
