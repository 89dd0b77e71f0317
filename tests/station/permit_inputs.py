"""For every command a situation that permits it, and for every interlock the inputs that can forbid it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from swapstation.model import command as commands
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.command import Command
from swapstation.model.device import ChargePhase, LockState, ModuleState, Presence, RobotRequest, RobotState
from swapstation.model.disk import DiskLevel
from swapstation.model.fire import FireReaction, FireState
from swapstation.model.inventory import ROBOT, Hold, HoldKind, PositionExchange
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.interlocks import CHARGE_START
from tests.station.situations import (
    AT,
    EMPTY_BAY,
    FRESH_BAY,
    ISOLATION_BAY,
    MASS_KG,
    OTHER_VIN,
    fresh,
    isolating,
    robot,
    snapshot,
    swapping,
    truck,
    with_battery,
    with_mode,
    with_value,
)

_LOADED = fresh(robot(payload=True, gripped=True, clear_of_truck=False))
_GRIPPED = fresh(robot(gripped=True, seated=True, clear_of_truck=False))
_ASKING_POSE = fresh(robot(request=RobotRequest.TRUCK_POSE, request_id=1))
_UNLOCKED = fresh(truck(lock=LockState.UNLOCKED))
_BARE = fresh(truck(lock=LockState.UNLOCKED, battery_present=False, codes=()))

PERMITTED: Mapping[type[Command], tuple[Command, Snapshot]] = {
    commands.HomeRobot: (commands.HomeRobot(), swapping()),
    commands.LocateTruck: (commands.LocateTruck(), swapping()),
    commands.GripBattery: (commands.GripBattery(), swapping()),
    commands.LiftBattery: (commands.LiftBattery(), swapping(robot=_GRIPPED, truck=_UNLOCKED)),
    commands.PutBattery: (commands.PutBattery(EMPTY_BAY), swapping(robot=_LOADED)),
    commands.PickBattery: (commands.PickBattery(FRESH_BAY), swapping()),
    commands.PlaceBattery: (
        commands.PlaceBattery(),
        with_battery(swapping(robot=_LOADED, truck=_BARE), "B1", place=ROBOT),
    ),
    commands.UngripBattery: (commands.UngripBattery(), swapping(robot=_GRIPPED)),
    commands.ParkRobot: (commands.ParkRobot(), swapping()),
    commands.MoveBattery: (commands.MoveBattery(FRESH_BAY, EMPTY_BAY), swapping()),
    commands.IsolateBattery: (commands.IsolateBattery(FRESH_BAY, ISOLATION_BAY), isolating()),
    commands.ExchangeBattery: (commands.ExchangeBattery(FRESH_BAY, EMPTY_BAY, 1), swapping()),
    commands.AnswerRobot: (commands.AnswerRobot(1, done=True), swapping(robot=_ASKING_POSE)),
    commands.ResumeRobot: (commands.ResumeRobot(), swapping(state=StationState.UNHOLDING)),
    commands.ResetRobot: (commands.ResetRobot(), swapping(state=StationState.UNHOLDING)),
    commands.UnlockTruck: (commands.UnlockTruck(), swapping(robot=_GRIPPED)),
    commands.LockTruck: (commands.LockTruck(), swapping(robot=_GRIPPED)),
    commands.ReleaseTruck: (commands.ReleaseTruck(), swapping()),
    commands.StartCharge: (commands.StartCharge(FRESH_BAY, 95.0, 100.0), snapshot()),
    commands.LimitCharge: (commands.LimitCharge(FRESH_BAY, 100.0), snapshot()),
    commands.ResumeCharge: (commands.ResumeCharge(FRESH_BAY, 100.0), snapshot()),
    commands.SetModules: (commands.SetModules(FRESH_BAY, 600.0, 100.0), snapshot()),
    commands.HeatBattery: (commands.HeatBattery(FRESH_BAY, 40.0), snapshot()),
    commands.CoolBattery: (commands.CoolBattery(FRESH_BAY, 18.0), snapshot()),
    commands.CirculateCoolant: (commands.CirculateCoolant(FRESH_BAY), snapshot()),
    commands.StopClimate: (commands.StopClimate(FRESH_BAY), snapshot()),
    commands.HoldRobot: (commands.HoldRobot(), snapshot()),
    commands.StopRobot: (commands.StopRobot(), snapshot()),
    commands.PauseCharge: (commands.PauseCharge(FRESH_BAY), snapshot()),
    commands.StopCharge: (commands.StopCharge(FRESH_BAY), snapshot()),
    commands.ShutModules: (commands.ShutModules(FRESH_BAY), snapshot()),
    commands.TripBay: (commands.TripBay(FRESH_BAY), snapshot()),
    commands.RequestFeederCutOff: (commands.RequestFeederCutOff(), snapshot()),
}

_BAYS: Mapping[str, tuple[str, ...]] = {
    "origin": ("bay", "from_bay"),
    "destination": ("to_bay", "bay"),
    "bay": ("bay",),
}


@dataclass(frozen=True, slots=True)
class DeviceInput:
    """A sensor an interlock reads. In `device` the bay is the command's `origin`, `destination` or `bay`."""

    name: str
    device: str
    unsafe: Callable[[Any], Any]
    unknown_forbids: bool = True

    def path(self, command: Command) -> str:
        role, dot, name = self.device.rpartition(".")
        if not dot:
            return self.device
        number = next(getattr(command, field) for field in _BAYS[role] if hasattr(command, field))
        return f"{number}.{name}"

    def break_in(self, now: Snapshot, command: Command) -> Snapshot:
        return with_value(now, self.path(command), self.unsafe)


