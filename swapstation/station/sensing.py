"""What conditions read: a fresh sensor's word or None, and the list of what is still missing."""

from __future__ import annotations

from collections.abc import Callable

from swapstation.model.device import Presence, Robot, Truck
from swapstation.model.inventory import truck_place
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


def weight_is_carried(now: Situation) -> bool:
    """Whether the load cells show the weight of the battery that the record has on the truck: no more, no less."""
    robot, swap = robot_of(now), now.swap
    standing = now.snapshot.inventory.at(truck_place(swap.vin)) if swap else None
    model = now.battery_model(standing.battery) if standing else None
    return robot is not None and model is not None and abs(robot.load_kg - model.mass_kg) <= model.mass_tolerance_kg


def presence_in(now: Situation, number: int | None) -> Presence | None:
    """What the two sensors of a bay say together, None when they say nothing fresh."""
    bay = now.bay(number)
    io = bay.io.good if bay else None
    return io.presence if io else None
