"""Interlocks of what is done to a battery beside charging it: heat, cooling, discharge. Unknown is unsafe as always."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.config.battery_care import Thermal
from swapstation.energy.ready_reserve import ready_reserve_kept
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.command import Command, DischargeBattery
from swapstation.model.device import BatteryCharge, ChargerState
from swapstation.model.snapshot import BayState
from swapstation.station.sensing import Interlock
from swapstation.station.situation import Situation

_ANY_MODEL = Thermal()
DRAWN_A = 5.0
"""Current above which a battery counts as discharged."""


def temperatures_c(now: Situation, bay: BayState) -> tuple[float, float] | None:
    """The coldest and the hottest probe of a bay's battery, while its BMS is heard (°C)."""
    charge = bay.charge.good
    if charge is None or charge.bms_age_s is None or charge.bms_age_s > now.config.limits.bms_age_s:
        return None
    if charge.min_temperature_c is None or charge.max_temperature_c is None:
        return None
    return charge.min_temperature_c, charge.max_temperature_c


def _bay(now: Situation, command: Command) -> BayState | None:
    return now.bay(getattr(command, "bay", None))


def _temperature_known(now: Situation, command: Command) -> bool:
    bay = _bay(now, command)
    return bay is not None and temperatures_c(now, bay) is not None


def _not_warm(now: Situation, command: Command) -> bool:
    """Heat is for cold batteries only: the hottest probe is below where cooling ends."""
    bay = _bay(now, command)
    known = temperatures_c(now, bay) if bay is not None else None
    model = now.battery_model(bay.battery) if bay is not None else None
    care = _ANY_MODEL if model is None or model.thermal is None else model.thermal
    return known is not None and known[1] < care.cool_to_c


def _without_alarm(now: Situation, command: Command) -> bool:
    """No alarm of the bay or its battery stands, or waits unacknowledged if it is a grave one; no fault of the BMS."""
    bay = _bay(now, command)
    if bay is None or (bay.charge.good or BatteryCharge()).faults:
        return False
    concerned = (bay.place, bay.battery)
    of_it = (alarm for alarm in now.snapshot.alarms if alarm.source.partition(":")[0] in concerned)
    return not any(_counts(alarm) for alarm in of_it)


def _counts(alarm: Alarm) -> bool:
    return alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED or alarm.priority <= Priority.HIGH


def _climate_ready(now: Situation, command: Command) -> bool:
    """The unit answers, has no fault, and enough coolant pressure where it tells that."""
    bay = _bay(now, command)
    unit = bay.climate.good if bay is not None else None
    if unit is None or unit.fault_code:
        return False
    return unit.pressure_kpa is None or unit.pressure_kpa >= now.config.limits.min_coolant_kpa


def _watched(now: Situation, command: Command) -> bool:
    """Once current is drawn its BMS must be heard and not hot; at rest a battery is silent, as before a charge."""
    bay = _bay(now, command)
    charger = bay.charger.good if bay is not None else None
    if bay is None or charger is None:
        return False
    known = temperatures_c(now, bay)
    at_rest = charger.state is not ChargerState.DISCHARGING or abs(charger.current_a) < DRAWN_A
    return at_rest or (known is not None and known[1] <= now.config.limits.max_battery_temperature_c)


def _discharge_declared(now: Situation, command: Command) -> bool:
    """Charger and model declare it, and so much; GB/T 27930-2015 has no discharge, so a `direct` bay never does."""
    bay = _bay(now, command)
    model = now.battery_model(bay.battery) if bay is not None else None
    able = bay is not None and bay.charging == "charger" and bay.abilities.discharges
    if not able or model is None or model.discharge is None or not isinstance(command, DischargeBattery):
        return False
    return command.power_kw <= model.discharge.max_power_kw


def _not_held(now: Situation, command: Command) -> bool:
    bay = _bay(now, command)
    return bay is not None and bay.battery is not None and now.snapshot.inventory.held(battery=bay.battery) is None


def _ready_reserve_kept(now: Situation, command: Command) -> bool:
    """What a discharge of this battery leaves ready is enough."""
    bay = _bay(now, command)
    model = now.battery_model(bay.battery) if bay is not None else None
    if bay is None or model is None:
        return False
    return ready_reserve_kept(now.snapshot, now.config, bay, model)


def _export_permitted(now: Situation, command: Command) -> bool:
    """The site's meter is known, and the site feeds back no more than it may, this battery's power included."""
    bay, meter = _bay(now, command), now.snapshot.meter.good
    if bay is None or meter is None or meter.power_kw is None or not isinstance(command, DischargeBattery):
        return False
    charger = bay.charger.good
    given_kw = max(-charger.voltage_v * charger.current_a / 1000.0, 0.0) if charger is not None else 0.0
    return meter.power_kw - max(command.power_kw - given_kw, 0.0) >= -now.config.site.export_kw


CARE_INTERLOCKS: Mapping[str, Interlock] = {
    "battery_temperature_known": _temperature_known,
    "battery_not_warm": _not_warm,
    "battery_without_alarm": _without_alarm,
    "climate_ready": _climate_ready,
    "battery_watched": _watched,
    "discharge_declared": _discharge_declared,
    "battery_not_held": _not_held,
    "ready_reserve_kept": _ready_reserve_kept,
    "export_permitted": _export_permitted,
}