@dataclass(frozen=True, slots=True)
class RecordInput:
    """Something the record or the station itself says; it is never stale."""

    name: str
    unsafe: Callable[[Snapshot], Snapshot]

    def break_in(self, now: Snapshot, _: Command) -> Snapshot:
        return self.unsafe(now)


def _field(device: str, unknown_forbids: bool = True, **unsafe: Any) -> DeviceInput:
    name = ", ".join(f"{key}={value}" for key, value in unsafe.items())
    return DeviceInput(f"{device} {name}", device, lambda value: replace(value, **unsafe), unknown_forbids)


def _record(name: str, unsafe: Callable[[Snapshot], Snapshot]) -> RecordInput:
    return RecordInput(name, unsafe)


def _without_holds(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=()))


def _half_exchanged(now: Snapshot) -> Snapshot:
    """One position of the truck has a full battery, the other one its old one."""
    swap, done = now.inventory.swap, PositionExchange(2, "B8", "B9", 2, 1, 95.0, 20.0)
    half = replace(swap, exchanged=(done,), returned_soc_pct=20.0, fresh_soc_pct=20.0) if swap else None
    return replace(now, inventory=replace(now.inventory, swap=half))


def _locked_out(now: Snapshot) -> Snapshot:
    locked = (Hold(f"L{bay.number}", HoldKind.LOCK_OUT, place=bay.place) for bay in now.bays)
    return replace(now, inventory=replace(now.inventory, holds=(*now.inventory.holds, *locked)))


def _another_fresh(now: Snapshot) -> Snapshot:
    swap, job = now.inventory.swap, now.inventory.job
    return replace(
        now,
        inventory=replace(
            now.inventory,
            swap=replace(swap, fresh="B2") if swap else None,
            job=replace(job, battery="B2") if job else None,
        ),
    )


def _without_swap(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, swap=None, job=None))


_EMPTY = tuple(_field("robot", **{name: True}) for name in ("payload", "gripped"))
_LOAD = tuple(_field("robot", **{name: False}) for name in ("payload", "gripped"))
_SEATED = (_field("robot", seated=False), _field("robot", gripped=False), _field("robot", truck_position=2))
_FIRE_EVERYWHERE = FireState(FireReaction(stopped_bays=tuple(range(1, 10))))
_DESTINATION_SAFE = (
    _record("fire beside it", lambda now: replace(now, fire=_FIRE_EVERYWHERE)),
    _field("destination.io", smoke=True),
    _field("destination.io", smoke=None),
    _field("destination.io", temperature_c=60.5),
    _field("destination.io", temperature_c=None),
)


def _in_mode(mode: Mode) -> RecordInput:
    return _record(f"mode {mode}", lambda now: with_mode(now, mode))


def _without_job(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, job=None))


def _fire(**changes: Any) -> Callable[[Snapshot], Snapshot]:
    return lambda now: replace(now, fire=FireState(replace(now.fire.reaction, **changes)))


_RETURNED = AlarmState.RETURNED_UNACKNOWLEDGED


def _alarm(source: str, state: AlarmState = AlarmState.ACKNOWLEDGED) -> Alarm:
    return Alarm(f"BATTERY_HOT@{source}", "BATTERY_HOT", source, Priority.HIGH, state, AT)


