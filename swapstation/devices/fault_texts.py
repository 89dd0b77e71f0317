"""What the fault words and codes of devices mean: firmware_proto/faults.toml, one table per adapter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from swapstation.devices.adapter import DeviceState
from swapstation.errors import ConfigurationError
from swapstation.model.device import Charger, ChargerState, ChargingModule, LockState, ModuleState, Robot, Truck
from swapstation.model.vendor_alarm import VendorAlarm
from swapstation.wire_files import wire_file

SOURCE = "faults.toml"
COMMON = "common"
NO_CODE = "FAULT"
Texts = Mapping[str, VendorAlarm]
"""Complaint by code."""

_TEXTS = TypeAdapter(dict[str, VendorAlarm])


def parse_fault_texts(text: str, source: str = SOURCE) -> dict[str, Texts]:
    """Complaints by code, by adapter (`ROLE.NAME`); ConfigurationError names every row that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{source}: {error}"]) from error
    common = data.pop(COMMON, {})
    tables = {COMMON: common} | {f"{role}.{name}": rows for role, names in data.items() for name, rows in names.items()}
    found: dict[str, Texts] = {}
    mistakes: list[str] = []
    for name, rows in tables.items():
        try:
            texts = _TEXTS.validate_python({code: {"code": code, **row} for code, row in rows.items()})
            found[name] = {**found.get(COMMON, {}), **texts}
        except ValidationError as error:
            wrong = ((".".join(map(str, each["loc"])), each["msg"]) for each in error.errors())
            mistakes += [f"{source}: {name}.{place}: {message}" for place, message in wrong]
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


@cache
def fault_texts(adapter: str) -> Texts:
    """The shipped complaints of an adapter (`ROLE.NAME`); those of every device for one without a table."""
    tables = _shipped()
    return tables.get(adapter, tables[COMMON])


@cache
def _shipped() -> dict[str, Texts]:
    return parse_fault_texts(wire_file(SOURCE).read_text(encoding="utf-8"))


def unlisted(code: str) -> VendorAlarm:
    """A code that no table explains: told by its number, so that it is never lost."""
    return VendorAlarm(code, f"故障代码 {code}，故障表中没有", f"fault code {code}, not in the fault table")


def faults_of(state: DeviceState, texts: Texts) -> tuple[VendorAlarm, ...]:
    """What a device complains of by the fault words and codes in its state."""
    codes = _CODES[type(state)](state) if type(state) in _CODES else ()
    return tuple(texts.get(code) or unlisted(code) for code in codes) if codes else ()


def _of_robot(robot: Robot) -> tuple[str, ...]:
    if not any(robot.fault_words):
        return ()
    words = enumerate(robot.fault_words, 1)
    return tuple(f"W{number}.{bit}" for number, word in words for bit in range(word.bit_length()) if word >> bit & 1)


def _of_charger(charger: Charger) -> tuple[str, ...]:
    if charger.fault_code:
        return (str(charger.fault_code),)
    return (NO_CODE,) if charger.state is ChargerState.FAULT else ()


def _of_modules(modules: ChargingModule) -> tuple[str, ...]:
    return (NO_CODE,) if modules.state is ModuleState.FAULT else ()


def _of_truck(truck: Truck) -> tuple[str, ...]:
    positions = enumerate(truck.positions, 1)
    return tuple(f"LOCK{number}" for number, position in positions if position.lock is LockState.FAULT)


_CODES: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    Robot: _of_robot,
    Charger: _of_charger,
    ChargingModule: _of_modules,
    Truck: _of_truck,
}
COMPLAINING = frozenset(_CODES)
"""States that carry fault words, codes or a state of fault."""
