"""Requests about the energy ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CloseEnergyCase:
    """A person has dealt with a case of missing or surplus energy."""

    case: str
    reason: str
    kind: Literal["close_energy_case"] = "close_energy_case"
