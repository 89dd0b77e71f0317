"""The one gate that every command passes: a deny-by-default table of interlocks per command type.

A command may leave only when every interlock of its row holds now. A type without a row never leaves. Commands toward
safety have an empty row: nothing can forbid them.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import (
    AnswerRobot,
    CirculateCoolant,
    CloseGate,
    Command,
    CoolBattery,
    DischargeBattery,
    ExchangeBattery,
    GripBattery,
    HeatBattery,
    HoldRobot,
    HomeRobot,
    IsolateBattery,
    LiftBattery,
    LimitCharge,
    LocateTruck,
    LockTruck,
    MoveBattery,
    OpenGate,
    ParkRobot,
    PauseCharge,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ReleaseTruck,
    RequestFeederCutOff,
    ResetRobot,
    ResumeCharge,
    ResumeRobot,
    SetModules,
    SetStorePower,
    ShowSign,
    ShutModules,
    StartCharge,
    StopCharge,
    StopClimate,
    StopRobot,
    StopStore,
    TripBay,
    UngripBattery,
    UnlockTruck,
)
from swapstation.station.interlocks import CHARGE_START, INTERLOCKS
from swapstation.station.situation import Situation

NO_ROW = "no_permit_row"
"""Reason given for a command type that the table does not know."""

_MOTION = ("confirmed", "executing", "mode_permits_work", "safety_chain_closed", "journal_writes")
_AT_TRUCK = (
    "truck_identified",
    "truck_parked",
    "truck_hv_powered_down",
    "truck_in_position",
    "truck_pose_in_range",
)
_COOLED = (
    "not_in_fire_mode",
    "bay_not_locked_out",
    "battery_plugged_in",
    "climate_ready",
    "battery_temperature_known",
)
"""A battery in alarm may be cooled, never heated."""

PERMIT: Mapping[type[Command], tuple[str, ...]] = {
    HomeRobot: (*_MOTION, "robot_idle", "robot_empty"),
    LocateTruck: (
        *_MOTION,
        "robot_ready",
        "robot_free_to_travel",
        "truck_identified",
        "truck_parked",
        "seat_offset_allowed",
    ),
    GripBattery: (*_MOTION, *_AT_TRUCK, "robot_ready", "robot_empty", "truck_locked", "truck_has_battery"),
    LiftBattery: (*_MOTION, *_AT_TRUCK, "robot_ready", "robot_gripped_and_seated", "truck_unlocked"),
    PutBattery: (
        *_MOTION,
        "robot_ready",
        "robot_loaded",
        "destination_bay_empty",
        "destination_bay_reserved",
        "destination_bay_safe",
        "bay_not_locked_out",
    ),
    PickBattery: (
        *_MOTION,
        "robot_ready",
        "robot_empty",
        "origin_bay_occupied",
        "origin_bay_dead",
        "origin_bay_allocated",
        "origin_battery_sound",
        "bay_not_locked_out",
    ),
    PlaceBattery: (
        *_MOTION,
        *_AT_TRUCK,
        "robot_ready",
        "robot_loaded",
        "robot_battery_sound",
        "truck_unlocked",
        "truck_has_no_battery",
    ),
    UngripBattery: (*_MOTION, *_AT_TRUCK, "robot_ready", "robot_gripped_and_seated", "truck_locked"),
    ParkRobot: (*_MOTION, "robot_ready", "robot_empty"),
    MoveBattery: (
        *_MOTION,
        "robot_ready",
        "robot_empty",
        "origin_bay_occupied",
        "origin_bay_dead",
        "destination_bay_empty",
        "destination_bay_reserved",
        "destination_bay_safe",
        "bay_not_locked_out",
    ),
    IsolateBattery: (
        *_MOTION,
        "transfer_open",
        "transfer_permitted",
        "fire_not_confirmed",
        "only_origin_burns",
        "robot_ready",
        "robot_empty",
        "robot_apart_from_truck",
        "origin_bay_occupied",
        "origin_bay_dead",
        "origin_bay_allocated",
        "origin_battery_known",
        "bms_identity_matches",
        "destination_bay_empty",
        "destination_bay_reserved",
        "isolation_quiet",
        "bay_not_locked_out",
    ),
    ExchangeBattery: (
        *_MOTION,
        *_AT_TRUCK,
        "robot_ready",
        "robot_empty",
        "truck_locked",
        "truck_has_battery",
        "seat_offset_allowed",
        "origin_bay_occupied",
        "origin_bay_dead",
        "origin_bay_allocated",
        "origin_battery_sound",
        "destination_bay_empty",
        "destination_bay_reserved",
        "destination_bay_safe",
        "bay_not_locked_out",
    ),
    AnswerRobot: (*_MOTION, "robot_request_met"),
    ResumeRobot: ("confirmed", "unholding", "mode_permits_work", "safety_chain_closed", "journal_writes"),
    ResetRobot: ("confirmed", "unholding", "mode_permits_work", "safety_chain_closed", "journal_writes"),
    UnlockTruck: (*_MOTION, *_AT_TRUCK, "truck_has_battery", "robot_holds_truck_battery"),
    LockTruck: (*_MOTION, *_AT_TRUCK, "truck_has_battery", "robot_holds_or_clear"),
    ReleaseTruck: (
        *_MOTION,
        "truck_identified",
        "truck_locked",
        "truck_has_battery",
        "truck_battery_sound",
        "battery_set_even",
        "robot_clear_of_truck",
    ),
    StartCharge: CHARGE_START,
    LimitCharge: ("power_rise_permitted",),
    ResumeCharge: CHARGE_START,
    SetModules: (*CHARGE_START, "bms_fresh", "modules_ready", "battery_not_hot"),
    DischargeBattery: (
        *CHARGE_START,
        "battery_watched",
        "battery_without_alarm",
        "discharge_declared",
        "battery_not_held",
        "ready_reserve_kept",
        "export_permitted",
    ),
    HeatBattery: (*CHARGE_START, "climate_ready", "battery_not_warm", "battery_without_alarm"),
    CoolBattery: _COOLED,
    CirculateCoolant: _COOLED,
    SetStorePower: (
        "not_in_fire_mode",
        "fire_chain_quiet",
        "no_fire_alarm",
        "store_ready",
        "store_soc_permits",
        "store_power_declared",
        "store_export_kept",
    ),
    OpenGate: ("not_in_fire_mode", "no_fire_alarm", "gate_ready", "truck_admitted", "lane_free"),
    CloseGate: ("gate_ready", "gate_loop_free"),
    ShowSign: ("guide_heard",),
    HoldRobot: (),
    StopRobot: (),
    PauseCharge: (),
    StopCharge: (),
    ShutModules: (),
    TripBay: (),
    RequestFeederCutOff: (),
    StopClimate: (),
    StopStore: (),
}


def permit(command: Command, now: Situation, further: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of the interlocks that forbid `command` now; empty means it may leave.

    `further` are interlocks that a recipe step adds to the row of the table.
    """
    row = PERMIT.get(type(command))
    if row is None:
        return (NO_ROW,)
    names = dict.fromkeys((*row, *further)) if further else row
    return tuple([name for name in names if not INTERLOCKS[name](now, command)])
