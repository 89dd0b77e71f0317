"""What the packed PLC demands of the truck before an exchange, by what the station relays of it (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swapstation.simulation.firmware.robot_words import Refusal

TRUCK_AGE_S = 1.0
_DEMANDS = (
    ("key", "OFF", Refusal.TRUCK_KEY_NOT_OFF),
    ("gear", "NEUTRAL", Refusal.GEAR_NOT_NEUTRAL),
    ("parking_brake", "SET", Refusal.PARKING_BRAKE_NOT_SET),
)


def refusal_by_truck(r3: tuple[Mapping[str, Any], float] | None, now_s: float) -> Refusal:
    """The first demand that the last R3, with the second it came, does not meet; ACCEPTED when it meets all."""
    if r3 is None or now_s - r3[1] >= TRUCK_AGE_S:
        return Refusal.TRUCK_LINK_LOST
    values, _ = r3
    return next((refusal for name, word, refusal in _DEMANDS if values[name] != word), Refusal.ACCEPTED)
