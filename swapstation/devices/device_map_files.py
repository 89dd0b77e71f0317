"""Reads a vendor's device map from TOML: a register map plus what its points mean. Every mistake has its line.

unit = "bay"                      "bay": unit id = bay number; "wire": unit of the URL, bays `bay_stride` apart
[blocks.NAME], [[point]]          as in firmware_proto/registers/*.toml
point.to = "Charger.voltage_v"    the field it feeds; the point's unit must fit it (Wh feeds kWh)
point.words = { RUN = "charging"} what the names of the point's enum mean in that field
[constants]                       "Charger.contactor_closed" = true, for what the device cannot say
[[order]]                         command, write = { point = value, point = "{parameter}" }; several are sent in turn
[[vendor_alarm]]                  point, bit or equals, code, zh, en, grade: information, maintenance (default), stop
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from swapstation.devices.adapter import DeviceState, Role
from swapstation.devices.device_map import AlarmBit, DeviceMap, Feed, Write
from swapstation.devices.state_fields import StateField, field_of, required_fields, suffix_of, unit_factor
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.climate import Climate
from swapstation.model.command import (
    CirculateCoolant,
    CloseGate,
    Command,
    CoolBattery,
    DischargeBattery,
    HeatBattery,
    LimitCharge,
    OpenGate,
    PauseCharge,
    ResumeCharge,
    SetStorePower,
    StartCharge,
    StopCharge,
    StopClimate,
    StopStore,
)
from swapstation.model.device import AcMeter, Charger, DcMeter, Meter
from swapstation.model.store import Store
from swapstation.model.vendor_alarm import Grade, VendorAlarm
from swapstation.model.yard import Gate, Weigher
from swapstation.protocol.register_files import register_map_of
from swapstation.protocol.registers import Point, RegisterMap, Value
from swapstation.toml_lines import KeyPath, key_lines

COMMAND_ID = "command_id"
STATES: Mapping[Role, Mapping[str, type[DeviceState]]] = {
    Role.METER: {"Meter": Meter},
    Role.BAY_METER: {"AcMeter": AcMeter, "DcMeter": DcMeter},
    Role.CHARGER: {"Charger": Charger},
    Role.CLIMATE: {"Climate": Climate},
    Role.STORE: {"Store": Store},
    Role.GATE: {"Gate": Gate},
    Role.WEIGHER: {"Weigher": Weigher},
}
ORDERS: Mapping[Role, Mapping[str, type[Command]]] = {
    Role.METER: {},
    Role.BAY_METER: {},
    Role.CHARGER: {
        kind.__name__: kind
        for kind in (StartCharge, StopCharge, LimitCharge, PauseCharge, ResumeCharge, DischargeBattery)
    },
    Role.CLIMATE: {kind.__name__: kind for kind in (StopClimate, CirculateCoolant, HeatBattery, CoolBattery)},
    Role.STORE: {kind.__name__: kind for kind in (StopStore, SetStorePower)},
    Role.GATE: {kind.__name__: kind for kind in (OpenGate, CloseGate)},
    Role.WEIGHER: {},
}
_OPTIONAL = (LimitCharge, PauseCharge, ResumeCharge, DischargeBattery)
"""Orders that a map need not tell: a charger that cannot be limited or paused is started and stopped instead."""
_OWN_KEYS = ("unit", "bay_stride", "constants", "order", "vendor_alarm")
_POINT_KEYS = ("to", "words")


def load_device_map(path: Path, role: Role) -> DeviceMap:
    """The map in a file for a device of `role`. ConfigurationError with every mistake in it: file, line, allowed."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    lines = key_lines(text)
    return _Reading(path, data, lines, role, register_map_of(path, _registers_only(data), lines)).device_map()


def _registers_only(data: Mapping[str, Any]) -> dict[str, Any]:
    registers = {key: value for key, value in data.items() if key not in _OWN_KEYS}
    if isinstance(registers.get("point"), list):
        registers["point"] = [
            {key: value for key, value in point.items() if key not in _POINT_KEYS} if isinstance(point, dict) else point
            for point in registers["point"]
        ]
    return registers


