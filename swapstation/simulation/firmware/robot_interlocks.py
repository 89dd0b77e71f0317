"""Interlocks of the robot PLC: why it refuses an order, judged by its own sensors.

The PLC knows the truck's locks and the bays' contactors by wired sensors of its own, not by what the station says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from swapstation.model.device import LockState
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset
from swapstation.simulation.firmware.robot_words import Command, Order, Refusal
from swapstation.simulation.plant.plant import Plant, offset_mm
from swapstation.simulation.plant.robot import Point
from swapstation.simulation.plant.truck import Pose, Truck

POSE_RANGE = Pose(x_mm=200.0, y_mm=200.0, yaw_mrad=80.0)
AT_TRUCK_MM = 20.0
SEAT_WINDOW = SeatOffset(120, 80, 40)
"""Seat offsets that the PLC takes, either way (own design)."""
SEATS = frozenset({Command.LOCATE, Command.EXCHANGE})
"""Orders that say where the truck's seat is."""


@dataclass(frozen=True, slots=True)
class View:
    """What the PLC judges by: the plant's sensors, the truck pose it measured, the seat's offset it was told."""

    plant: Plant
    measured: Pose | None
    seat: SeatOffset = NOMINAL_SEAT

    @property
    def truck(self) -> Truck | None:
        """The truck, if it stands within the robot's range."""
        truck = self.plant.truck
        if truck is None or not truck.standing:
            return None
        pose = self.plant.truck_pose(truck)
        reachable = abs(pose.x_mm) <= POSE_RANGE.x_mm and abs(pose.y_mm) <= POSE_RANGE.y_mm
        return truck if reachable and abs(pose.yaw_mrad) <= POSE_RANGE.yaw_mrad else None

    @property
    def truck_position(self) -> int:
        """The battery position of the truck above which the spreader is, by the pose of the last LOCATE; 0: none."""
        if self.measured is None or self.truck is None:
            return 0
        x_mm, y_mm = self.measured.x_mm + self.seat.seat_x_mm, self.measured.y_mm + self.seat.seat_y_mm
        at = self.plant.robot.at
        seats = {position: Point(x_mm + offset_mm(position), y_mm, 0.0) for position in self.truck.positions}
        return next((position for position, seat in seats.items() if at.over(seat, AT_TRUCK_MM)), 0)

    def locked(self, state: LockState, position: int) -> bool:
        return self.truck is not None and self.truck.lock_at(position) is state

    def truck_loaded(self, position: int) -> bool:
        return self.truck is not None and self.plant.on_truck(self.truck, position) is not None

    def has_position(self, position: int) -> bool:
        return self.truck is not None and position in self.truck.positions

    def dead(self, bay: int) -> bool:
        return not self.plant.bays[bay].contactor_closed


Interlock = tuple[Refusal, Callable[[View, Order], bool]]

_HOMED: Interlock = (Refusal.NOT_HOMED, lambda view, _: view.plant.robot.homed)
_FREE: Interlock = (Refusal.ROBOT_HAS_BATTERY, lambda view, _: view.plant.robot.battery is None)
_NOT_STANDING_GRIPPED: Interlock = (
    Refusal.ROBOT_HAS_BATTERY,
    lambda view, _: view.plant.robot.battery is None or view.plant.hanging is not None,
)
_LOADED: Interlock = (Refusal.ROBOT_HAS_NO_BATTERY, lambda view, _: view.plant.hanging is not None)
_FROM_FULL: Interlock = (Refusal.BAY_EMPTY, lambda view, order: all(view.plant.presence(order.from_bay)))
_TO_EMPTY: Interlock = (Refusal.BAY_OCCUPIED, lambda view, order: not any(view.plant.presence(order.to_bay)))
_FROM_DEAD: Interlock = (Refusal.BAY_NOT_DEAD, lambda view, order: view.dead(order.from_bay))
_TO_DEAD: Interlock = (Refusal.BAY_NOT_DEAD, lambda view, order: view.dead(order.to_bay))
_TRUCK: Interlock = (Refusal.TRUCK_NOT_IN_POSITION, lambda view, order: view.has_position(order.position))
_UNLOCKED: Interlock = (
    Refusal.TRUCK_NOT_UNLOCKED,
    lambda view, order: view.locked(LockState.UNLOCKED, order.position),
)
_LOCKED_BELOW: Interlock = (
    Refusal.TRUCK_NOT_LOCKED,
    lambda view, _: not view.truck_position or view.locked(LockState.LOCKED, view.truck_position),
)
_GRIPPED: Interlock = (Refusal.NOT_GRIPPED, lambda view, _: view.plant.gripped)
_SEATED: Interlock = (Refusal.NOT_SEATED, lambda view, _: view.plant.seated)
_AT_TRUCK: Interlock = (Refusal.NOT_AT_TRUCK, lambda view, order: view.truck_position == order.position)
_MEASURED: Interlock = (Refusal.NOT_AT_TRUCK, lambda view, _: view.measured is not None)
_TRUCK_FULL: Interlock = (Refusal.TRUCK_EMPTY, lambda view, order: view.truck_loaded(order.position))
_TRUCK_FREE: Interlock = (Refusal.TRUCK_OCCUPIED, lambda view, order: not view.truck_loaded(order.position))

