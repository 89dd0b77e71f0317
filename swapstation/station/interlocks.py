"""Interlocks: small questions to the snapshot, each safe only when a fresh sensor says so (unknown or stale is unsafe).

The name of an interlock is also the reason code that people see when it is not met (swapstation/model/reasons.toml).
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import (
    AnswerRobot,
    Command,
    ExchangeBattery,
    IsolateBattery,
    LimitCharge,
    MoveBattery,
    PickBattery,
    PutBattery,
    SetModules,
)
from swapstation.model.device import (
    ChargePhase,
    ChargerState,
    ModuleState,
    Presence,
    RobotRequest,
    RobotState,
)
from swapstation.model.inventory import ROBOT, Swap
from swapstation.model.mode import Mode
from swapstation.model.snapshot import BayState, StationState
from swapstation.station.care_interlocks import CARE_INTERLOCKS
from swapstation.station.identity import identity_of_code
from swapstation.station.operating_mode import mode_permits_work
from swapstation.station.sensing import (
    Interlock,
    pose_in_range,
    robot_at_position,
    truck_in_position,
    weight_is_carried,
)
from swapstation.station.situation import Situation
from swapstation.station.store_interlocks import STORE_INTERLOCKS
from swapstation.station.transfer_interlocks import TRANSFER_INTERLOCKS
from swapstation.station.truck_interlocks import TRUCK_INTERLOCKS
from swapstation.station.yard_interlocks import YARD_INTERLOCKS

DEAD_BAY_MAX_CURRENT_A = 1.0
"""Current below which a bay counts as dead before a pick (reliability catalogue, invariant 9)."""


def _confirmed(now: Situation, _: Command) -> bool:
    return now.snapshot.confirmed


def _executing(now: Situation, _: Command) -> bool:
    return now.snapshot.state is StationState.EXECUTE


def _mode_permits_work(now: Situation, _: Command) -> bool:
    return mode_permits_work(now)


def _not_in_fire_mode(now: Situation, _: Command) -> bool:
    return now.snapshot.inventory.mode.mode is not Mode.FIRE


def _unholding(now: Situation, _: Command) -> bool:
    return now.snapshot.state is StationState.UNHOLDING


def _safety_chain_closed(now: Situation, _: Command) -> bool:
    safety = now.snapshot.safety.good
    return safety is not None and safety.ok


def _robot_ready(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and robot.state is RobotState.IDLE and robot.homed


def _robot_idle(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and robot.state is RobotState.IDLE


def _robot_empty(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and not robot.payload and not robot.gripped


def _robot_loaded(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and robot.payload and robot.gripped


def _robot_free_to_travel(now: Situation, _: Command) -> bool:
    """Empty, or with a load that hangs: never gripped to a battery that stands."""
    robot = now.snapshot.robot.good
    return robot is not None and robot.payload == robot.gripped


def _robot_gripped_and_seated(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and robot.gripped and robot.seated and robot_at_position(now)


def _robot_holds_truck_battery(now: Situation, command: Command) -> bool:
    return _robot_gripped_and_seated(now, command) and _robot_not_moving_or_asking(now)


def _robot_not_moving_or_asking(now: Situation) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and (robot.state is not RobotState.BUSY or robot.request_id != 0)


def _robot_clear_of_truck(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    return robot is not None and robot.clear_of_truck and robot.state is RobotState.IDLE


def _robot_holds_or_clear(now: Situation, command: Command) -> bool:
    """Locks may close under the robot's own grip, and on a battery that stands on its truck while the robot is away."""
    return _robot_holds_truck_battery(now, command) or _robot_clear_of_truck(now, command)


def _truck_posed(now: Situation, _: Command) -> bool:
    return truck_in_position(now) and not pose_in_range(now)


def _destination_bay(now: Situation, command: Command) -> BayState | None:
    match command:
        case (
            PutBattery(bay=number)
            | MoveBattery(to_bay=number)
            | IsolateBattery(to_bay=number)
            | ExchangeBattery(to_bay=number)
        ):
            return now.bay(number)
        case _:
            return None


def _origin_bay(now: Situation, command: Command) -> BayState | None:
    match command:
        case (
            PickBattery(bay=number)
            | MoveBattery(from_bay=number)
            | IsolateBattery(bay=number)
            | ExchangeBattery(from_bay=number)
        ):
            return now.bay(number)
        case _:
            return None


def _destination_bay_empty(now: Situation, command: Command) -> bool:
    bay = _destination_bay(now, command)
    io = bay.io.good if bay else None
    return io is not None and io.presence is Presence.EMPTY and not io.connector_mated


