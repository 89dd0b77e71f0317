"""What conditions read: a fresh sensor's word or None, and the list of what is still missing."""

from __future__ import annotations

from collections.abc import Callable

from swapstation.model.device import Presence, Robot, Truck
from swapstation.station.situation import Situation

Missing = tuple[str, ...]
Condition = Callable[[Situation], Missing]


def missing(**checks: bool) -> Missing:
    """The reason codes whose check is not met."""
    return tuple(reason for reason, met in checks.items() if not met)


def robot_of(now: Situation) -> Robot | None:
    return now.snapshot.robot.good


def truck_of(now: Situation) -> Truck | None:
    return now.snapshot.truck.good


def presence_in(now: Situation, number: int | None) -> Presence | None:
    """What the two sensors of a bay say together, None when they say nothing fresh."""
    bay = now.bay(number)
    io = bay.io.good if bay else None
    return io.presence if io else None
