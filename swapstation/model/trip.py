"""Trips of trucks as their fleets tell them: what was carried, how far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MOST_TONNES, MOST_KM = 200.0, 2000.0


@dataclass(frozen=True, slots=True)
class Trip:
    """One loaded way, under the fleet's own id; told again under the same id it counts as told last."""

    trip: str
    vin: str
    ended_at: datetime
    tonnes: float
    distance_km: float
    fleet: str = ""
