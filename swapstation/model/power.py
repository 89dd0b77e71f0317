"""The site's power as people and the planner see it: limits with their causes, the tree, the quarter-hour demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from swapstation.model.dispatch import Dispatch


class DemandChargeMode(StrEnum):
    """How the grid connection is paid for beside energy; only `demand` makes a peak cost something."""

    WAIVED = "waived"
    DEMAND = "demand"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class LimitCause:
    """Why a limit is what it is: code of the reasons catalogue, the dispatch record behind it, and its kW AC."""

    code: str
    kw: float
    dispatch: str = ""


@dataclass(frozen=True, slots=True)
class NodeLimit:
    """Most import of one feeder or bay by its own caps (kW AC); what is above it in the tree counts besides."""

    node: str
    kw: float
    cause: LimitCause


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What arbitration makes of every cap that is in force at an instant; kW AC at the meter, None: no limit.

    `charging_kw` is of all charging together, a cap of its own (`[site] power_kw`) within `import_kw`. `setpoint_kw`
    is asked for and never above `import_kw`. `causes` are those of `import_kw` and `charging_kw`, the strictest first.
    """

    import_kw: float | None = None
    charging_kw: float | None = None
    export_kw: float = 0.0
    setpoint_kw: float | None = None
    soc_target_pct: float | None = None
    shed_level: int = 0
    nodes: tuple[NodeLimit, ...] = ()
    causes: tuple[LimitCause, ...] = ()

    def node(self, name: str) -> NodeLimit | None:
        return next((each for each in self.nodes if each.node == name), None)


@dataclass(frozen=True, slots=True)
class PowerNode:
    """One node of the tree now: its limit, what is taken below it, and what may be taken until bays show less (kW AC).

    The root is `site`, whose limit is that of the meter and whose `taken_kw` is the meter's, or estimated without it.
    """

    node: str
    parent: str
    limit_kw: float | None
    taken_kw: float
    may_take_kw: float
    cause: LimitCause | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """The running quarter of an hour and the month: mean import in kW AC over 15 min.

    `used_kwh` since `window_at`, with what is not known counted as what may have been used (`estimated`).
    `allowed_kw`: most mean import for the rest of the window, None: nothing is kept.
    """

    window_at: datetime
    used_kwh: float
    estimated: bool
    allowed_kw: float | None = None
    limit_kw: float | None = None
    month_peak_kw: float = 0.0
    month_peak_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour that is over: mean import (kW AC); `estimated`: part of it was not metered.

    `counter_kwh`: the meter's last counter in it. `peak_...`: highest metered quarter of its month so far.
    """

    at: datetime
    demand_kw: float
    estimated: bool
    counter_kwh: float | None
    peak_kw: float = 0.0
    peak_at: datetime | None = None


class DispatchPhase(StrEnum):
    """What a dispatch record does now; ENDING: its ramp leads back, OVER: it counts no more, and is ended next."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    SILENT = "silent"
    ENDING = "ending"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class DispatchState:
    """A dispatch record that stands, and what it does now."""

    dispatch: Dispatch
    phase: DispatchPhase


@dataclass(frozen=True, slots=True)
class PowerState:
    """The site's power at one instant; kW AC.

    `charging_kw`: what all charging together may take now, None: no limit; `other_kw`: what is kept for everything
    else. `metered`: the site's power is the meter's, else estimated from what may be taken. `causes` of `charging_kw`.
    """

    limit: PowerLimit = field(default_factory=PowerLimit)
    charging_kw: float | None = None
    other_kw: float = 0.0
    site_kw: float | None = None
    metered: bool = False
    hoist_reserved: bool = False
    nodes: tuple[PowerNode, ...] = ()
    demand: Demand | None = None
    dispatches: tuple[DispatchState, ...] = ()
    causes: tuple[LimitCause, ...] = ()

    @property
    def silent(self) -> frozenset[str]:
        """Records whose channel is silent."""
        silent = (each.dispatch.dispatch for each in self.dispatches if each.phase is DispatchPhase.SILENT)
        return frozenset(silent)
