"""For every command a situation that permits it, and for every interlock the inputs that can forbid it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from swapstation.model import command as commands
from swapstation.model.command import Command
from swapstation.model.device import ChargePhase, LockState, ModuleState, Presence, RobotRequest, RobotState
from swapstation.model.disk import DiskLevel
from swapstation.model.fire import FireReaction, FireState
from swapstation.model.inventory import ROBOT, Hold, HoldKind, PositionExchange, SeatOffset
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.interlocks import CHARGE_START
from tests.station.care_inputs import CARE_INPUTS
from tests.station.input_kinds import DeviceInput, RecordInput, field_input, record_input
from tests.station.situations import (
    EMPTY_BAY,
    FRESH_BAY,
    ISOLATION_BAY,
    MASS_KG,
    OTHER_VIN,
    VIN,
    discharging,
    fresh,
    isolating,
    robot,
    snapshot,
    swapping,
    truck,
    with_battery,
    with_mode,
)
from tests.station.store_inputs import STORE_INPUTS
from tests.station.yard_inputs import YARD_INPUTS, called

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
    commands.DischargeBattery: (commands.DischargeBattery(FRESH_BAY, 50.0, 40.0), discharging()),
    commands.HeatBattery: (commands.HeatBattery(FRESH_BAY, 40.0), snapshot()),
    commands.CoolBattery: (commands.CoolBattery(FRESH_BAY, 18.0), snapshot()),
    commands.CirculateCoolant: (commands.CirculateCoolant(FRESH_BAY), snapshot()),
    commands.StopClimate: (commands.StopClimate(FRESH_BAY), snapshot()),
    commands.SetStorePower: (commands.SetStorePower(-50.0), snapshot()),
    commands.StopStore: (commands.StopStore(), snapshot()),
    commands.OpenGate: (commands.OpenGate(VIN), called()),
    commands.CloseGate: (commands.CloseGate(), called()),
    commands.ShowSign: (commands.ShowSign("lane_free", stop=False, say=True, zh="", en=""), called()),
    commands.HoldRobot: (commands.HoldRobot(), snapshot()),
    commands.StopRobot: (commands.StopRobot(), snapshot()),
    commands.PauseCharge: (commands.PauseCharge(FRESH_BAY), snapshot()),
    commands.StopCharge: (commands.StopCharge(FRESH_BAY), snapshot()),
    commands.ShutModules: (commands.ShutModules(FRESH_BAY), snapshot()),
    commands.TripBay: (commands.TripBay(FRESH_BAY), snapshot()),
    commands.RequestFeederCutOff: (commands.RequestFeederCutOff(), snapshot()),
}


def _without_holds(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=()))


def _half_exchanged(now: Snapshot) -> Snapshot:
    """One position of the truck has a full battery, the other one its old one."""
    swap, done = now.inventory.swap, PositionExchange(2, "B8", "B9", 2, 1, 95.0, 20.0)
    half = replace(swap, exchanged=(done,), returned_soc_pct=20.0, fresh_soc_pct=20.0) if swap else None
    return replace(now, inventory=replace(now.inventory, swap=half))


def _seat_beyond_limits(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, seat_offsets=((VIN, SeatOffset(1, 0, 0)),)))


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


_EMPTY = tuple(field_input("robot", **{name: True}) for name in ("payload", "gripped"))
_LOAD = tuple(field_input("robot", **{name: False}) for name in ("payload", "gripped"))
_SEATED = (
    field_input("robot", seated=False),
    field_input("robot", gripped=False),
    field_input("robot", truck_position=2),
)
_FIRE_EVERYWHERE = FireState(FireReaction(stopped_bays=tuple(range(1, 10))))
_DESTINATION_SAFE = (
    record_input("fire beside it", lambda now: replace(now, fire=_FIRE_EVERYWHERE)),
    field_input("destination.io", smoke=True),
    field_input("destination.io", smoke=None),
    field_input("destination.io", temperature_c=60.5),
    field_input("destination.io", temperature_c=None),
)


def _in_mode(mode: Mode) -> RecordInput:
    return record_input(f"mode {mode}", lambda now: with_mode(now, mode))


def _without_job(now: Snapshot) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, job=None))


def _fire(**changes: Any) -> Callable[[Snapshot], Snapshot]:
    return lambda now: replace(now, fire=FireState(replace(now.fire.reaction, **changes)))


_JOB_GONE = record_input("no job", _without_job)
INPUTS: dict[str, tuple[DeviceInput | RecordInput, ...]] = {
    "confirmed": (record_input("not confirmed", lambda now: replace(now, confirmed=False)),),
    "journal_writes": (
        field_input("disk", level=DiskLevel.STOP),
        record_input("write failed", lambda now: replace(now, journal_error="database or disk is full")),
    ),
    "mode_permits_work": (_in_mode(Mode.FIRE),),
    "not_in_fire_mode": (_in_mode(Mode.FIRE),),
    "modules_ready": (field_input("bay.modules", state=ModuleState.FAULT),),
    "robot_request_met": (
        field_input("robot", request_id=2),
        field_input("robot", request=RobotRequest.NONE),
        field_input("robot", truck_in_position=False),
        field_input("robot", pose_x_mm=1000),
        field_input("robot", pose_y_mm=1000),
        field_input("robot", pose_yaw_mrad=1000),
        field_input("robot", request=RobotRequest.UNLOCK_TRUCK),
        field_input("robot", request=RobotRequest.BAY_DEAD, request_bay=99),
    ),
    "executing": tuple(
        record_input(f"station {state}", lambda now, state=state: replace(now, state=state))  # type: ignore[misc]
        for state in StationState
        if state is not StationState.EXECUTE
    ),
    "unholding": tuple(
        record_input(f"station {state}", lambda now, state=state: replace(now, state=state))  # type: ignore[misc]
        for state in StationState
        if state is not StationState.UNHOLDING
    ),
    "safety_chain_closed": tuple(
        field_input("safety", **{name: False})
        for name in ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok")
    ),
    "transfer_open": (
        _JOB_GONE,
        record_input(
            "another job",
            lambda now: replace(
                now,
                inventory=replace(
                    now.inventory, job=replace(now.inventory.job, kind=JobKind.MOVE) if now.inventory.job else None
                ),
            ),
        ),
    ),
    "transfer_permitted": (field_input("safety", transfer_permitted=False),),
    "fire_not_confirmed": (record_input("confirmed", _fire(confirmed=True)),),
    "only_origin_burns": (
        record_input("another bay too", _fire(causes=("BAY_SMOKE@bay-1", "BAY_SMOKE@bay-2"))),
        record_input("another bay", _fire(causes=("BAY_SMOKE@bay-2",))),
        record_input("nothing burns", _fire(causes=())),
    ),
    "robot_apart_from_truck": (field_input("robot", clear_of_truck=False),),
    "origin_battery_known": (
        record_input("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        record_input("not on record", lambda now: replace(now, inventory=replace(now.inventory, batteries=()))),
    ),
    "isolation_quiet": (
        field_input("destination.io", smoke=True),
        field_input("destination.io", smoke=None),
        field_input("destination.io", temperature_c=60.5),
        field_input("destination.io", temperature_c=None),
    ),
    "fire_chain_quiet": (field_input("safety", fire_ok=False),),
    **CARE_INPUTS,
    **STORE_INPUTS,
    **YARD_INPUTS,
    "robot_ready": (
        field_input("robot", homed=False),
        *(field_input("robot", state=state) for state in RobotState if state is not RobotState.IDLE),
    ),
    "robot_idle": tuple(field_input("robot", state=state) for state in RobotState if state is not RobotState.IDLE),
    "robot_not_moving": (field_input("robot", state=RobotState.BUSY),),
    "robot_empty": _EMPTY,
    "robot_free_to_travel": (
        field_input("robot", payload=False, gripped=True, seated=True),
        field_input("robot", payload=True, gripped=False),
    ),
    "robot_loaded": _LOAD,
    "robot_gripped_and_seated": _SEATED,
    "weight_carried": (
        DeviceInput("nothing carried", "robot", lambda value: replace(value, load_kg=0)),
        DeviceInput("truck lifted with it", "robot", lambda value: replace(value, load_kg=MASS_KG + 151)),
    ),
    "robot_holds_or_clear": (*_SEATED, field_input("robot", state=RobotState.BUSY)),
    "robot_holds_truck_battery": (*_SEATED, field_input("robot", state=RobotState.BUSY)),
    "robot_clear_of_truck": (field_input("robot", clear_of_truck=False), field_input("robot", state=RobotState.BUSY)),
    "truck_identified": (
        field_input("truck", vin=OTHER_VIN),
        field_input("truck", vin=None),
        record_input("no swap", _without_swap),
    ),
    "truck_parked": tuple(
        field_input("truck", **{name: False}) for name in ("parking_brake_set", "key_off", "gear_neutral")
    ),
    "truck_hv_powered_down": (field_input("truck", hv_powered_down=False),),
    "truck_in_position": (field_input("robot", truck_in_position=False),),
    "truck_pose_in_range": (
        *(field_input("robot", pose_x_mm=x_mm) for x_mm in (-151, 151)),
        *(field_input("robot", pose_y_mm=y_mm) for y_mm in (-151, 151)),
        *(field_input("robot", pose_yaw_mrad=yaw_mrad) for yaw_mrad in (-61, 61)),
    ),
    "seat_offset_allowed": (record_input("a card beyond the limits", _seat_beyond_limits),),
    "truck_unlocked": tuple(field_input("truck", lock=lock) for lock in LockState if lock is not LockState.UNLOCKED),
    "truck_locked": tuple(field_input("truck", lock=lock) for lock in LockState if lock is not LockState.LOCKED),
    "truck_has_battery": (field_input("truck", battery_present=False),),
    "bay_not_locked_out": (record_input("locked out", _locked_out),),
    "origin_battery_sound": (
        record_input("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        record_input("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
    ),
    "robot_battery_sound": (
        record_input("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        record_input("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        record_input("nothing on record", lambda now: with_battery(now, "B1", place="bay-1")),
    ),
    "truck_battery_sound": (
        record_input("quarantined", lambda now: with_battery(now, "B3", quarantined=True)),
        record_input("doubtful", lambda now: with_battery(now, "B3", doubtful=True)),
        record_input("nothing on record", lambda now: with_battery(now, "B3", place="isolation")),
        record_input("no swap", _without_swap),
    ),
    "battery_set_even": (record_input("one old, one fresh", _half_exchanged),),
    "truck_has_no_battery": (field_input("truck", battery_present=True),),
    "destination_bay_empty": (
        field_input("destination.io", presence=Presence.PRESENT),
        field_input("destination.io", presence=Presence.CONTRADICTION),
        field_input("destination.io", connector_mated=True),
    ),
    "destination_bay_reserved": (
        record_input("no hold", _without_holds),
        record_input("no swap", _without_swap),
    ),
    "destination_bay_safe": _DESTINATION_SAFE,
    "origin_bay_occupied": (
        field_input("origin.io", presence=Presence.EMPTY),
        field_input("origin.io", presence=Presence.CONTRADICTION),
    ),
    "origin_bay_dead": (
        field_input("origin.io", contactor_closed=True),
        field_input("origin.modules", current_a=1.0),
        field_input("origin.modules", current_a=-1.0),
        field_input("origin.charge", unknown_forbids=False, phase=ChargePhase.CHARGING),
        field_input("origin.charge", unknown_forbids=False, phase=ChargePhase.STOP),
    ),
    "origin_bay_allocated": (
        record_input("no swap", _without_swap),
        record_input("another battery", _another_fresh),
    ),
    "battery_plugged_in": (
        field_input("bay.io", presence=Presence.EMPTY),
        field_input("bay.io", presence=Presence.CONTRADICTION),
        field_input("bay.io", connector_mated=False),
    ),
    "battery_not_quarantined": (
        record_input("quarantined", lambda now: with_battery(now, "B1", quarantined=True)),
        record_input("doubtful", lambda now: with_battery(now, "B1", doubtful=True)),
        record_input("not on record", lambda now: replace(now, inventory=replace(now.inventory, batteries=()))),
    ),
    "bay_without_smoke": (
        field_input("bay.io", smoke=True),
        field_input("bay.io", smoke=None),
        field_input("bay.io", temperature_c=60.5),
        field_input("bay.io", temperature_c=None),
        record_input("fire beside it", lambda now: replace(now, fire=_FIRE_EVERYWHERE)),
    ),
    "bms_fresh": (field_input("bay.charge", bms_age_s=1.1), field_input("bay.charge", bms_age_s=None)),
    "battery_not_hot": (field_input("bay.charge", max_temperature_c=55.5),),
    "bms_identity_matches": (
        field_input("bay.charge", unknown_forbids=False, serial=77),
        field_input("bay.charge", unknown_forbids=False, maker="04Q"),
    ),
}
INPUTS |= {"power_rise_permitted": tuple(each for name in CHARGE_START for each in INPUTS[name])}
"""`unknown_forbids=False`: a BMS that says nothing contradicts nothing; other interlocks ask for fresh data."""
