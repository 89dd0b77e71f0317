"""The state of the robot PLC as packed messages show it: W4 (sensors) and W5 (state)."""

from __future__ import annotations

from swapstation.model.device import RobotRequest, RobotState
from swapstation.protocol.packed_struct import PackedValue
from swapstation.simulation.firmware.robot_interlocks import AT_TRUCK_MM
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.firmware.robot_words import Command, Fault
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.robot import STANDBY

FAULT_WORDS = 18
_ROBOT = {
    RobotState.BUSY: "BUSY",
    RobotState.PAUSED: "PAUSE",
    RobotState.FAULT: "ALARM",
    RobotState.ESTOP: "ALARM",
}


def sensors(plc: RobotPlc, bays: int) -> dict[str, PackedValue]:
    """W4. One button stands for all four emergency stops, one door for all four: the plant has one input of each."""
    plant, safety = plc.plant, plc.plant.safety()
    numbers = range(1, bays + 1)
    estop, door = ("OK" if safety.estop_ok else "PRESSED"), ("CLOSED" if safety.doors_closed else "OPEN")
    return {
        "bay_battery": tuple(_presence(plant, number) for number in numbers),
        "bay_temperature_c": tuple(_temperature_c(plant, number) for number in numbers),
        "robot_battery": "PRESENT" if plant.hanging is not None else "NONE",
        "hoist_lock": "LOCKED" if plant.gripped else "OPEN",
        "hoist_position": "SEATED" if plant.seated else "FREE",
        "door_swap": door,
        "door_fire": "CLOSED",
        "door_service": "CLOSED",
        "door_cabinet": "CLOSED",
        "estop_robot": "OK",
        "estop_aisle": estop,
        "estop_console": "OK",
        "estop_fire_area": "OK",
        "light_curtain": "CLEAR" if safety.light_curtain_clear else "BROKEN",
        "overtravel": "OK" if safety.overtravel_ok else "ACTUATED",
        "fire": "OK" if safety.fire_ok else "ALARM",
        "load_kg": round(plant.load_kg),
        "weighed_kg": round(plc.motion.weighed_kg),
        "protocol_version": plant.protocol_version("robot"),
    }


def _presence(plant: Plant, bay: int) -> str | None:
    if bay not in plant.bays:
        return None
    one, other = plant.presence(bay)
    return None if one != other else "PRESENT" if one else "NONE"


def _temperature_c(plant: Plant, bay: int) -> int | None:
    return round(plant.bays[bay].temperature_c) if bay in plant.bays else None


def state(plc: RobotPlc) -> dict[str, PackedValue]:
    """W5 without its heartbeat and handshakes."""
    kept, plant, asking, pose = plc.kept, plc.plant, plc.asking, plc.motion.measured
    at, manual = plant.robot.at, kept.running is not None and kept.running.command != Command.EXCHANGE
    asked = asking.request if asking else RobotRequest.NONE
    return {
        "robot": _ROBOT.get(plc.state) or ("READY" if plant.robot.homed else "FREE"),
        "control_mode": "ONLINE",
        "run_mode": "SINGLE_STEP" if manual else "AUTOMATIC",
        "step": plc.step.name,
        "x_mm": round(at.x_mm),
        "y_mm": round(at.y_mm),
        "z_mm": round(at.z_mm),
        "lidar_request": asked is RobotRequest.TRUCK_POSE,
        "warning_id": kept.refusal.name,
        "fault_words": _fault_words(plc.faults),
        "accepted_id": kept.accepted_id,
        "running_id": plc.running_id,
        "done_id": kept.done_id,
        "result": kept.result.name,
        "request_id": kept.request_id,
        "bay_dead_request": asking.bay if asking and asked is RobotRequest.BAY_DEAD else None,
        "pose_x_mm": round(pose.x_mm) if pose else 0,
        "pose_y_mm": round(pose.y_mm) if pose else 0,
        "pose_yaw_mrad": round(pose.yaw_mrad) if pose else 0,
        "epoch": kept.epoch,
        "homed": plant.robot.homed,
        "truck_in_position": plc.view.truck is not None,
        "clear_of_truck": at.over(STANDBY, AT_TRUCK_MM),
    }


def _fault_words(faults: set[Fault]) -> tuple[int, ...]:
    """Word 1 has the bits of the reference PLC but the lost link, which is bit 0 of the last word."""
    first = sum(1 << fault for fault in faults - {Fault.STATION_LINK_LOST})
    return (first, *[0] * (FAULT_WORDS - 2), int(Fault.STATION_LINK_LOST in faults))
