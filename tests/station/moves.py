"""What each order does to a station's devices once it is carried out, at the level of the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from swapstation.model import command as commands
from swapstation.model.command import Command
from swapstation.model.device import LockState, RobotRequest, Truck
from swapstation.model.inventory import ROBOT, Battery
from swapstation.model.snapshot import Snapshot
from tests.station.situations import MASS_KG, pack_code, rack, with_value

Effect = Callable[[Snapshot, Any], Snapshot]


def _set(now: Snapshot, device: str, **changes: Any) -> Snapshot:
    return with_value(now, device, lambda value: replace(value, **changes))


def _at(now: Snapshot, position: int, **changes: Any) -> Snapshot:
    """The truck with one battery position changed."""
    if position == 1:
        return _set(now, "truck", **changes)

    def changed(truck: Truck) -> Truck:
        further = list(truck.further)
        further[position - 2] = replace(further[position - 2], **changes)
        return replace(truck, further=tuple(further))

    return with_value(now, "truck", changed)


def _locate(now: Snapshot, command: commands.LocateTruck) -> Snapshot:
    return _set(now, "robot", clear_of_truck=False, truck_position=command.position)


def _grip(now: Snapshot, command: commands.GripBattery) -> Snapshot:
    """A platform carries the battery as soon as it has gripped it; a spreader is not asked for its load here."""
    here = {"clear_of_truck": False, "truck_position": command.position}
    return _set(now, "robot", gripped=True, seated=True, load_kg=MASS_KG, **here)


def _lift(now: Snapshot, command: commands.LiftBattery) -> Snapshot:
    now = _set(now, "robot", payload=True, weighed_kg=MASS_KG + 12)
    return _at(now, command.position, battery_present=False, connector_mated=False, codes=())


def _put(now: Snapshot, command: commands.PutBattery) -> Snapshot:
    now = _set(now, "robot", payload=False, gripped=False, seated=False, truck_position=0)
    now = _plugged(now, command.bay, now.inventory.at(ROBOT))
    return with_value(now, f"{command.bay}.io", lambda _: rack(occupied=True))


def _pick(now: Snapshot, command: commands.PickBattery) -> Snapshot:
    now = _plugged(_set(now, "robot", payload=True, gripped=True, truck_position=0), command.bay, None)
    return with_value(now, f"{command.bay}.io", lambda _: rack(occupied=False))


def _plugged(now: Snapshot, bay: int, battery: Battery | None) -> Snapshot:
    """A bay's BMS says who it is; where no battery is plugged in, none speaks."""
    serial = int(battery.battery[1:]) if battery and now.bay(bay).charges else None
    age_s = None if serial is None else 0.1
    return with_value(now, f"{bay}.charge", lambda charge: replace(charge, serial=serial, bms_age_s=age_s))


def _place(now: Snapshot, command: commands.PlaceBattery) -> Snapshot:
    now = _set(now, "robot", payload=False, seated=True, truck_position=command.position)
    carried = now.inventory.at(ROBOT)
    codes = carried.codes if carried else (pack_code(1),)
    return _at(now, command.position, battery_present=True, connector_mated=True, codes=codes)


def _ungrip(now: Snapshot, _: Command) -> Snapshot:
    return _set(now, "robot", gripped=False, seated=False)


def _park(now: Snapshot, _: Command) -> Snapshot:
    return _set(now, "robot", clear_of_truck=True, truck_position=0)


def _lock(state: LockState) -> Effect:
    return lambda now, command: _at(now, command.position, lock=state)


EFFECTS: Mapping[type[Command], Effect] = {
    commands.LocateTruck: _locate,
    commands.GripBattery: _grip,
    commands.LiftBattery: _lift,
    commands.PutBattery: _put,
    commands.PickBattery: _pick,
    commands.PlaceBattery: _place,
    commands.HomeRobot: lambda now, _: _set(now, "robot", homed=True),
    commands.UngripBattery: _ungrip,
    commands.ParkRobot: _park,
    commands.UnlockTruck: _lock(LockState.UNLOCKED),
    commands.LockTruck: _lock(LockState.LOCKED),
    commands.ReleaseTruck: lambda now, _: now,
}


def program(command: Command) -> tuple[Command | RobotRequest, ...]:
    """The moves of a robot order; the PLC's exchange asks in between."""
    if isinstance(command, commands.IsolateBattery):
        return (commands.PickBattery(command.bay), commands.PutBattery(command.to_bay))
    if isinstance(command, commands.MoveBattery):
        return (commands.PickBattery(command.from_bay), commands.PutBattery(command.to_bay))
    if not isinstance(command, commands.ExchangeBattery):
        return (command,)
    return (
        RobotRequest.TRUCK_POSE,
        commands.LocateTruck(command.position),
        commands.GripBattery(command.position),
        RobotRequest.UNLOCK_TRUCK,
        commands.LiftBattery(command.position),
        commands.PutBattery(command.to_bay),
        RobotRequest.BAY_DEAD,
        commands.PickBattery(command.from_bay),
        commands.PlaceBattery(command.position),
        RobotRequest.LOCK_TRUCK,
        commands.UngripBattery(command.position),
        commands.ParkRobot(),
    )