def _destination_bay_reserved(now: Situation, command: Command) -> bool:
    bay, work = _destination_bay(now, command), now.work
    if bay is None or work is None:
        return False
    hold = now.snapshot.inventory.held(place=bay.place)
    return hold is not None and hold.hold.startswith(work.swap if isinstance(work, Swap) else work.job)


def _destination_bay_safe(now: Situation, command: Command) -> bool:
    return _bay_quiet(now, _destination_bay(now, command))


def _bay_quiet(now: Situation, bay: BayState | None) -> bool:
    """No sign of fire in the bay, and none beside it that stops it."""
    return (
        bay is not None
        and (io := bay.io.good) is not None
        and bay.number not in now.snapshot.fire.reaction.stopped_bays
        and io.smoke is False
        and io.temperature_c is not None
        and io.temperature_c <= now.config.limits.max_bay_temperature_c
    )


def _origin_bay_occupied(now: Situation, command: Command) -> bool:
    bay = _origin_bay(now, command)
    io = bay.io.good if bay else None
    return io is not None and io.presence is Presence.PRESENT


def _origin_bay_dead(now: Situation, command: Command) -> bool:
    bay = _origin_bay(now, command)
    return bay is not None and bay_is_dead(bay)


def _charger_rests(bay: BayState) -> bool:
    charger = bay.charger.good
    resting = (ChargerState.IDLE, ChargerState.FINISHED, ChargerState.FAULT)
    return charger is not None and not charger.contactor_closed and charger.state in resting


def bay_is_dead(bay: BayState) -> bool:
    """Whether fresh sensors prove that no current flows in a bay and its contactor is open."""
    io = bay.io.good
    if io is None or io.contactor_closed:
        return False
    if not bay.charges:
        return True
    if bay.charging == "charger" and not _charger_rests(bay):
        return False
    source = bay.charger.good if bay.charging == "charger" else bay.modules.good
    charge = bay.charge.good
    quiet = charge is None or charge.phase in (ChargePhase.IDLE, ChargePhase.END, ChargePhase.ERROR)
    return source is not None and abs(source.current_a) < DEAD_BAY_MAX_CURRENT_A and quiet


def _origin_bay_allocated(now: Situation, command: Command) -> bool:
    bay, swap, job = _origin_bay(now, command), now.swap, now.job
    if bay is None or bay.battery is None:
        return False
    if job is not None or swap is None:
        return job is not None and (bay.place, bay.battery) == (job.origin, job.battery)
    return (bay.number, bay.battery) in ((swap.from_bay, swap.fresh), (swap.to_bay, swap.returned))


def _origin_battery_sound(now: Situation, command: Command) -> bool:
    """A battery in doubt is never fetched to be put on a truck."""
    bay = _origin_bay(now, command)
    battery = now.snapshot.inventory.battery(bay.battery) if bay and bay.battery else None
    return battery is not None and battery.sound


def _robot_battery_sound(now: Situation, _: Command) -> bool:
    battery = now.snapshot.inventory.at(ROBOT)
    return battery is not None and battery.sound


def _not_locked_out(now: Situation, command: Command) -> bool:
    """People may be working in a bay that is locked out."""
    bays = (_origin_bay(now, command), _destination_bay(now, command), _bay_of(now, command))
    return not any(bay is not None and now.snapshot.inventory.locked_out(bay.place) for bay in bays)


def _requested_bay_dead(now: Situation, _: Command) -> bool:
    robot = now.snapshot.robot.good
    bay = now.bay(robot.request_bay) if robot else None
    return bay is not None and bay_is_dead(bay)


def _robot_request_met(now: Situation, command: Command) -> bool:
    robot = now.snapshot.robot.good
    if robot is None or not isinstance(command, AnswerRobot) or robot.request_id != command.request_id:
        return False
    met = _REQUESTS.get(robot.request)
    return met is not None and met(now, command)


_REQUESTS: Mapping[RobotRequest, Interlock] = {
    RobotRequest.TRUCK_POSE: _truck_posed,
    RobotRequest.BAY_DEAD: _requested_bay_dead,
    RobotRequest.UNLOCK_TRUCK: TRUCK_INTERLOCKS["truck_unlocked"],
    RobotRequest.LOCK_TRUCK: TRUCK_INTERLOCKS["truck_locked"],
}


def _bay_of(now: Situation, command: Command) -> BayState | None:
    return now.bay(getattr(command, "bay", None))


