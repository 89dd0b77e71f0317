"""The physical limit of a station in sustained swaps per hour: pure formulas (own design, after Little's law).

What is lost to variability is not in it: a station whose limits lie close together stays below the least of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

STEPS = 200
"""Steps of the integral over the SOC."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One lane, as it is: seconds of a lane cycle (drive-in to drive-in) and of a pack's handling, hours of a charge.

    `packs` are the spare packs, one less than there are bays, so that chargers are never the limit; `pack_kwh` is what
    one swap takes, kWh DC.
    """

    packs: int
    site_kw: float
    efficiency: float
    lane_cycle_s: float
    handling_s: float
    charge_h: float
    pack_kwh: float


def robot_per_h(lane_cycle_s: float) -> float:
    """Swaps per hour of the lane alone."""
    return 3600.0 / lane_cycle_s


def batteries_per_h(packs: int, charge_h: float, handling_s: float) -> float:
    """Little's law: packs = rate x turn-round."""
    return packs / (charge_h + handling_s / 3600.0)


def grid_per_h(site_kw: float, efficiency: float, pack_kwh: float) -> float:
    """Swaps per hour that the grid connection feeds."""
    return efficiency * site_kw / pack_kwh


def charge_h(kwh_per_pct: float, from_pct: float, to_pct: float, power_kw: Callable[[float], float]) -> float:
    """Hours of a charge: the integral of energy over power along the SOC (%), midpoint rule."""
    step_pct = (to_pct - from_pct) / STEPS
    return sum(kwh_per_pct * step_pct / power_kw(from_pct + (step + 0.5) * step_pct) for step in range(STEPS))


def parts(plant: Plant) -> dict[str, float]:
    """Each limit by its name, swaps per hour."""
    return dict(_parts(plant))


def _parts(plant: Plant) -> Iterator[tuple[str, float]]:
    yield "robot", robot_per_h(plant.lane_cycle_s)
    yield "battery", batteries_per_h(plant.packs, plant.charge_h, plant.handling_s)
    yield "grid", grid_per_h(plant.site_kw, plant.efficiency, plant.pack_kwh)


def limit_per_h(plant: Plant) -> float:
    """The least of them."""
    return min(parts(plant).values(), default=inf)
