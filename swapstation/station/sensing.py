"""What conditions read: a fresh sensor's word or None, and the list of what is still missing."""

from __future__ import annotations

from collections.abc import Callable

from swapstation.model.bypass import BypassInput
from swapstation.model.command import Command
from swapstation.model.device import Presence, Robot, Truck
from swapstation.station.situation import Situation

Missing = tuple[str, ...]
Condition = Callable[[Situation], Missing]
Interlock = Callable[[Situation, Command], bool]


def missing(**checks: bool) -> Missing:
    """The reason codes whose check is not met."""
    return tuple(reason for reason, met in checks.items() if not met)


def robot_of(now: Situation) -> Robot | None:
    return now.snapshot.robot.good


def truck_of(now: Situation) -> Truck | None:
    return now.snapshot.truck.good


def robot_at_position(now: Situation) -> bool:
    """Whether the robot stands at the battery position that is worked at; one that does not say knows the first."""
    robot = robot_of(now)
    return robot is not None and (robot.truck_position or 1) == now.position


def truck_in_position(now: Situation) -> bool:
    """Whether the robot PLC calls the truck in position, or people bypass that word; a silent PLC says nothing."""
    robot = robot_of(now)
    return robot is not None and (robot.truck_in_position or now.bypasses(BypassInput.TRUCK_IN_POSITION))


def pose_in_range(now: Situation) -> Missing:
    """In which directions the measured pose of the truck is not within its limits."""
    robot, limits = robot_of(now), now.pose_limits
    if robot is None:
        return ("robot_link",)
    return missing(
        pose_x_in_range=abs(robot.pose_x_mm) <= limits.x_mm,
        pose_y_in_range=abs(robot.pose_y_mm) <= limits.y_mm,
        pose_yaw_in_range=abs(robot.pose_yaw_mrad) <= limits.yaw_mrad,
    )


def weight_is_carried(now: Situation) -> bool:
    """Whether the load cells show the weight of the battery that the record has on the truck: no more, no less."""
    robot, swap = robot_of(now), now.swap
    standing = now.snapshot.inventory.at(swap.place) if swap else None
    model = now.battery_model(standing.battery) if standing else None
    return robot is not None and model is not None and abs(robot.load_kg - model.mass_kg) <= model.mass_tolerance_kg


def presence_in(now: Situation, number: int | None) -> Presence | None:
    """What the two sensors of a bay say together, None when they say nothing fresh."""
    bay = now.bay(number)
    io = bay.io.good if bay else None
    return io.presence if io else None
