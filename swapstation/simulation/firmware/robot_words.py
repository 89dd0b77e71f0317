"""Words of the robot PLC: commands, refusals, faults, programs (firmware_proto/registers/robot_plc.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from swapstation.model.device import RobotRequest, RobotStep
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset


class Command(IntEnum):
    """Command word of an order."""

    HOME = 1
    LOCATE = 2
    GRIP = 3
    LIFT = 4
    PUT = 5
    PICK = 6
    PLACE = 7
    UNGRIP = 8
    PARK = 9
    MOVE = 10
    EXCHANGE = 11
    ISOLATE = 12


class Control(IntEnum):
    """Control word."""

    HOLD = 1
    RESUME = 2
    STOP = 3
    RESET = 4


class Answer(IntEnum):
    """The station's answer to a request."""

    DONE = 1
    REFUSED = 2


class Refusal(IntEnum):
    """Refusal code of an order; 0 = accepted. Those from 319 to 325 are given behind packed messages only."""

    ACCEPTED = 0
    UNKNOWN_COMMAND = 300
    BAY_NUMBER = 301
    NOT_HOMED = 302
    ROBOT_NOT_READY = 303
    SAFETY_CHAIN_OPEN = 304
    ROBOT_HAS_BATTERY = 305
    ROBOT_HAS_NO_BATTERY = 306
    BAY_EMPTY = 307
    BAY_OCCUPIED = 308
    BAY_NOT_DEAD = 309
    TRUCK_NOT_IN_POSITION = 310
    TRUCK_NOT_UNLOCKED = 311
    TRUCK_NOT_LOCKED = 312
    NOT_GRIPPED = 313
    NOT_SEATED = 314
    EPOCH_TOO_OLD = 315
    NOT_AT_TRUCK = 316
    TRUCK_OCCUPIED = 317
    TRUCK_EMPTY = 318
    MODE_MISSING = 319
    DONE_NOT_ACKNOWLEDGED = 320
    TRUCK_KEY_NOT_OFF = 322
    GEAR_NOT_NEUTRAL = 323
    PARKING_BRAKE_NOT_SET = 324
    TRUCK_LINK_LOST = 325
    TRANSFER_NOT_PERMITTED = 326
    NOT_ISOLATION = 327
    SEAT_OFFSET = 328


class Fault(IntEnum):
    """Bits of fault_words_1."""

    STATION_LINK_LOST = 0
    REQUEST_NOT_ANSWERED = 1
    DRIVE = 2
    GRIP_NOT_CONFIRMED = 3
    OVERLOAD = 4
    UNDERWEIGHT = 5
    BAY_CONTRADICTION = 6
    TRUCK_MOVED = 7
    POWER_UP = 8


PAUSE_CAUSES = frozenset({Fault.STATION_LINK_LOST, Fault.REQUEST_NOT_ANSWERED, Fault.POWER_UP})
"""Faults that only pause the order; the others end it and need RESET."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the station wrote it; bay 0 = none, truck position 0 = the first."""

    command: int
    from_bay: int
    to_bay: int
    truck_model: int
    order_id: int
    truck_position: int = 0
    seat: SeatOffset = NOMINAL_SEAT

    @property
    def position(self) -> int:
        """Battery position of the truck that the order is for."""
        return self.truck_position or 1


class Act(Enum):
    """What one action of a program does."""

    RAISE = auto()
    TRAVEL = auto()
    LOWER = auto()
    GRIP = auto()
    RELEASE = auto()
    MEASURE = auto()
    CHECK_POSE = auto()
    HOIST = auto()
    WEIGH = auto()
    HOME = auto()
    ASK = auto()


