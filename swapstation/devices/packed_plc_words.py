"""What the packed messages say in the words of the product (firmware_proto/packed_plc.toml), and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swapstation.model.device import (
    LockState,
    Robot,
    RobotRequest,
    RobotResult,
    RobotState,
    RobotStep,
    Safety,
    Truck,
)
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.protocol.packed_struct import PackedValue

Values = Mapping[str, Any]

_AS_TOLD = (
    "x_mm",
    "y_mm",
    "z_mm",
    "accepted_id",
    "running_id",
    "done_id",
    "request_id",
    "pose_x_mm",
    "pose_y_mm",
    "pose_yaw_mrad",
    "epoch",
    "homed",
    "truck_in_position",
    "clear_of_truck",
    "fault_words",
)
"""Fields of W5 that mean the same in the device state."""
_STATES = {
    "FREE": RobotState.IDLE,
    "READY": RobotState.IDLE,
    "BUSY": RobotState.BUSY,
    "PAUSE": RobotState.PAUSED,
    "ALARM": RobotState.FAULT,
}
_ESTOPS = ("estop_robot", "estop_aisle", "estop_console", "estop_fire_area")
_DOORS = ("door_swap", "door_fire", "door_service", "door_cabinet")
_LOCKS = {
    LockState.UNLOCKED: "UNLOCKED",
    LockState.LOCKED: "LOCKED",
    LockState.MOVING: "MOVING",
    LockState.FAULT: "FAULT",
}


def safety_state(w4: Values) -> Safety:
    """The safety chain in W4."""
    return Safety(
        estop_ok=all(w4[name] == "OK" for name in _ESTOPS),
        doors_closed=all(w4[name] == "CLOSED" for name in _DOORS),
        light_curtain_clear=w4["light_curtain"] == "CLEAR",
        overtravel_ok=w4["overtravel"] == "OK",
        fire_ok=w4["fire"] == "OK",
    )


def robot_state(w4: Values, w5: Values, w6: Values) -> Robot:
    """The robot in the three messages of one PLC; under local control it is offline for the station."""
    request, bay = _request(w5, w6)
    return Robot(
        state=_state(w4, w5),
        step=RobotStep[w5["step"]],
        payload=w4["robot_battery"] == "PRESENT",
        gripped=w4["hoist_lock"] == "LOCKED",
        seated=w4["hoist_position"] == "SEATED",
        load_kg=w4["load_kg"],
        weighed_kg=w4["weighed_kg"],
        refusal_code=w5["warning_id"],
        result=RobotResult[w5["result"]],
        request=request,
        request_bay=bay,
        protocol_version=w4["protocol_version"],
        **{name: w5[name] for name in _AS_TOLD},
    )


def _state(w4: Values, w5: Values) -> RobotState:
    if w5["control_mode"] != "ONLINE":
        return RobotState.OFFLINE
    state = _STATES[w5["robot"]]
    return RobotState.ESTOP if state is RobotState.FAULT and not safety_state(w4).estop_ok else state


def _request(w5: Values, w6: Values) -> tuple[RobotRequest, int]:
    if w6["unlock_truck"]:
        return RobotRequest.UNLOCK_TRUCK, 0
    if w6["lock_truck"]:
        return RobotRequest.LOCK_TRUCK, 0
    if w5["bay_dead_request"] is not None:
        return RobotRequest.BAY_DEAD, w5["bay_dead_request"]
    return (RobotRequest.TRUCK_POSE if w5["lidar_request"] else RobotRequest.NONE), 0


def truck_values(truck: Truck) -> dict[str, PackedValue]:
    """R3: what the PLC is told of the truck."""
    return {
        "swap_connector": "MATED" if truck.connector_mated else "OPEN",
        "parking_brake": "SET" if truck.parking_brake_set else "RELEASED",
        "key": "OFF" if truck.key_off else "ON",
        "gear": "NEUTRAL" if truck.gear_neutral else "DRIVE",
        "lock": _LOCKS[truck.lock],
        "hv": "DOWN" if truck.hv_powered_down else "UP",
        "battery": "PRESENT" if truck.battery_present else "NONE",
    }


def bay_values(snapshot: Snapshot, bays: int) -> dict[str, PackedValue]:
    """R1: what the PLC is told of bays 1 to `bays`."""
    known = {bay.number: bay for bay in snapshot.bays}
    rows = [known.get(number) for number in range(1, bays + 1)]
    return {
        "charger": tuple(_charger(bay) for bay in rows),
        "outlet_temperature_c": tuple(_temperature_c(bay) for bay in rows),
    }


def _charger(bay: BayState | None) -> str | None:
    io = bay.io.good if bay else None
    return None if io is None else "LIVE" if io.contactor_closed else "DEAD"


def _temperature_c(bay: BayState | None) -> int | None:
    io = bay.io.good if bay else None
    if io is None or io.temperature_c is None or not -50 <= io.temperature_c < 200:
        return None
    return round(io.temperature_c)
