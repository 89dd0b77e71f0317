"""Jobs as data: the steps of each kind, what each orders and what proves it. Own design.

A job has the shape of a recipe, so that the sequence, its orders, timeouts, holds and restarts are those of a swap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

from swapstation.model import command as commands
from swapstation.model.command import Command
from swapstation.model.device import RobotState
from swapstation.model.job import Job, JobKind
from swapstation.station.conditions import CONDITIONS
from swapstation.station.interlocks import bay_is_dead
from swapstation.station.job_places import bay_at, has_arrived
from swapstation.station.recipe import Recipe, Step
from swapstation.station.sensing import Condition, Missing, missing, robot_of, truck_of
from swapstation.station.situation import Situation

Orders = Callable[[Situation, Job], tuple[Command, ...]]


def _homed(now: Situation) -> Missing:
    robot = robot_of(now)
    ready = robot is not None and robot.homed and robot.state is RobotState.IDLE
    return missing(robot_order_done=now.robot_order_done, robot_ready=ready)


def _origin_dead(now: Situation) -> Missing:
    bay = bay_at(now, now.job.origin) if now.job else None
    return missing(origin_bay_dead=bay is not None and bay_is_dead(bay))


def _truck_left(now: Situation) -> Missing:
    """The truck that the job follows is gone: the robot sees none in position, or another one says who it is."""
    robot, truck, job = robot_of(now), truck_of(now), now.job
    gone = robot is not None and not robot.truck_in_position
    other = truck is not None and truck.vin is not None and job is not None and truck.vin != job.vin
    return missing(truck_left=job is not None and (job.vin is None or gone or other))


def _carried(now: Situation) -> Missing:
    arrived = now.job is not None and has_arrived(now, now.job)
    return missing(robot_order_done=now.robot_order_done, battery_arrived=arrived)


def _ungripped(now: Situation) -> Missing:
    robot = robot_of(now)
    free = robot is not None and not robot.gripped and not robot.payload
    return missing(robot_order_done=now.robot_order_done, robot_empty=free)


JOB_CONDITIONS: Mapping[str, Condition] = {
    "homed": _homed,
    "job_origin_dead": _origin_dead,
    "truck_left": _truck_left,
    "battery_carried": _carried,
    "robot_ungripped": _ungripped,
}
EVERY_CONDITION: Mapping[str, Condition] = {**CONDITIONS, **JOB_CONDITIONS}


def _put(now: Situation, job: Job) -> tuple[Command, ...]:
    bay = bay_at(now, job.destination)
    return (commands.PutBattery(bay.number),) if bay else ()


def _pick(now: Situation, job: Job) -> tuple[Command, ...]:
    bay = bay_at(now, job.origin)
    return (commands.PickBattery(bay.number),) if bay else ()


def _move(now: Situation, job: Job) -> tuple[Command, ...]:
    """The whole move; once the battery hangs from the robot, only what is left of it."""
    origin, destination, robot = bay_at(now, job.origin), bay_at(now, job.destination), robot_of(now)
    if origin is None or destination is None:
        return ()
    whole = commands.MoveBattery(origin.number, destination.number)
    rest = commands.PutBattery(destination.number)
    return (rest, whole) if robot is not None and robot.payload else (whole, rest)


def _isolate(now: Situation, job: Job) -> tuple[Command, ...]:
    """The whole transfer; once the battery hangs from the robot, only what is left of it."""
    origin, destination, robot = bay_at(now, job.origin), bay_at(now, job.destination), robot_of(now)
    if origin is None or destination is None:
        return ()
    whole = commands.IsolateBattery(origin.number, destination.number)
    rest = commands.PutBattery(destination.number)
    return (rest, whole) if robot is not None and robot.payload else (whole, rest)


def _one(command: Command) -> Orders:
    return lambda _, __: (command,)


def _at_truck(kind: Callable[[int], Command]) -> Orders:
    """A move at the battery position of the truck that is worked at."""
    return lambda now, _: (kind(now.position),)


ORDERS: Mapping[str, Orders] = {
    "move": _move,
    "isolate": _isolate,
    "home": _one(commands.HomeRobot()),
    "locate": lambda now, _: (commands.LocateTruck(now.position, **asdict(now.seat_offset)),),
    "grip": _at_truck(commands.GripBattery),
    "lift": _at_truck(commands.LiftBattery),
    "put": _put,
    "pick": _pick,
    "place": _at_truck(commands.PlaceBattery),
    "ungrip": _at_truck(commands.UngripBattery),
    "park": _one(commands.ParkRobot()),
    "unlock": _at_truck(commands.UnlockTruck),
    "lock": _at_truck(commands.LockTruck),
}
"""What a step may have ordered: first what it orders now, then what else it may have ordered before."""

_step = partial(Step, alarm="ROBOT_STEP_FAILED")
_DEADEN = Step("deaden", "断开仓位供电", "Make the bay dead", "job_origin_dead", 30.0, "BAY_NOT_DEAD")
STEPS: Mapping[JobKind, tuple[Step, ...]] = {
    JobKind.MOVE: (_DEADEN, _step("move", "移仓", "Move the battery", "battery_carried", 180.0, command="move")),
    JobKind.STORE: (
        Step("wait", "等待车辆驶离", "Wait until the truck has left", "truck_left", 300.0, "TRANSIT_OCCUPIED"),
        _step("store", "存放入仓", "Store the battery", "battery_carried", 180.0, command="move"),
    ),
    JobKind.ISOLATE: (
        _DEADEN,
        _step("isolate", "转移至消防仓", "Transfer to isolation", "battery_carried", 180.0, command="isolate"),
    ),
    JobKind.HOME: (_step("home", "机器人回零", "Reference the robot", "homed", 120.0, command="home"),),
    JobKind.LOCATE: (_step("locate", "车辆定位", "Locate the truck", "robot_located", 60.0, command="locate"),),
    JobKind.GRIP: (
        _step("grip", "抓取", "Grip the battery", "battery_gripped", 60.0, command="grip", watch_truck=True),
    ),
    JobKind.LIFT: (
        _step("lift", "起吊", "Lift the battery", "battery_carried", 60.0, command="lift", watch_truck=True),
    ),
    JobKind.PUT: (_step("put", "放入仓位", "Put into the bay", "battery_carried", 120.0, command="put"),),
    JobKind.PICK: (_DEADEN, _step("pick", "从仓位取出", "Pick from the bay", "battery_carried", 120.0, command="pick")),
    JobKind.PLACE: (
        _step("place", "放到车上", "Place on the truck", "battery_carried", 120.0, command="place", watch_truck=True),
    ),
    JobKind.UNGRIP: (_step("ungrip", "松开", "Ungrip", "robot_ungripped", 60.0, command="ungrip", watch_truck=True),),
    JobKind.PARK: (_step("park", "退回待机位", "Park the robot", "robot_aside", 60.0, command="park"),),
    JobKind.UNLOCK: (
        Step(
            "unlock",
            "解锁车辆",
            "Unlock the truck",
            "truck_unlocked",
            30.0,
            "LOCK_NOT_OPEN",
            command="unlock",
            watch_truck=True,
        ),
    ),
    JobKind.LOCK: (
        Step(
            "lock", "锁紧", "Lock the truck", "truck_locked", 30.0, "LOCK_NOT_CLOSED", command="lock", watch_truck=True
        ),
    ),
}
"""A stock check has no steps: it only reads (stock_check.py)."""


def job_recipe(kind: JobKind) -> Recipe:
    """The steps of a job in the shape of a recipe."""
    steps = STEPS[kind]
    return Recipe(kind.value, "", steps[-1].title_zh, steps[-1].title_en, steps, "")
