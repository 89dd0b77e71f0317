"""The charging plan: what the planner tells the controller, and what people are shown of it (own design).

Only set-points of now are orders; what lies ahead is a forecast. A plan counts for a short while from its arrival,
by the controller's own clock: without a new one the station charges on arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PlanReason:
    """Why a bay charges or waits: a code of the reasons catalogue and the values that its text names."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedBay:
    """One battery's part of the plan: power of now (kW DC; 0: wait; below 0: discharge), target, when it is ready.

    The set-point holds for `battery` alone: another one in the bay is charged on arrival. `goes_on_at` is when a
    battery that waits is to be charged, `ready_at` when it is expected at its target; None: not within the plan.
    """

    bay: int
    battery: str
    power_kw: float
    target_soc_pct: float
    goes_on_at: datetime | None = None
    ready_at: datetime | None = None
    reasons: tuple[PlanReason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of the forecast for the site: from when, kW AC planned, the limit (None: none), yuan per kWh AC."""

    at: datetime
    site_kw: float
    limit_kw: float | None
    price_per_kwh: Decimal | None


@dataclass(frozen=True, slots=True)
class Availability:
    """How many batteries of a model can still be promised to a truck that comes at `at` and needs `soc_pct` or more."""

    model: str
    at: datetime
    soc_pct: float
    free: int


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """A plan as the planner made it. `cost` is the expected yuan of energy until `steps` end, None without prices.

    `holds_until`: when its set-points of now are over by its own forecast; None: not within the plan.
    `store_kw`: power of now into the site's store (kW AC, below 0: out of it), None: it is not planned.
    """

    plan: str
    made_at: datetime
    bays: tuple[PlannedBay, ...]
    steps: tuple[PlanStep, ...] = ()
    availability: tuple[Availability, ...] = ()
    cost: Decimal | None = None
    holds_until: datetime | None = None
    store_kw: float | None = None

    def bay(self, number: int, battery: str | None) -> PlannedBay | None:
        """The part of the battery in a bay; None: the plan does not know it there."""
        return next((each for each in self.bays if (each.bay, each.battery) == (number, battery)), None)

    def available(self, model: str, soc_pct: float) -> tuple[Availability, ...]:
        """What can be promised of a model with no less charge, by time: the rows of the least SOC that is enough."""
        enough = [row for row in self.availability if row.model == model and row.soc_pct >= soc_pct]
        least_pct = min((row.soc_pct for row in enough), default=None)
        return tuple(sorted((row for row in enough if row.soc_pct == least_pct), key=lambda row: row.at))


@dataclass(frozen=True, slots=True)
class PlanWatch:
    """What the station makes of the planner: whether it waits for plans at all, and what became of those that came.

    `age_s` is the time since the last new plan arrived, None before the first of this boot; `late`: it charges on
    arrival for want of one. Of this boot's plans `taken` were followed and `refused` wrong, the last of them by what
    `refusal` names.
    """

    enabled: bool = False
    age_s: float | None = None
    late: bool = False
    taken: int = 0
    refused: int = 0
    refusal: str = ""