_PERMITTED: Interlock = (Refusal.TRANSFER_NOT_PERMITTED, lambda view, _: view.plant.safety().transfer_permitted)
_TO_ISOLATION: Interlock = (Refusal.NOT_ISOLATION, lambda view, order: view.plant.bays[order.to_bay].settings.isolation)

INTERLOCKS: dict[Command, tuple[Interlock, ...]] = {
    Command.HOME: (_NOT_STANDING_GRIPPED,),
    Command.LOCATE: (_HOMED, _NOT_STANDING_GRIPPED, _TRUCK),
    Command.GRIP: (_HOMED, _FREE, _TRUCK, _AT_TRUCK, _TRUCK_FULL),
    Command.LIFT: (_HOMED, _TRUCK, _AT_TRUCK, _GRIPPED, _SEATED, _UNLOCKED),
    Command.PUT: (_HOMED, _LOADED, _TO_EMPTY, _TO_DEAD),
    Command.PICK: (_HOMED, _FREE, _FROM_FULL, _FROM_DEAD),
    Command.PLACE: (_HOMED, _LOADED, _TRUCK, _MEASURED, _UNLOCKED, _TRUCK_FREE),
    Command.UNGRIP: (_GRIPPED, _SEATED, _LOCKED_BELOW),
    Command.PARK: (_HOMED, _NOT_STANDING_GRIPPED),
    Command.MOVE: (_HOMED, _FREE, _FROM_FULL, _FROM_DEAD, _TO_EMPTY, _TO_DEAD),
    Command.ISOLATE: (_PERMITTED, _TO_ISOLATION, _HOMED, _FREE, _FROM_FULL, _FROM_DEAD, _TO_EMPTY, _TO_DEAD),
    Command.EXCHANGE: (_HOMED, _FREE, _FROM_FULL, _TO_EMPTY, _TRUCK, _TRUCK_FULL),
}
"""What must hold before each command, in the order it is judged; the code is of the first that does not."""

_BAYS_USED: dict[Command, Callable[[Order], tuple[int, ...]]] = {
    Command.PUT: lambda order: (order.to_bay,),
    Command.PICK: lambda order: (order.from_bay,),
    Command.MOVE: lambda order: (order.from_bay, order.to_bay),
    Command.ISOLATE: lambda order: (order.from_bay, order.to_bay),
    Command.EXCHANGE: lambda order: (order.from_bay, order.to_bay),
}


def bays_valid(order: Order, bays: Collection[int]) -> bool:
    """Tell whether the bay numbers that the command uses exist and differ."""
    command = Command(order.command)
    used = _BAYS_USED[command](order) if command in _BAYS_USED else ()
    return all(bay in bays for bay in used) and len(set(used)) == len(used)


def first_refusal(order: Order, view: View) -> Refusal:
    """The first interlock of a valid command that does not hold, or ACCEPTED."""
    for refusal, holds in INTERLOCKS[Command(order.command)]:
        if not holds(view, order):
            return refusal
    return Refusal.ACCEPTED
