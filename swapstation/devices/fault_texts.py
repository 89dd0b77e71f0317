"""What the fault words and codes of devices mean: firmware_proto/faults.toml, one table per adapter."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

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
    return tuple(texts.get(code) or unlisted(code) for code in _codes(state))


def _codes(state: DeviceState) -> Iterator[str]:
    match state:
        case Robot(fault_words=words):
            for number, word in enumerate(words, 1):
                yield from (f"W{number}.{bit}" for bit in range(word.bit_length()) if word >> bit & 1)
        case Charger(fault_code=code) if code:
            yield str(code)
        case Charger(state=ChargerState.FAULT) | ChargingModule(state=ModuleState.FAULT):
            yield NO_CODE
        case Truck(positions=positions):
            yield from (f"LOCK{at}" for at, position in enumerate(positions, 1) if position.lock is LockState.FAULT)
