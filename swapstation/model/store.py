"""The stationary battery store of a site (储能): what it reports, what it is to do. kW AC, positive into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swapstation.model.charge_plan import PlanReason


class StoreState(StrEnum):
    """What a store says of itself. OFF: it is not coupled and takes no set-point."""

    OFF = "off"
    READY = "ready"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Store:
    """What the store reports: power, SOC, fault code (0: none), the energy that it holds.

    `charge_limit_kw`, `discharge_limit_kw`: most that it can take and give now, both positive; `setpoint_kw`: the power
    that it obeys. None: it does not tell.
    """

    state: StoreState
    power_kw: float
    soc_pct: float
    fault_code: int
    energy_kwh: float | None = None
    charge_limit_kw: float | None = None
    discharge_limit_kw: float | None = None
    setpoint_kw: float | None = None

    @property
    def healthy(self) -> bool:
        """Whether it says that it can work."""
        return self.state is StoreState.READY and self.fault_code == 0


@dataclass(frozen=True, slots=True)
class StoreGoal:
    """What the store is to do now (kW AC, 0: rest), and why."""

    power_kw: float = 0.0
    reasons: tuple[PlanReason, ...] = ()