_JOB_GONE = _record("no job", _without_job)
INPUTS: dict[str, tuple[DeviceInput | RecordInput, ...]] = {
    "confirmed": (_record("not confirmed", lambda now: replace(now, confirmed=False)),),
    "journal_writes": (
        _field("disk", level=DiskLevel.STOP),
        _record("write failed", lambda now: replace(now, journal_error="database or disk is full")),
    ),
    "mode_permits_work": (_in_mode(Mode.FIRE),),
    "not_in_fire_mode": (_in_mode(Mode.FIRE),),
    "modules_ready": (_field("bay.modules", state=ModuleState.FAULT),),
    "robot_request_met": (
        _field("robot", request_id=2),
        _field("robot", request=RobotRequest.NONE),
        _field("robot", truck_in_position=False),
        _field("robot", pose_x_mm=1000),
        _field("robot", pose_y_mm=1000),
        _field("robot", pose_yaw_mrad=1000),
        _field("robot", request=RobotRequest.UNLOCK_TRUCK),
        _field("robot", request=RobotRequest.BAY_DEAD, request_bay=99),
    ),
    "executing": tuple(
        _record(f"station {state}", lambda now, state=state: replace(now, state=state))  # type: ignore[misc]
        for state in StationState
        if state is not StationState.EXECUTE
    ),
    "unholding": tuple(
        _record(f"station {state}", lambda now, state=state: replace(now, state=state))  # type: ignore[misc]
        for state in StationState
        if state is not StationState.UNHOLDING
    ),
    "safety_chain_closed": tuple(
        _field("safety", **{name: False})
        for name in ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok")
    ),
    "transfer_open": (
        _JOB_GONE,
        _record(
            "another job",
            lambda now: replace(
                now,
                inventory=replace(
                    now.inventory, job=replace(now.inventory.job, kind=JobKind.MOVE) if now.inventory.job else None
                ),
            ),
        ),
    ),
    "transfer_permitted": (_field("safety", transfer_permitted=False),),
    "fire_not_confirmed": (_record("confirmed", _fire(confirmed=True)),),
    "only_origin_burns": (
        _record("another bay too", _fire(causes=("BAY_SMOKE@bay-1", "BAY_SMOKE@bay-2"))),
        _record("another bay", _fire(causes=("BAY_SMOKE@bay-2",))),
        _record("nothing burns", _fire(causes=())),
    ),
    "robot_apart_from_truck": (_field("robot", clear_of_truck=False),),
    "origin_battery_known": (
        _record("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        _record("not on record", lambda now: replace(now, inventory=replace(now.inventory, batteries=()))),
    ),
    "isolation_quiet": (
        _field("destination.io", smoke=True),
        _field("destination.io", smoke=None),
        _field("destination.io", temperature_c=60.5),
        _field("destination.io", temperature_c=None),
    ),
    "fire_chain_quiet": (_field("safety", fire_ok=False),),
    "battery_temperature_known": (
        _field("bay.charge", bms_age_s=None),
        _field("bay.charge", bms_age_s=0.9),
        _field("bay.charge", min_temperature_c=None),
        _field("bay.charge", max_temperature_c=None),
    ),
    "battery_not_warm": (
        _field("bay.charge", max_temperature_c=32.0),
        _field("bay.charge", max_temperature_c=None),
        _field("bay.charge", min_temperature_c=None),
        _field("bay.charge", bms_age_s=None),
    ),
    "battery_without_alarm": (
        _record("alarm of the bay", lambda now: replace(now, alarms=(_alarm("bay-1"),))),
        _record("alarm of a device of the bay", lambda now: replace(now, alarms=(_alarm("bay-1:E7"),))),
        _record(
            "grave alarm that returned",
            lambda now: replace(now, alarms=(_alarm("bay-1", _RETURNED),)),
        ),
        _record("alarm of the battery", lambda now: replace(now, alarms=(_alarm("B1"),))),
        _field("bay.charge", unknown_forbids=False, faults=("over_temperature",)),
    ),
    "climate_ready": (
        _field("bay.climate", fault_code=2),
        _field("bay.climate", pressure_kpa=49.0),
    ),
    "robot_ready": (
        _field("robot", homed=False),
        *(_field("robot", state=state) for state in RobotState if state is not RobotState.IDLE),
    ),
    "robot_idle": tuple(_field("robot", state=state) for state in RobotState if state is not RobotState.IDLE),
    "robot_not_moving": (_field("robot", state=RobotState.BUSY),),
    "robot_empty": _EMPTY,
    "robot_free_to_travel": (
        _field("robot", payload=False, gripped=True, seated=True),
        _field("robot", payload=True, gripped=False),
    ),
    "robot_loaded": _LOAD,
    "robot_gripped_and_seated": _SEATED,
    "weight_carried": (
        DeviceInput("nothing carried", "robot", lambda value: replace(value, load_kg=0)),
        DeviceInput("truck lifted with it", "robot", lambda value: replace(value, load_kg=MASS_KG + 151)),
    ),
    "robot_holds_or_clear": (*_SEATED, _field("robot", state=RobotState.BUSY)),
    "robot_holds_truck_battery": (*_SEATED, _field("robot", state=RobotState.BUSY)),
    "robot_clear_of_truck": (_field("robot", clear_of_truck=False), _field("robot", state=RobotState.BUSY)),
    "truck_identified": (
        _field("truck", vin=OTHER_VIN),
        _field("truck", vin=None),
        _record("no swap", _without_swap),
    ),
    "truck_parked": tuple(
        _field("truck", **{name: False}) for name in ("parking_brake_set", "key_off", "gear_neutral")
    ),
    "truck_hv_powered_down": (_field("truck", hv_powered_down=False),),
    "truck_in_position": (_field("robot", truck_in_position=False),),
    "truck_pose_in_range": (
        *(_field("robot", pose_x_mm=x_mm) for x_mm in (-151, 151)),
        *(_field("robot", pose_y_mm=y_mm) for y_mm in (-151, 151)),
        *(_field("robot", pose_yaw_mrad=yaw_mrad) for yaw_mrad in (-61, 61)),
    ),
    "truck_unlocked": tuple(_field("truck", lock=lock) for lock in LockState if lock is not LockState.UNLOCKED),
    "truck_locked": tuple(_field("truck", lock=lock) for lock in LockState if lock is not LockState.LOCKED),
    "truck_has_battery": (_field("truck", battery_present=False),),
    "bay_not_locked_out": (_record("locked out", _locked_out),),
    "origin_battery_sound": (
        _record("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        _record("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
    ),
    "robot_battery_sound": (
        _record("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        _record("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        _record("nothing on record", lambda now: with_battery(now, "B1", place="bay-1")),
    ),
    "truck_battery_sound": (
        _record("quarantined", lambda now: with_battery(now, "B3", quarantined=True)),
        _record("doubtful", lambda now: with_battery(now, "B3", doubtful=True)),
        _record("nothing on record", lambda now: with_battery(now, "B3", place="isolation")),
        _record("no swap", _without_swap),
    ),
    "battery_set_even": (_record("one old, one fresh", _half_exchanged),),
    "truck_has_no_battery": (_field("truck", battery_present=True),),
    "destination_bay_empty": (
        _field("destination.io", presence=Presence.PRESENT),
        _field("destination.io", presence=Presence.CONTRADICTION),
        _field("destination.io", connector_mated=True),
    ),
    "destination_bay_reserved": (
        _record("no hold", _without_holds),
        _record("no swap", _without_swap),
    ),
    "destination_bay_safe": _DESTINATION_SAFE,
    "origin_bay_occupied": (
        _field("origin.io", presence=Presence.EMPTY),
        _field("origin.io", presence=Presence.CONTRADICTION),
    ),
    "origin_bay_dead": (
        _field("origin.io", contactor_closed=True),
        _field("origin.modules", current_a=1.0),
        _field("origin.modules", current_a=-1.0),
        _field("origin.charge", unknown_forbids=False, phase=ChargePhase.CHARGING),
        _field("origin.charge", unknown_forbids=False, phase=ChargePhase.STOP),
    ),
    "origin_bay_allocated": (
        _record("no swap", _without_swap),
        _record("another battery", _another_fresh),
    ),
    "battery_plugged_in": (
        _field("bay.io", presence=Presence.EMPTY),
        _field("bay.io", presence=Presence.CONTRADICTION),
        _field("bay.io", connector_mated=False),
    ),
    "battery_not_quarantined": (
        _record("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        _record("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        _record("not on record", lambda now: replace(now, inventory=replace(now.inventory, batteries=()))),
    ),
    "bay_without_smoke": (
        _field("bay.io", smoke=True),
        _field("bay.io", smoke=None),
        _field("bay.io", temperature_c=60.5),
        _field("bay.io", temperature_c=None),
        _record("fire beside it", lambda now: replace(now, fire=_FIRE_EVERYWHERE)),
    ),
    "bms_fresh": (_field("bay.charge", bms_age_s=1.1), _field("bay.charge", bms_age_s=None)),
    "battery_not_hot": (_field("bay.charge", max_temperature_c=55.5),),
    "bms_identity_matches": (
        _field("bay.charge", unknown_forbids=False, serial=77),
        _field("bay.charge", unknown_forbids=False, maker="04Q"),
    ),
}
INPUTS |= {"power_rise_permitted": tuple(each for name in CHARGE_START for each in INPUTS[name])}
"""`unknown_forbids=False`: a BMS that says nothing contradicts nothing; other interlocks ask for fresh data."""
