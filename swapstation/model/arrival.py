"""Trucks that came: what a forecast of the demand is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """One battery that was swapped: when its truck asked, its model, the SOC it came back with (%, None: unknown).

    `announced_s`: how long before that it was booked; 0: it was not.
    """

    at: datetime
    model: str
    returned_soc_pct: float | None = None
    announced_s: float = 0.0