@dataclass(slots=True)
class _Reading:
    """One pass over a map that collects mistakes instead of stopping at the first."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]
    role: Role
    registers: RegisterMap

    def device_map(self) -> DeviceMap:
        mistakes: list[str] = []

        def each(key: str, read: Callable[[Any], Any]) -> list[Any]:
            found = []
            for index, table in enumerate(self.data.get(key, [])):
                try:
                    found.append(read(table))
                except (ValueError, InputError) as error:
                    mistakes.append(self._told((key, index), error))
            return found

        feeds = tuple(feed for feed in each("point", self._feed) if feed is not None)
        writes = each("order", self._order)
        alarms = tuple(each("vendor_alarm", self._alarm))
        constants: dict[StateField, object] = {}
        try:
            constants = self._constants()
            if not mistakes:
                self._check_complete(feeds, constants)
                self._check_orders({kind for kind, _ in writes})
            self._check_unit()
        except (ValueError, InputError) as error:
            mistakes.append(self._told((), error))
        if mistakes:
            raise ConfigurationError(mistakes)
        orders: dict[type[Command], tuple[Write, ...]] = {}
        for kind, write in writes:
            orders[kind] = (*orders.get(kind, ()), write)
        unit, stride = self.data.get("unit", "wire"), self.data.get("bay_stride", 0)
        return DeviceMap(self.registers, unit, stride, feeds, constants, orders, alarms)

    def _feed(self, table: Mapping[str, Any]) -> Feed | None:
        if "to" not in table:
            return None
        point = self.registers.points[table["block"]][table["name"]]
        to = _named("to", str(table["to"]), lambda text: field_of(text, STATES[self.role]))
        words = table.get("words", {})
        if self.registers.blocks[point.block].period_s is None:
            raise InputError("to", str(to), f"block {point.block} must have poll = {{ period_s, age_limit_s }}")
        factor = _named("unit", point.unit, lambda unit: unit_factor(to.name, unit))
        for name in point.enum or words:
            _named("words", words, partial(_word, to, name))
        return Feed(point.block, point.name, to, factor, words)

    def _constants(self) -> dict[StateField, object]:
        given = self.data.get("constants", {})
        found = {field_of(name, STATES[self.role]): value for name, value in given.items()}
        told = {to: _named(str(to), value, to.convert) for to, value in found.items()}
        for state in STATES[self.role].values():
            if "address" in {entry.name for entry in fields(state)}:
                told.setdefault(StateField(state, "address", str, optional=False), self.registers.name)
        return told

    def _check_complete(self, feeds: tuple[Feed, ...], constants: Mapping[StateField, object]) -> None:
        told = {(to.state, to.name) for to in (*(feed.to for feed in feeds), *constants)}
        states = set(STATES[self.role].values())
        for state in {feed.to.state for feed in feeds} or states:
            missing = [name for name in required_fields(state) if (state, name) not in told]
            if missing:
                raise InputError(
                    "to", None, f"no point feeds {', '.join(f'{state.__name__}.{name}' for name in missing)}"
                )

    def _check_orders(self, written: set[type[Command]]) -> None:
        missing = [name for name, kind in ORDERS[self.role].items() if kind not in (*written, *_OPTIONAL)]
        if missing:
            raise InputError("order", None, f"no [[order]] for {', '.join(missing)}")

    def _check_unit(self) -> None:
        unit, stride = self.data.get("unit", "wire"), self.data.get("bay_stride", 0)
        if unit not in ("wire", "bay"):
            raise InputError("unit", unit, "allowed: wire, bay")
        if not isinstance(stride, int) or isinstance(stride, bool) or not 0 <= stride <= 5000:
            raise InputError("bay_stride", stride, "allowed: 0 to 5000 registers")

    def _order(self, table: Mapping[str, Any]) -> tuple[type[Command], Write]:
        kinds = ORDERS[self.role]
        if set(table) != {"command", "write"} or table["command"] not in kinds:
            allowed = f"allowed: command ({', '.join(kinds) or 'none'}) and write"
            raise InputError("order", table.get("command"), allowed)
        kind, values = kinds[table["command"]], table["write"]
        blocks = [name for name, points in self.registers.points.items() if set(values) <= set(points)]
        if not values or not blocks or self.registers.blocks[blocks[0]].access != "write":
            raise InputError("write", list(values), "allowed: points of one block with access = write")
        for name, value in values.items():
            self._check_value(kind, self.registers.points[blocks[0]][name], value)
        points = sorted((self.registers.points[blocks[0]][name] for name in values), key=lambda point: point.address)
        for one, following in pairwise(points):
            if one.address + one.width != following.address:
                raise InputError("write", [one.name, following.name], "must be neighbours; make two [[order]] of it")
        return kind, Write(blocks[0], values)

    def _check_value(self, kind: type[Command], point: Point, value: Value) -> None:
        if point.bit is not None:
            raise InputError("write", point.name, "a single bit cannot be written; write the whole register")
        parameter = parameter_of(value)
        if parameter is None:
            point.encode(value, [0] * point.width)
            return
        allowed = [COMMAND_ID, *(entry.name for entry in fields(kind))]
        if parameter not in allowed:
            raise InputError(point.name, value, f"allowed: {', '.join(f'{{{name}}}' for name in allowed)} or a value")
        if suffix_of(parameter):
            _named("unit", point.unit, lambda unit: unit_factor(parameter, unit))

    def _alarm(self, table: Mapping[str, Any]) -> AlarmBit:
        texts = ("point", "code", "zh", "en")
        if not set(table) <= {*texts, "bit", "equals", "grade"} or not all(
            isinstance(table.get(key), str) for key in texts
        ):
            raise InputError("vendor_alarm", table.get("code"), f"needs {', '.join(texts)}, and bit or equals")
        places = [point for points in self.registers.points.values() for point in points.values()]
        point = next((point for point in places if point.name == table["point"] and point.bit is None), None)
        bit, equals = table.get("bit"), table.get("equals")
        if point is None or self.registers.blocks[point.block].period_s is None:
            raise InputError("point", table["point"], "allowed: a whole register of a polled block")
        if (bit is None) is (equals is None) or not isinstance(bit or equals or 0, int) or not 0 <= (bit or 0) < 32:
            raise InputError("bit", bit, "one of bit (0 to 31) and equals (a whole number)")
        if not re.fullmatch(r"[!-~]{1,20}", table["code"]):
            raise InputError("code", table["code"], "1 to 20 letters, digits or signs, no space")
        grade = table.get("grade", Grade.MAINTENANCE.value)
        if grade not in list(Grade):
            raise InputError("grade", grade, f"one of {', '.join(Grade)}")
        alarm = VendorAlarm(table["code"], table["zh"], table["en"], Grade(grade))
        return AlarmBit(point.block, point.name, bit, equals, alarm)

    def _told(self, at: KeyPath, error: Exception) -> str:
        named = (*at, error.field) if isinstance(error, InputError) and (*at, error.field) in self.lines else at
        line = self.lines.get(named, self.lines.get(at, 1))
        name = f"point {self.data['point'][at[1]]['name']}: " if at[:1] == ("point",) else ""
        return f"{self.path}:{line}: {name}{error}"


def parameter_of(value: Value) -> str | None:
    """The parameter that a text in braces stands for, None for a plain value."""
    found = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
    return found[1] if found else None


def _word(to: StateField, name: str, words: Mapping[str, Any]) -> Any:
    """What a word of the point becomes in the device state."""
    return to.convert(words.get(name, name))


def _named(name: str, value: Any, read: Callable[[Any], Any]) -> Any:
    """Call `read` and let its ValueError name the key it is about."""
    try:
        return read(value)
    except ValueError as error:
        _refuse(name, value, error)


def _refuse(name: str, value: object, error: ValueError) -> NoReturn:
    raise InputError(name, value, str(error)) from None
