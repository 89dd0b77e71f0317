"""Settings of the batteries' check-up: thresholds per model, and what becomes of a suspect battery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum


class Suspects(StrEnum):
    """What the station does with a battery that its check-up finds suspect: propose its quarantine, or place it."""

    PROPOSE = "propose"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Health:
    """`suspects`: what becomes of a suspect battery."""

    suspects: Suspects = Suspects.PROPOSE


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """Thresholds of one battery model; beyond `worn_...` it is watched, beyond `suspect_...` it is suspect.

    Capacity in % of the model's energy, rise of the resistance in % of `resistance_mohm` or else of the first charges
    seen, spreads of cells (V, at the end of a charge) and temperatures (K), full cycles, years since production.
    `least_window_pct`: SOC that a charge must cross for its capacity to count. The resistance falls by
    `resistance_pct_per_k` for each kelvin (own design after common LFP data).
    """

    worn_capacity_pct: float = 80.0
    suspect_capacity_pct: float = 65.0
    worn_resistance_rise_pct: float = 50.0
    suspect_resistance_rise_pct: float = 120.0
    worn_cell_spread_v: float = 0.25
    suspect_cell_spread_v: float = 0.45
    worn_temperature_spread_c: float = 10.0
    suspect_temperature_spread_c: float = 18.0
    worn_cycles: float = 3000.0
    worn_age_years: float = 8.0
    least_window_pct: float = 50.0
    resistance_mohm: float | None = None
    resistance_pct_per_k: float = 1.5


def limit_pairs() -> Iterator[tuple[str, str]]:
    """Names of the thresholds that come in pairs: worn, suspect."""
    names = [entry.name for entry in fields(HealthLimits)]
    for name in names:
        suspect = name.replace("worn_", "suspect_")
        if name.startswith("worn_") and suspect in names:
            yield name, suspect
