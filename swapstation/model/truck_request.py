"""Requests about trucks' cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RegisterTruck:
    """Make a truck known, or change its card. The station fills in how many batteries its model carries.

    `seat_...`: how far its battery seat is off the nominal one of its model, in mm: along the lane, across it, up.
    """

    vin: str
    model: str
    positions: int = 1
    seat_x_mm: int = 0
    seat_y_mm: int = 0
    seat_z_mm: int = 0
    kind: Literal["register_truck"] = "register_truck"
