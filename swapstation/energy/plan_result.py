"""What a charging plan says: set-points of now with their reasons, and a forecast (own design).

Times are seconds from the plan's start; the planner turns them into a ChargePlan of model/charge_plan.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.charge_plan import PlanReason


@dataclass(frozen=True, slots=True)
class BayPlan:
    """One battery: power of now (kW DC; 0: wait; below 0: discharge), target, when it goes on and when it is ready.

    `goes_on_s`, `ready_s`: None when it does so not within the plan; 0 when it does so now.
    """

    bay: int
    battery: str
    power_kw: float
    target_soc_pct: float
    goes_on_s: float | None = None
    ready_s: float | None = None
    reasons: tuple[PlanReason, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteStep:
    """One step of the site: from when (s), import planned (kW AC, below 0: fed back), limit (None: none), price."""

    at_s: float
    site_kw: float
    limit_kw: float | None
    price_per_kwh: float


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A firm need that the limits do not let be met in time: what is missing then (kWh), and when it will be met."""

    need: str
    missing_kwh: float
    met_s: float | None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A whole plan. `cost`: expected yuan of the import until the last step ends; `store_kw`: power into the store.

    `holds_s`: for so long the set-points of now stay as they are by this plan; then it has to be made anew.
    """

    bays: tuple[BayPlan, ...]
    steps: tuple[SiteStep, ...]
    cost: float
    holds_s: float
    store_kw: float = 0.0
    shortfalls: tuple[Shortfall, ...] = ()
