"""Motion control of the robot PLC: carries out one action of a program and supervises it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset
from swapstation.simulation.firmware.robot_interlocks import View
from swapstation.simulation.firmware.robot_words import Act, Action, Fault, Order, Target
from swapstation.simulation.plant.plant import Plant, truck_seat
from swapstation.simulation.plant.robot import STANDBY, TRANSPORT_Z_MM, Point
from swapstation.simulation.plant.truck import Pose

MEASURE_S = 4.0
CHECK_POSE_S = 2.0
WEIGH_S = 3.0
HOME_S = 12.0
MOTION_TIMEOUT_S = 60.0
GRIP_TIMEOUT_S = 5.0
HOIST_MM = 60.0
MOVED_MM = 20.0
LOW_MM = TRANSPORT_Z_MM - 100.0


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """Masses in kg outside which the PLC stops a lift by itself, whatever the station thinks."""

    least_kg: float
    most_kg: float


@dataclass(slots=True)
class Motion:
    """One action at a time. `measured` is the truck pose of the last LOCATE, `weighed_kg` the last weighing.

    `seat` is how far the truck's battery seat is off the nominal one, by the last order that told.
    """

    plant: Plant
    limits: LoadLimits
    measured: Pose | None = None
    weighed_kg: float = 0.0
    elapsed_s: float = 0.0
    seat: SeatOffset = NOMINAL_SEAT

    def restart(self) -> None:
        """Begin the next action, or the present one again after a pause."""
        self.elapsed_s = 0.0

    def run(self, action: Action, order: Order, dt_s: float) -> bool | Fault:
        """Drive `action` for `dt_s` plant seconds: True when it is done, a Fault when it cannot be."""
        self.elapsed_s += dt_s
        fault = self._supervise(action)
        if fault is not None:
            return fault
        match action.act:
            case Act.RAISE | Act.TRAVEL | Act.LOWER | Act.HOIST:
                return self._move(action, order)
            case Act.GRIP:
                return self._grip()
            case Act.RELEASE:
                self.plant.robot.grip_goal = 0.0
                return self.plant.robot.grip_closed == 0.0
            case Act.MEASURE:
                return self._measure()
            case Act.CHECK_POSE:
                return Fault.TRUCK_MOVED if self._truck_moved() else self.elapsed_s >= CHECK_POSE_S
            case Act.WEIGH:
                return self._weigh()
            case Act.HOME:
                self.plant.robot.homed = self.elapsed_s >= HOME_S
                return self.plant.robot.homed
            case Act.ASK:
                return False

    def _supervise(self, action: Action) -> Fault | None:
        robot = self.plant.robot
        if self.plant.faults.active("robot_fault") or (action.act is not Act.ASK and self.elapsed_s > MOTION_TIMEOUT_S):
            return Fault.DRIVE
        if robot.blocked or self.plant.load_kg > self.limits.most_kg:
            return Fault.OVERLOAD
        over_lane = action.target is Target.TRUCK and robot.at.z_mm < LOW_MM
        return Fault.TRUCK_MOVED if over_lane and self._truck_moved() else None

    def _move(self, action: Action, order: Order) -> bool | Fault:
        robot = self.plant.robot
        goal = self._goal(action, order)
        if goal is None:
            return Fault.TRUCK_MOVED
        if robot.at == goal:
            return True
        if action.act is Act.LOWER and action.target in (Target.FROM_BAY, Target.TO_BAY):
            bay = _bay(action.target, order)
            fetching = self.plant.hanging is None
            if self.plant.presence(bay) != (fetching, fetching):
                return Fault.BAY_CONTRADICTION
            if self.plant.bays[bay].contactor_closed:
                robot.goal = None
                return False
        robot.goal = goal
        return False

    def _goal(self, action: Action, order: Order) -> Point | None:
        at = self.plant.robot.at
        if action.act is Act.RAISE:
            return at.above()
        seat = self._seat(action.target, order)
        if seat is None:
            return None
        if action.act is Act.HOIST:
            return replace(at, z_mm=seat.z_mm + HOIST_MM)
        return seat if action.act is Act.LOWER else seat.above()

    def _seat(self, target: Target, order: Order) -> Point | None:
        match target:
            case Target.STANDBY:
                return STANDBY
            case Target.LANE:
                return Point(0.0, 0.0, TRANSPORT_Z_MM)
            case Target.TRUCK:
                if self.measured is None:
                    return None
                return truck_seat(self.measured, self.seat, order.position)
            case Target.FROM_BAY | Target.TO_BAY:
                return self.plant.bay_seats[self.plant.place_of(_bay(target, order))]
            case Target.HERE:
                return self.plant.robot.at

    def _grip(self) -> bool | Fault:
        self.plant.robot.grip_goal = 1.0
        if self.plant.gripped:
            return True
        return Fault.GRIP_NOT_CONFIRMED if self.elapsed_s > GRIP_TIMEOUT_S else False

    def _measure(self) -> bool | Fault:
        truck = View(self.plant, None).truck
        if truck is None:
            return Fault.TRUCK_MOVED
        if self.elapsed_s < MEASURE_S:
            return False
        self.measured = self.plant.truck_pose(truck)
        return True

    def _weigh(self) -> bool | Fault:
        if self.elapsed_s < WEIGH_S:
            return False
        self.weighed_kg = self.plant.load_kg
        return Fault.UNDERWEIGHT if self.weighed_kg < self.limits.least_kg else True

    def _truck_moved(self) -> bool:
        truck = self.plant.truck
        if truck is None or not truck.standing or self.measured is None:
            return True
        pose = self.plant.truck_pose(truck)
        return abs(pose.x_mm - self.measured.x_mm) > MOVED_MM or abs(pose.y_mm - self.measured.y_mm) > MOVED_MM


def _bay(target: Target, order: Order) -> int:
    return order.from_bay if target is Target.FROM_BAY else order.to_bay
