"""Requests about trucks' cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset


@dataclass(frozen=True, slots=True)
class RegisterTruck:
    """Make a truck known, or change its card. The station fills in how many batteries its model carries."""

    vin: str
    model: str
    positions: int = 1
    seat: SeatOffset = NOMINAL_SEAT
    kind: Literal["register_truck"] = "register_truck"
