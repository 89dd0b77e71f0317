"""Interlocks of the automatic transfer to isolation alone: what a battery that may burn needs beside those of any move.

Unknown is unsafe here as everywhere; the safety PLC's own permission comes on top and cannot be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import Command, IsolateBattery
from swapstation.model.job import JobKind
from swapstation.model.snapshot import BayState
from swapstation.station.sensing import Interlock
from swapstation.station.situation import Situation


def _origin(now: Situation, command: Command) -> BayState | None:
    return now.bay(command.bay) if isinstance(command, IsolateBattery) else None


def _isolation(now: Situation, command: Command) -> BayState | None:
    bay = now.bay(command.to_bay) if isinstance(command, IsolateBattery) else None
    return bay if bay is not None and bay.isolation else None


def _transfer_open(now: Situation, _: Command) -> bool:
    return now.job is not None and now.job.kind is JobKind.ISOLATE


def _transfer_permitted(now: Situation, _: Command) -> bool:
    """The safety PLC permits this kind of move now, for reasons of its own."""
    safety = now.snapshot.safety.good
    return safety is not None and safety.transfer_permitted


def _fire_not_confirmed(now: Situation, _: Command) -> bool:
    return not now.snapshot.fire.reaction.confirmed


def _only_origin_burns(now: Situation, command: Command) -> bool:
    """The signs of fire are all in the bay of the battery: the way past another one is no way."""
    bay = _origin(now, command)
    places = {cause.partition("@")[2] for cause in now.snapshot.fire.reaction.causes}
    return bay is not None and places == {bay.place}


def _robot_apart_from_truck(now: Situation, _: Command) -> bool:
    """The robot stands outside the truck's envelope, or the PLC says that no truck stands there."""
    robot = now.snapshot.robot.good
    return robot is not None and (robot.clear_of_truck or not robot.truck_in_position)


def _origin_battery_known(now: Situation, command: Command) -> bool:
    """It may be quarantined; which one it is must not be in doubt."""
    bay = _origin(now, command)
    battery = now.snapshot.inventory.battery(bay.battery) if bay is not None and bay.battery else None
    return battery is not None and not battery.doubtful


def _isolation_quiet(now: Situation, command: Command) -> bool:
    """No sign of fire in the isolation place itself; one beside it is why it is needed."""
    bay = _isolation(now, command)
    io = bay.io.good if bay is not None else None
    return (
        io is not None
        and io.smoke is False
        and io.temperature_c is not None
        and io.temperature_c <= now.config.limits.max_bay_temperature_c
    )


def transfer_forbidden(now: Situation) -> str:
    """Why a transfer that has begun must stop where it is, beside an open safety chain; "" while it may go on."""
    safety = now.snapshot.safety.good
    if safety is None:
        return "robot_link"
    return "" if safety.transfer_permitted else "transfer_permitted"


TRANSFER_INTERLOCKS: Mapping[str, Interlock] = {
    "transfer_open": _transfer_open,
    "transfer_permitted": _transfer_permitted,
    "fire_not_confirmed": _fire_not_confirmed,
    "only_origin_burns": _only_origin_burns,
    "robot_apart_from_truck": _robot_apart_from_truck,
    "origin_battery_known": _origin_battery_known,
    "isolation_quiet": _isolation_quiet,
}
