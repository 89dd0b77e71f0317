"""The liquid-cooling unit of a bay (液冷机组): what it reports and what it is to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swapstation.model.charge_plan import PlanReason


class ClimateMode(StrEnum):
    """What a unit does with the battery's coolant."""

    OFF = "off"
    CIRCULATE = "circulate"
    HEAT = "heat"
    COOL = "cool"


@dataclass(frozen=True, slots=True)
class Climate:
    """What the unit of a bay reports: coolant to and from the battery (°C), pressure, flow, its fault code (0: none).

    `supply_setpoint_c` is the coolant temperature that it holds; `power_kw` what it takes from the grid.
    """

    mode: ClimateMode
    supply_c: float
    return_c: float
    fault_code: int
    pressure_kpa: float | None = None
    flow_lpm: float | None = None
    supply_setpoint_c: float | None = None
    power_kw: float | None = None


@dataclass(frozen=True, slots=True)
class ClimateGoal:
    """What the unit of a bay is to do now, with which coolant (°C), and why."""

    bay: int
    mode: ClimateMode = ClimateMode.OFF
    supply_c: float = 0.0
    reasons: tuple[PlanReason, ...] = ()