def _battery_plugged_in(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    io = bay.io.good if bay else None
    return io is not None and io.presence is Presence.PRESENT and io.connector_mated


def _battery_not_quarantined(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    battery = now.snapshot.inventory.battery(bay.battery) if bay and bay.battery else None
    return battery is not None and battery.sound


def _bay_without_smoke(now: Situation, command: Command) -> bool:
    return _bay_quiet(now, _bay_of(now, command))


def _fire_chain_quiet(now: Situation, _: Command) -> bool:
    safety = now.snapshot.safety.good
    return safety is not None and safety.fire_ok


def _bms_fresh(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    charge = bay.charge.good if bay else None
    return charge is not None and charge.bms_age_s is not None and charge.bms_age_s <= now.config.limits.bms_age_s


def _modules_ready(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    modules = bay.modules.good if bay else None
    answering = modules is not None and modules.state is not ModuleState.FAULT
    return bay is not None and (bay.charging != "direct" or answering)


def _battery_not_hot(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    charge = bay.charge.good if bay else None
    if charge is None:
        return False
    if charge.max_temperature_c is None:  # a battery tells it with its first BSM; until then no current may flow
        return isinstance(command, SetModules) and command.current_a == 0.0
    return charge.max_temperature_c <= now.config.limits.max_battery_temperature_c


def _bms_identity_matches(now: Situation, command: Command) -> bool:
    bay = _bay_of(now, command)
    return bay is not None and identity_contradiction(now, bay) is None


def identity_contradiction(now: Situation, bay: BayState) -> str | None:
    """What the BMS in a bay says of itself that its record does not; None when they agree or the BMS says nothing."""
    charge = bay.charge.good
    battery = now.snapshot.inventory.battery(bay.battery) if bay.battery else None
    if charge is None or charge.serial is None or battery is None:
        return None
    maker = (charge.maker or "").strip()[:3]
    if any(serial == charge.serial and maker in ("", known) for known, serial in map(identity_of_code, battery.codes)):
        return None
    return f"{bay.place}: record {battery.battery}, BMS {maker} {charge.serial}"


CHARGE_START = (
    "not_in_fire_mode",
    "bay_not_locked_out",
    "battery_plugged_in",
    "battery_not_quarantined",
    "bay_without_smoke",
    "fire_chain_quiet",
    "bms_identity_matches",
)
"""What must hold for a charge to begin, or to get more power."""


def _power_rise_permitted(now: Situation, command: Command) -> bool:
    """Less power is always allowed."""
    lowers = isinstance(command, LimitCharge) and not command.raises
    return lowers or all(INTERLOCKS[name](now, command) for name in CHARGE_START)


INTERLOCKS: Mapping[str, Interlock] = {
    "confirmed": _confirmed,
    "executing": _executing,
    "unholding": _unholding,
    "mode_permits_work": _mode_permits_work,
    "journal_writes": lambda now, _: now.snapshot.journal_writes,
    "not_in_fire_mode": _not_in_fire_mode,
    "safety_chain_closed": _safety_chain_closed,
    "robot_ready": _robot_ready,
    "robot_idle": _robot_idle,
    "robot_empty": _robot_empty,
    "robot_loaded": _robot_loaded,
    "robot_free_to_travel": _robot_free_to_travel,
    "robot_gripped_and_seated": _robot_gripped_and_seated,
    "robot_holds_truck_battery": _robot_holds_truck_battery,
    "robot_holds_or_clear": _robot_holds_or_clear,
    "weight_carried": lambda now, _: weight_is_carried(now),
    "robot_clear_of_truck": _robot_clear_of_truck,
    **TRUCK_INTERLOCKS,
    **TRANSFER_INTERLOCKS,
    **CARE_INTERLOCKS,
    **STORE_INTERLOCKS,
    **YARD_INTERLOCKS,
    "truck_in_position": lambda now, _: truck_in_position(now),
    "truck_pose_in_range": lambda now, _: not pose_in_range(now),
    "destination_bay_empty": _destination_bay_empty,
    "destination_bay_reserved": _destination_bay_reserved,
    "destination_bay_safe": _destination_bay_safe,
    "origin_bay_occupied": _origin_bay_occupied,
    "origin_bay_dead": _origin_bay_dead,
    "origin_bay_allocated": _origin_bay_allocated,
    "origin_battery_sound": _origin_battery_sound,
    "robot_battery_sound": _robot_battery_sound,
    "bay_not_locked_out": _not_locked_out,
    "robot_request_met": _robot_request_met,
    "battery_plugged_in": _battery_plugged_in,
    "battery_not_quarantined": _battery_not_quarantined,
    "bay_without_smoke": _bay_without_smoke,
    "fire_chain_quiet": _fire_chain_quiet,
    "bms_fresh": _bms_fresh,
    "modules_ready": _modules_ready,
    "battery_not_hot": _battery_not_hot,
    "bms_identity_matches": _bms_identity_matches,
    "power_rise_permitted": _power_rise_permitted,
}
