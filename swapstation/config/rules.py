"""What each field of the configuration file may hold, as data: type, range with unit, words, texts in zh and en."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol

from swapstation.config.adapter_names import installed_adapters
from swapstation.config.gbt27930 import EditionChoice, Gbt27930, Setting, settings_of
from swapstation.config.settings import OF_A_TRUCK, Charging, EvidenceSource, Exchange, VehicleType
from swapstation.errors import InputError
from swapstation.model.inventory import MOST_POSITIONS
from swapstation.wire_address import BYTE_WIRES, CAN_WIRES, METER_WIRES, WireProtocol, parse_wire


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a field may hold, said in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} | {self.en}"


class Rule(Protocol):
    """One field: `read` gives the value as the settings hold it, or what would have been allowed."""

    def read(self, raw: object) -> object | Allowed: ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high` in `unit`; `whole` refuses fractions."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False

    def read(self, raw: object) -> object | Allowed:
        kinds = int if self.whole else (int, float)
        if isinstance(raw, kinds) and not isinstance(raw, bool) and self.low <= raw <= self.high:
            return raw if self.whole else float(raw)
        unit = f" {self.unit}" if self.unit else ""
        return Allowed(
            f"应为 {self.low:g} 到 {self.high:g}{unit} 的{'整数' if self.whole else '数值'}",
            f"must be a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}{unit}",
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, raw: object) -> object | Allowed:
        return raw if isinstance(raw, bool) else Allowed("应为 true 或 false", "must be true or false")


@dataclass(frozen=True, slots=True)
class Word:
    """One of an enumeration's words."""

    words: type[StrEnum]

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw in [word.value for word in self.words]:
            return self.words(raw)
        listed = ", ".join(f'"{word}"' for word in self.words)
        return Allowed(f"只能是 {listed} 之一", f"must be one of {listed}")