class Target(Enum):
    """Where an action happens."""

    HERE = auto()
    LANE = auto()
    TRUCK = auto()
    FROM_BAY = auto()
    TO_BAY = auto()
    STANDBY = auto()


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a program."""

    step: RobotStep
    act: Act
    target: Target = Target.HERE
    request: RobotRequest = RobotRequest.NONE


def _steps(step: RobotStep, *acts: tuple[Act, Target]) -> tuple[Action, ...]:
    return tuple(Action(step, act, target) for act, target in acts)


def _ask(step: RobotStep, request: RobotRequest, target: Target = Target.TRUCK) -> tuple[Action, ...]:
    return (Action(step, Act.ASK, target, request),)


def _fetch(step: RobotStep) -> tuple[Action, ...]:
    bay = Target.FROM_BAY
    return _steps(step, _UP, (Act.TRAVEL, bay), (Act.LOWER, bay), (Act.GRIP, bay), _UP)


def _set_down(step: RobotStep) -> tuple[Action, ...]:
    bay = Target.TO_BAY
    return _steps(step, _UP, (Act.TRAVEL, bay), (Act.LOWER, bay), (Act.RELEASE, bay), _UP)


_UP = (Act.RAISE, Target.HERE)
_LOCATE = _steps(
    RobotStep.LOCATE, _UP, (Act.TRAVEL, Target.LANE), (Act.MEASURE, Target.TRUCK), (Act.TRAVEL, Target.TRUCK)
)
_GRIP = _steps(RobotStep.GRIP_OLD, (Act.CHECK_POSE, Target.TRUCK), (Act.LOWER, Target.TRUCK), (Act.GRIP, Target.TRUCK))
_LIFT = _steps(RobotStep.LIFT_OLD, (Act.HOIST, Target.TRUCK), (Act.WEIGH, Target.HERE), _UP)
_PLACE = _steps(
    RobotStep.PLACE_FRESH,
    _UP,
    (Act.TRAVEL, Target.TRUCK),
    (Act.CHECK_POSE, Target.TRUCK),
    (Act.LOWER, Target.TRUCK),
)
_UNGRIP = _steps(RobotStep.UNGRIP, (Act.RELEASE, Target.HERE), _UP)
_PARK = _steps(RobotStep.PARK, _UP, (Act.TRAVEL, Target.STANDBY))

PROGRAMS: dict[Command, tuple[Action, ...]] = {
    Command.HOME: _steps(RobotStep.HOME, _UP, (Act.HOME, Target.HERE), (Act.TRAVEL, Target.STANDBY)),
    Command.LOCATE: _LOCATE,
    Command.GRIP: _GRIP,
    Command.LIFT: _LIFT,
    Command.PUT: _set_down(RobotStep.PUT_OLD),
    Command.PICK: _fetch(RobotStep.PICK_FRESH),
    Command.PLACE: _PLACE,
    Command.UNGRIP: _UNGRIP,
    Command.PARK: _PARK,
    Command.MOVE: _fetch(RobotStep.MOVE_BAY) + _set_down(RobotStep.MOVE_BAY),
    Command.ISOLATE: _fetch(RobotStep.MOVE_BAY) + _set_down(RobotStep.MOVE_BAY),
    Command.EXCHANGE: (
        _LOCATE
        + _ask(RobotStep.LOCATE, RobotRequest.TRUCK_POSE)
        + _GRIP
        + _ask(RobotStep.GRIP_OLD, RobotRequest.UNLOCK_TRUCK)
        + _LIFT
        + _ask(RobotStep.PUT_OLD, RobotRequest.BAY_DEAD, Target.TO_BAY)
        + _set_down(RobotStep.PUT_OLD)
        + _ask(RobotStep.PICK_FRESH, RobotRequest.BAY_DEAD, Target.FROM_BAY)
        + _fetch(RobotStep.PICK_FRESH)
        + _PLACE
        + _ask(RobotStep.PLACE_FRESH, RobotRequest.LOCK_TRUCK)
        + _UNGRIP
        + _PARK
    ),
}
"""What the robot does for each command, action by action; an action may be run again after a pause."""
