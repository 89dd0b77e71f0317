"""Interlocks of what is done to a battery beside charging it: heating and cooling. Unknown is unsafe as everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.config.battery_care import Thermal
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.command import Command
from swapstation.model.device import BatteryCharge
from swapstation.model.snapshot import BayState
from swapstation.station.sensing import Interlock
from swapstation.station.situation import Situation

_ANY_MODEL = Thermal()


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


CARE_INTERLOCKS: Mapping[str, Interlock] = {
    "battery_temperature_known": _temperature_known,
    "battery_not_warm": _not_warm,
    "battery_without_alarm": _without_alarm,
    "climate_ready": _climate_ready,
}