@dataclass(frozen=True, slots=True)
class Words:
    """Some of an enumeration's words, each once."""

    words: type[StrEnum]

    def read(self, raw: object) -> object | Allowed:
        known = [word.value for word in self.words]
        if isinstance(raw, list) and raw and all(word in known for word in raw) and len(set(raw)) == len(raw):
            return tuple(self.words(word) for word in raw)
        listed = ", ".join(f'"{word}"' for word in known)
        return Allowed(f"应为列表, 每项只能是 {listed} 之一且不重复", f"must be a list of {listed}, each once")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of its own inside another one; its fields have rules themselves."""

    kind: type[Any]
    rules: Mapping[str, Rule]

    def read(self, raw: object) -> object | Allowed:
        return raw if isinstance(raw, dict) else Allowed("应为表", "must be a table")


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text that fully matches `pattern`."""

    pattern: str
    zh: str
    en: str

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and re.fullmatch(self.pattern, raw):
            return raw
        return Allowed(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Bays:
    """A list of bay numbers; it may be empty."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, list) and all(type(number) is int and 1 <= number <= 30 for number in raw):
            return tuple(raw)
        return Allowed("应为仓号列表, 例如 [1, 3]", "must be a list of bay numbers such as [1, 3]")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's path; the reader resolves a relative one against the file's own folder."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw.strip() and "\0" not in raw:
            return Path(raw)
        return Allowed(
            "应为文件夹路径, 例如 /var/lib/swapstation", "must be a folder path such as /var/lib/swapstation"
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """The name of a swap recipe that is installed."""

    def read(self, raw: object) -> object | Allowed:
        names = recipe_names()
        if isinstance(raw, str) and raw in names:
            return raw
        listed = ", ".join(f'"{name}"' for name in names)
        return Allowed(f"没有这个换电工艺, 现有 {listed}", f"no such recipe, there are {listed}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of `least` to `most` different values, each of which `each` allows."""

    each: Rule
    least: int
    most: int

    def read(self, raw: object) -> object | Allowed:
        values = [self.each.read(value) for value in raw] if isinstance(raw, list) else []
        refused = next((value for value in values if isinstance(value, Allowed)), None)
        if self.least <= len(values) <= self.most and refused is None and len(set(values)) == len(values):
            return tuple(values)
        zh, en = (f": {refused.zh}", f": {refused.en}") if refused else ("", "")
        count = f"{self.least} - {self.most}"
        return Allowed(f"应为 {count} 项不重复的列表{zh}", f"must be a list of {count} different values{en}")


@dataclass(frozen=True, slots=True)
class Loopback:
    """An address of this machine only."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and is_loopback(raw):
            return raw
        return Allowed(
            "只能是本机回环地址 127.0.0.1, ::1 或 localhost (对外开放需要以后版本的 TLS 和登录)",
            "must be loopback, 127.0.0.1, ::1 or localhost (anything else needs TLS and log-ins, a later release)",
        )


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a wire that speaks one of `protocols`; `optional` allows an empty text."""

    protocols: frozenset[WireProtocol]
    example: str
    optional: bool = False

    def read(self, raw: object) -> object | Allowed:
        if self.optional and raw == "":
            return raw
        wanted = f"must be a URL such as {self.example}"
        if isinstance(raw, str):
            try:
                parse_wire("", raw, self.protocols)
                return raw
            except InputError as error:
                part = f"{error.field.strip()} = {error.value}: " if error.field else ""
                wanted += f" ({part}{error.allowed})"
        return Allowed(f"应为线路地址, 例如 {self.example}", wanted)


@dataclass(frozen=True, slots=True)
class AdapterName:
    """The name of an adapter that is installed for `role`."""

    role: str

    def read(self, raw: object) -> object | Allowed:
        names = installed_adapters(self.role)
        if isinstance(raw, str) and raw in names:
            return raw
        listed = ", ".join(f'"{name}"' for name in names) or "-"
        return Allowed(f"没有安装这个适配器, 现有 {listed}", f"no such adapter is installed, there are {listed}")


@dataclass(frozen=True, slots=True)
class ChargerIds:
    """A table from the id with which a charger signs in to its bay; each bay at most once."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, dict):
            ids = all(re.fullmatch(r"[\x21-\x7e]{1,32}", each) for each in raw)
            bays = all(isinstance(bay, int) and not isinstance(bay, bool) and 1 <= bay <= 30 for bay in raw.values())
            if ids and bays and len(set(raw.values())) == len(raw):
                return raw
        return Allowed(
            '应为 "充电机编号" = 仓号, 编号 1 到 32 个 ASCII 字符, 仓号不重复',
            'must be a table of "ID" = bay: ids of 1 to 32 ASCII characters, each bay once',
        )


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file's path; the reader resolves a relative one against the station file's own folder."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, str) and raw.strip() and "\0" not in raw:
            return Path(raw)
        return Allowed("应为文件路径, 例如 meter.toml", "must be a file's path such as meter.toml")


def is_loopback(host: str) -> bool:
    """Tell whether `host` names this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def recipe_names() -> tuple[str, ...]:
    """Names of the installed swap recipes: files NAME_EXCHANGE.toml."""
    folder = files("swapstation") / "station" / "recipes"
    matches = (re.fullmatch(r"(.+)_(?:plc|station)\.toml", entry.name) for entry in folder.iterdir())
    return tuple(sorted({match.group(1) for match in matches if match}))


def needs_transit(recipe: str) -> bool:
    """Whether an installed recipe puts the returned battery into the transit place (`transit = true` in its file)."""
    folder = files("swapstation") / "station" / "recipes"
    texts = (entry.read_text(encoding="utf-8") for entry in folder.iterdir() if _is_of(recipe, entry.name))
    return any(tomllib.loads(text).get("transit", False) for text in texts)


def _is_of(recipe: str, name: str) -> bool:
    return name in (f"{recipe}_plc.toml", f"{recipe}_station.toml")


_CAN_EXAMPLE = "can+socketcan://can0?bitrate=250000"
_NAME = Text(r"[^\x00-\x1f]{1,60}", "应为 1 到 60 个字符的名称", "must be a name of 1 to 60 characters")
_AGE = Number(0.05, 60.0, "s")

STATION: Mapping[str, Rule] = {
    "name": _NAME,
    "data": Folder(),
    "exchange": Word(Exchange),
    "recipe": Recipe(),
    "swap_without_isolation": Flag(),
    "database_url": Text(
        r"|(sqlite|postgresql\+psycopg)://.+",
        "应为空 (用数据文件夹里的 SQLite), 或 sqlite:// 或 postgresql+psycopg:// 地址",
        "must be empty (SQLite in the data folder), or a sqlite:// or postgresql+psycopg:// URL",
    ),
}
LINKS: Mapping[str, Rule] = {
    "station_can": Address(CAN_WIRES, _CAN_EXAMPLE),
    "robot": Address(BYTE_WIRES - METER_WIRES, "modbus-rtu:///dev/ttyS1?baud=115200&parity=E&unit=1"),
    "meter": Address(BYTE_WIRES, "dlt645:///dev/ttyS2?baud=9600&parity=E&address=000000000161"),
    "chargers": Address(BYTE_WIRES - METER_WIRES, "modbus-tcp://192.168.10.20:502", optional=True),
    "meter_ratio": Number(1.0, 100_000.0, ""),
}
_ROLES = ("exchanger", "charger", "rack", "truck_link", "meter")
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
DISK: Mapping[str, Rule] = {
    "low_pct": Number(2.0, 80.0, "%"),
    "shed_pct": Number(1.0, 60.0, "%"),
    "stop_pct": Number(0.5, 40.0, "%"),
    "ballast_mb": Number(0, 10_000, "MB", whole=True),
}
SITE: Mapping[str, Rule] = {
    "power_kw": Number(20.0, 100_000.0, "kW"),
    "charging_efficiency": Number(0.5, 1.0, ""),
}
SERVER: Mapping[str, Rule] = {"host": Loopback(), "port": Number(0, 65535, whole=True)}
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
