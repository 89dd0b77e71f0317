"""Interlocks that ask the truck: unknown or stale is unsafe. Those of a battery ask for the position being exchanged,
those of a truck that is to leave for all of its positions.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import Command, ExchangeBattery, LocateTruck, ReleaseTruck
from swapstation.model.device import LockState, TruckPosition
from swapstation.model.inventory import SeatOffset, truck_places
from swapstation.station.positions import every_position, position_of, set_accepted
from swapstation.station.sensing import Interlock, truck_of
from swapstation.station.situation import Situation


def _identified(now: Situation, _: Command) -> bool:
    truck = truck_of(now)
    return truck is not None and now.work is not None and truck.vin is not None and truck.vin == now.work.vin


def _parked(now: Situation, _: Command) -> bool:
    truck = truck_of(now)
    return truck is not None and truck.parking_brake_set and truck.key_off and truck.gear_neutral


def _hv_powered_down(now: Situation, _: Command) -> bool:
    truck = truck_of(now)
    return truck is not None and truck.hv_powered_down


def _concerned(now: Situation, command: Command) -> tuple[TruckPosition, ...]:
    """The positions that a command is about; () while the truck does not tell of them, or it is for another one."""
    if isinstance(command, ReleaseTruck):
        return every_position(now)
    here = position_of(now)
    return (here,) if here is not None and getattr(command, "position", now.position) == now.position else ()


def _unlocked(now: Situation, command: Command) -> bool:
    concerned = _concerned(now, command)
    return bool(concerned) and all(each.lock is LockState.UNLOCKED for each in concerned)


def _locked(now: Situation, command: Command) -> bool:
    concerned = _concerned(now, command)
    return bool(concerned) and all(each.lock is LockState.LOCKED for each in concerned)


def _has_battery(now: Situation, command: Command) -> bool:
    concerned = _concerned(now, command)
    return bool(concerned) and all(each.battery_present for each in concerned)


def _has_no_battery(now: Situation, command: Command) -> bool:
    concerned = _concerned(now, command)
    return bool(concerned) and not any(each.battery_present for each in concerned)


def _battery_sound(now: Situation, _: Command) -> bool:
    """A truck never leaves with a battery in doubt."""
    places = truck_places(now.swap.vin, now.positions) if now.swap else ()
    batteries = [now.snapshot.inventory.at(place) for place in places]
    return bool(batteries) and all(battery is not None and battery.sound for battery in batteries)


def _seat_offset_allowed(now: Situation, command: Command) -> bool:
    """The order carries the offset of the truck's card, and the station's limits allow it now."""
    if not isinstance(command, LocateTruck | ExchangeBattery):
        return False
    told = SeatOffset(command.seat_x_mm, command.seat_y_mm, command.seat_z_mm)
    return told == now.seat_offset and told.within(now.config.limits.seat)


TRUCK_INTERLOCKS: Mapping[str, Interlock] = {
    "truck_identified": _identified,
    "truck_parked": _parked,
    "truck_hv_powered_down": _hv_powered_down,
    "truck_unlocked": _unlocked,
    "truck_locked": _locked,
    "truck_has_battery": _has_battery,
    "seat_offset_allowed": _seat_offset_allowed,
    "truck_battery_sound": _battery_sound,
    "truck_has_no_battery": _has_no_battery,
    "battery_set_even": lambda now, _: set_accepted(now),
}
