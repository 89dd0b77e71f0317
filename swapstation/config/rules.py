"""What each field of the configuration file may hold, as data: type, range with unit, words, texts in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.config.battery_care_rules import CALIBRATION_TABLE, DERATING_TABLE, DISCHARGE_TABLE, THERMAL_TABLE
from swapstation.config.energy_settings import SettleOn
from swapstation.config.gbt27930 import EditionChoice, Gbt27930, Setting, settings_of
from swapstation.config.health_settings import HealthLimits, Suspects
from swapstation.config.rule_kinds import (
    AdapterName,
    Address,
    Bays,
    ChargerIds,
    Flag,
    Folder,
    Listed,
    MapFile,
    Number,
    Recipe,
    Rule,
    Table,
    Text,
    Word,
    Words,
)
from swapstation.config.settings import OF_A_TRUCK, Charging, EvidenceSource, Exchange, VehicleType
from swapstation.config.site_rules import EfficiencyPoints
from swapstation.model.inventory import MOST_POSITIONS
from swapstation.wire_address import BYTE_WIRES, CAN_WIRES, METER_WIRES, MODBUS_WIRES

_CAN_EXAMPLE = "can+socketcan://can0?bitrate=250000"
_NAME = Text(r"[^\x00-\x1f]{1,60}", "应为 1 到 60 个字符的名称", "must be a name of 1 to 60 characters")
_AGE = Number(0.05, 60.0, "s")
_DATABASE = Text(
    r"|(sqlite|postgresql\+psycopg)://.+",
    "应为空 (用数据文件夹里的 SQLite), 或 sqlite:// 或 postgresql+psycopg:// 地址",
    "must be empty (SQLite in the data folder), or a sqlite:// or postgresql+psycopg:// URL",
)

STATION: Mapping[str, Rule] = {
    "name": _NAME,
    "data": Folder(),
    "exchange": Word(Exchange),
    "recipe": Recipe(),
    "swap_without_isolation": Flag(),
    "database_url": _DATABASE,
    "business_database_url": _DATABASE,
}
LINKS: Mapping[str, Rule] = {
    "station_can": Address(CAN_WIRES, _CAN_EXAMPLE),
    "robot": Address(BYTE_WIRES - METER_WIRES, "modbus-rtu:///dev/ttyS1?baud=115200&parity=E&unit=1"),
    "meter": Address(BYTE_WIRES, "dlt645:///dev/ttyS2?baud=9600&parity=E&address=000000000161"),
    "chargers": Address(BYTE_WIRES - METER_WIRES, "modbus-tcp://192.168.10.20:502", optional=True),
    "meter_ratio": Number(1.0, 100_000.0, ""),
    "climate": Address(MODBUS_WIRES, "modbus-tcp://192.168.10.21:502", optional=True),
    "store": Address(MODBUS_WIRES, "modbus-tcp://192.168.10.40:502?unit=1", optional=True),
    "gate": Address(MODBUS_WIRES, "modbus-tcp://192.168.10.50:502?unit=1", optional=True),
    "weigher": Address(MODBUS_WIRES, "modbus-tcp://192.168.10.51:502?unit=1", optional=True),
    "identifier": Address(BYTE_WIRES - METER_WIRES, "tcp://192.168.10.52:4001", optional=True),
    "guide": Address(BYTE_WIRES - METER_WIRES, "tcp://192.168.10.53:4001", optional=True),
    "bay_meters": Address(BYTE_WIRES - METER_WIRES, "modbus-tcp://192.168.10.30:502", optional=True),
}
_YARD_ROLES = ("gate", "weigher", "identifier", "guide")
_ROLES = ("exchanger", "charger", "rack", "truck_link", "meter", "bay_meter", "climate", "store", *_YARD_ROLES)
ADAPTERS: Mapping[str, Rule] = {
    **{role: AdapterName(role) for role in _ROLES},
    **{f"{role}_map": MapFile() for role in _ROLES},
    "charger_ids": ChargerIds(),
}
LIMITS: Mapping[str, Rule] = {
    "ready_soc_pct": Number(1.0, 100.0, "%"),
    "charge_target_soc_pct": Number(1.0, 100.0, "%"),
    "pose_x_mm": Number(1, 500, "mm", whole=True),
    "pose_y_mm": Number(1, 500, "mm", whole=True),
    "pose_yaw_mrad": Number(1, 200, "mrad", whole=True),
    "seat_x_mm": Number(0, 500, "mm", whole=True),
    "seat_y_mm": Number(0, 500, "mm", whole=True),
    "seat_z_mm": Number(0, 500, "mm", whole=True),
    "max_battery_temperature_c": Number(30.0, 65.0, "°C"),
    "max_bay_temperature_c": Number(30.0, 80.0, "°C"),
    "max_temperature_spread_c": Number(1.0, 50.0, "°C"),
    "max_cell_spread_v": Number(0.01, 2.0, "V"),
    "rack_io_age_s": _AGE,
    "module_age_s": _AGE,
    "truck_age_s": _AGE,
    "bms_age_s": _AGE,
    "cells_age_s": _AGE,
    "charger_age_s": _AGE,
    "robot_age_s": _AGE,
    "meter_age_s": _AGE,
    "fire_panel_age_s": _AGE,
    "climate_age_s": _AGE,
    "store_age_s": _AGE,
    "yard_age_s": _AGE,
    "min_coolant_kpa": Number(0.0, 1000.0, "kPa"),
    "max_heating_k_per_min": Number(1.0, 60.0, "K/min"),
    "max_voltage_fall_pct_per_min": Number(2.0, 50.0, "%/min"),
}


def _setting(setting: Setting) -> Rule:
    if setting.low is None:
        return Flag()
    return Number(setting.low, setting.high, setting.unit, setting.whole)


GBT27930: Mapping[str, Rule] = {name: _setting(setting) for name, (_, setting) in settings_of().items()}
EVIDENCE: Mapping[str, Rule] = {
    "sources": Words(EvidenceSource),
    "minimum": Number(1, len(OF_A_TRUCK) + 1, whole=True),
}
FIRE: Mapping[str, Rule] = {"automatic_transfer": Flag()}
BLACK_BOX: Mapping[str, Rule] = {
    "events": Number(1, 1000, whole=True),
    "limit_mb": Number(200, 1_000_000, "MB", whole=True),
}
TELEMETRY: Mapping[str, Rule] = {
    "enabled": Flag(),
    "budget_gb": Number(1, 100_000, "GB"),
    "early_days": Number(1, 1000, "d", whole=True),
}
DISK: Mapping[str, Rule] = {
    "low_pct": Number(2.0, 80.0, "%"),
    "shed_pct": Number(1.0, 60.0, "%"),
    "stop_pct": Number(0.5, 40.0, "%"),
    "ballast_mb": Number(0, 10_000, "MB", whole=True),
}
TARIFF: Mapping[str, Rule] = {"file": MapFile()}
MONEY: Mapping[str, Rule] = {"contracts": MapFile()}
MAINTENANCE: Mapping[str, Rule] = {"plan": MapFile()}
PLANNER: Mapping[str, Rule] = {
    "enabled": Flag(),
    "interval_s": Number(5.0, 90.0, "s"),
    "horizon_hours": Number(2.0, 48.0, "h"),
    "reserve_batteries": Number(0, 20, whole=True),
    "demand_price_per_kw": Number(0.0, 1000.0, "yuan/kW"),
    "export_price_per_kwh": Number(0.0, 50.0, "yuan/kWh"),
    "ageing_per_kwh": Number(0.0, 10.0, "yuan/kWh"),
    "holding_per_kwh_h": Number(0.0, 1.0, "yuan/kWh/h"),
    "charger_efficiency": EfficiencyPoints(),
}
BOOKINGS: Mapping[str, Rule] = {
    "late_minutes": Number(1, 240, "min", whole=True),
    "bind_minutes": Number(1, 240, "min", whole=True),
    "change_until_minutes": Number(0, 240, "min", whole=True),
    "cancel_until_minutes": Number(0, 240, "min", whole=True),
    "share_until_minutes": Number(0, 1440, "min", whole=True),
    "kept_for_nearly_empty": Number(0, 20, whole=True),
    "nearly_empty_soc_pct": Number(0, 100, "%"),
}
_CLASS, _RESOLUTION = Number(0.05, 10.0, "%"), Number(0.0001, 1000.0, "kWh")
LEDGER: Mapping[str, Rule] = {
    "settle_on": Word(SettleOn),
    "site_meter_class_pct": _CLASS,
    "ac_meter_class_pct": _CLASS,
    "dc_meter_class_pct": _CLASS,
    "charger_class_pct": _CLASS,
    "site_meter_resolution_kwh": _RESOLUTION,
    "meter_resolution_kwh": _RESOLUTION,
    "least_efficiency": Number(0.5, 1.0, ""),
    "most_efficiency": Number(0.5, 1.0, ""),
    "battery_efficiency": Number(0.5, 1.0, ""),
    "soc_uncertainty_pct": Number(0.1, 20.0, "%"),
    "capacity_uncertainty_pct": Number(0.1, 50.0, "%"),
    "most_other_load_kw": Number(0.0, 100_000.0, "kW"),
}
HEALTH: Mapping[str, Rule] = {"suspects": Word(Suspects)}
HEALTH_LIMITS: Mapping[str, Rule] = {
    "worn_capacity_pct": Number(10.0, 100.0, "%"),
    "suspect_capacity_pct": Number(10.0, 100.0, "%"),
    "worn_resistance_rise_pct": Number(5.0, 1000.0, "%"),
    "suspect_resistance_rise_pct": Number(5.0, 1000.0, "%"),
    "worn_cell_spread_v": Number(0.01, 2.0, "V"),
    "suspect_cell_spread_v": Number(0.01, 2.0, "V"),
    "worn_temperature_spread_c": Number(1.0, 50.0, "K"),
    "suspect_temperature_spread_c": Number(1.0, 50.0, "K"),
    "worn_cycles": Number(100.0, 100_000.0, ""),
    "worn_age_years": Number(1.0, 50.0, "a"),
    "least_window_pct": Number(20.0, 95.0, "%"),
    "resistance_mohm": Number(1.0, 1000.0, "mohm"),
    "resistance_pct_per_k": Number(0.0, 1.9, "%/K"),
}
BAY: Mapping[str, Rule] = {
    "number": Number(1, 30, whole=True),
    "isolation": Flag(),
    "charging": Word(Charging),
    "can": Address(CAN_WIRES, _CAN_EXAMPLE, optional=True),
    "max_power_kw": Number(1.0, 2000.0, "kW"),
    "max_current_a": Number(1.0, 2000.0, "A"),
    "max_voltage_v": Number(50.0, 1500.0, "V"),
    "min_voltage_v": Number(50.0, 1500.0, "V"),
    "edition": Word(EditionChoice),
    "gbt27930": Table(Gbt27930, GBT27930),
    "neighbours": Bays(),
    "trip_relay": Flag(),
    "transit": Flag(),
    "least_power_kw": Number(1.0, 100.0, "kW"),
    "derate_above_c": Number(30.0, 120.0, "°C"),
    "off_above_c": Number(30.0, 120.0, "°C"),
    "climate": Flag(),
}
BATTERY_MODEL: Mapping[str, Rule] = {
    "name": _NAME,
    "energy_kwh": Number(10.0, 2000.0, "kWh"),
    "mass_kg": Number(100.0, 10000.0, "kg"),
    "mass_tolerance_kg": Number(1.0, 1000.0, "kg"),
    "max_voltage_v": Number(50.0, 1500.0, "V"),
    "max_current_a": Number(1.0, 2000.0, "A"),
    "packs": Number(1, 12, whole=True),
    "can_dbc": MapFile(),
    "recipes": Listed(Recipe(), 1, 10),
    "derating": DERATING_TABLE,
    "health": Table(HealthLimits, HEALTH_LIMITS),
    "thermal": THERMAL_TABLE,
    "calibration": CALIBRATION_TABLE,
    "discharge": DISCHARGE_TABLE,
}
TRUCK_MODEL: Mapping[str, Rule] = {
    "name": _NAME,
    "plc_number": Number(1, 65535, whole=True),
    "battery_model": _NAME,
    "vehicle_type": Word(VehicleType),
    "recipe": Recipe(),
    "positions": Listed(_NAME, 1, MOST_POSITIONS),
    "max_soc_spread_pct": Number(0.0, 100.0, "%"),
}
