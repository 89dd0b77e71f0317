"""What of a device's state bears on safety, small enough to compare: a change of it starts the next cycle at once.

Measured values count only by the side of their limit on which they are, so that a reading that jitters wakes nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from swapstation.config.limits import Limits
from swapstation.devices.adapter import Update
from swapstation.model.device import (
    BatteryCharge,
    Charger,
    ChargerState,
    ChargingModule,
    FirePanel,
    ModuleState,
    RackIo,
    Robot,
    RobotState,
    Safety,
    Truck,
)
from swapstation.model.vendor_alarm import VendorAlarms

_STANDS = (RobotState.FAULT, RobotState.ESTOP, RobotState.PAUSED)


def safety_picture(updates: Iterable[Update], limits: Limits) -> Hashable:
    """The picture of one wire's devices; equal pictures ask for no cycle of their own."""
    parts = []
    for update in updates:
        kind = type(update.state)
        part = _PICTURES.get(kind)
        if part is not None:
            parts.append((kind, update.bay, part(update.state, limits)))
    return tuple(parts)


def _above(value: float | None, limit: float) -> bool | None:
    return None if value is None else value > limit


def _rack_io(io: RackIo, limits: Limits) -> Hashable:
    hot = _above(io.temperature_c, limits.max_bay_temperature_c)
    return io.presence, io.connector_mated, io.contactor_closed, io.smoke, hot


def _battery(charge: BatteryCharge, limits: Limits) -> Hashable:
    hot = _above(charge.max_temperature_c, limits.max_battery_temperature_c)
    return charge.phase, charge.faults, charge.charge_permitted, charge.stop_reasons, charge.timeouts, hot


def _robot(robot: Robot, limits: Limits) -> Hashable:
    return robot.state if robot.state in _STANDS else None, robot.fault_words, robot.truck_in_position, robot.request_id


def _truck(truck: Truck, _: Limits) -> Hashable:
    parked = truck.parking_brake_set, truck.key_off, truck.gear_neutral, truck.hv_powered_down
    return *parked, *((each.lock, each.battery_present) for each in truck.positions), truck.vin


_PICTURES: Mapping[type[Any], Callable[[Any, Limits], Hashable]] = {
    Safety: lambda safety, _: safety,
    FirePanel: lambda panel, _: panel,
    VendorAlarms: lambda alarms, _: alarms,
    RackIo: _rack_io,
    BatteryCharge: _battery,
    ChargingModule: lambda modules, _: modules.state in (ModuleState.FAULT, ModuleState.WATCHDOG),
    Charger: lambda charger, _: (charger.state is ChargerState.FAULT, charger.fault_code, charger.contactor_closed),
    Robot: _robot,
    Truck: _truck,
}
