"""What is known of a battery's health: one observation per charge, and the card that is made of them (own design)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Observation:
    """What one charge showed of a battery. Energy in kWh DC with its limit of error, resistance of the whole battery.

    Cell voltages are those at the end of the charge, temperatures the highest and the greatest spread within it.
    `faults` are words of the BMS; an insulation fault is among them.
    """

    at: datetime
    bay: int
    start_soc_pct: float | None = None
    end_soc_pct: float | None = None
    dc_kwh: float | None = None
    dc_uncertainty_kwh: float = 0.0
    resistance_mohm: float | None = None
    resistance_temperature_c: float | None = None
    max_cell_v: float | None = None
    min_cell_v: float | None = None
    max_temperature_c: float | None = None
    temperature_spread_c: float | None = None
    faults: tuple[str, ...] = ()
    charge_count: int | None = None
    production_date: str | None = None

    @property
    def cell_spread_v(self) -> float | None:
        if self.max_cell_v is None or self.min_cell_v is None:
            return None
        return self.max_cell_v - self.min_cell_v


class HealthGrade(StrEnum):
    """How a battery is: good, worn (to be watched), suspect (out of circulation), unknown (too little was seen)."""

    GOOD = "good"
    WORN = "worn"
    SUSPECT = "suspect"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """One figure of the card: its value with limit of error and unit, its thresholds, its grade.

    `figure` is a word of the health texts; None: never seen. `from_count` observations it comes from.
    """

    figure: str
    grade: HealthGrade
    value: float | None = None
    uncertainty: float | None = None
    unit: str = ""
    worn: float | None = None
    suspect: float | None = None
    from_count: int = 0


@dataclass(frozen=True, slots=True)
class HealthCard:
    """The check-up of one battery, of all its observations until `at`."""

    battery: str
    model: str
    at: datetime
    grade: HealthGrade
    findings: tuple[HealthFinding, ...]
    observations: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    codes: tuple[str, ...] = ()
    quarantined: bool = False
    quarantine_reason: str = ""
    production_date: date | None = None
    charge_count: int | None = None
    faults: tuple[str, ...] = ()
    reasons: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Suspect:
    """A battery that its check-up finds suspect; `reasons` are the figures of its card that say so."""

    battery: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnergyState:
    """What people should look at: open cases of the energy ledger, suspect batteries that still circulate."""

    open_cases: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = ()


@dataclass(frozen=True, slots=True)
class BatteryObserved:
    """A charge ended and showed this of a battery's health."""

    battery: str
    observation: Observation
