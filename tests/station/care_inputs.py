"""Inputs of the interlocks of thermal care and discharge."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.snapshot import ChargerAbilities, Snapshot
from tests.station.input_kinds import DeviceInput, RecordInput, field_input, record_input
from tests.station.situations import AT, FRESH_BAY, MODEL, with_battery, with_bay


def _holding(now: Snapshot, hold: Hold) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=(*now.inventory.holds, hold)))


_RETURNED = AlarmState.RETURNED_UNACKNOWLEDGED


def _alarm(source: str, state: AlarmState = AlarmState.ACKNOWLEDGED) -> Alarm:
    return Alarm(f"BATTERY_HOT@{source}", "BATTERY_HOT", source, Priority.HIGH, state, AT)


CARE_INPUTS: dict[str, tuple[DeviceInput | RecordInput, ...]] = {
    "battery_temperature_known": (
        field_input("bay.charge", bms_age_s=None),
        field_input("bay.charge", bms_age_s=0.9),
        field_input("bay.charge", min_temperature_c=None),
        field_input("bay.charge", max_temperature_c=None),
    ),
    "battery_not_warm": (
        field_input("bay.charge", max_temperature_c=32.0),
        field_input("bay.charge", max_temperature_c=None),
        field_input("bay.charge", min_temperature_c=None),
        field_input("bay.charge", bms_age_s=None),
    ),
    "battery_without_alarm": (
        record_input("alarm of the bay", lambda now: replace(now, alarms=(_alarm("bay-1"),))),
        record_input("alarm of a device of the bay", lambda now: replace(now, alarms=(_alarm("bay-1:E7"),))),
        record_input(
            "grave alarm that returned",
            lambda now: replace(now, alarms=(_alarm("bay-1", _RETURNED),)),
        ),
        record_input("alarm of the battery", lambda now: replace(now, alarms=(_alarm("B1"),))),
        field_input("bay.charge", unknown_forbids=False, faults=("over_temperature",)),
    ),
    "battery_watched": (
        field_input("bay.charge", bms_age_s=None),
        field_input("bay.charge", bms_age_s=0.9),
        field_input("bay.charge", max_temperature_c=55.5),
        field_input("bay.charge", max_temperature_c=None),
        field_input("bay.charge", min_temperature_c=None),
    ),
    "discharge_declared": (
        record_input("a direct bay", lambda now: with_bay(now, FRESH_BAY, charging="direct")),
        record_input("charger cannot", lambda now: with_bay(now, FRESH_BAY, abilities=ChargerAbilities())),
        record_input("model does not", lambda now: with_battery(now, "B1", model="another")),
    ),
    "battery_not_held": (
        record_input("booked", lambda now: _holding(now, Hold("BK1", HoldKind.BOOKING, battery="B1", vin="X"))),
    ),
    "ready_reserve_kept": (
        record_input("too few ready", lambda now: with_battery(now, "B2", soc_pct=50.0)),
        record_input("the other in doubt", lambda now: with_battery(now, "B2", doubtful=True)),
        record_input("one promised", lambda now: _holding(now, Hold("P1", HoldKind.BOOKING, model=MODEL, vin="X"))),
        record_input(
            "the other booked", lambda now: _holding(now, Hold("BK2", HoldKind.BOOKING, battery="B2", vin="X"))
        ),
    ),
    "climate_ready": (
        field_input("bay.climate", fault_code=2),
        field_input("bay.climate", pressure_kpa=49.0),
    ),
    "export_permitted": (field_input("meter", power_kw=1.9), field_input("meter", power_kw=None)),
}
