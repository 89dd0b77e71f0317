"""Reads register maps from TOML and explains every mistake with its line."""

from __future__ import annotations

import tomllib
from math import isfinite
from pathlib import Path
from typing import Any

from swapstation.errors import ConfigurationError
from swapstation.protocol.registers import (
    ASCII,
    BOOL,
    FLOATS,
    NUMBERS,
    READ_FUNCTIONS,
    TYPES,
    WORD_ORDERS,
    WRITE_FUNCTIONS,
    Block,
    Point,
    RegisterMap,
)
from swapstation.toml_lines import KeyPath, key_lines
from swapstation.wire_files import wire_file

_MAP_KEYS = {"name", "version", "word_order", "blocks", "point"}
_BLOCK_KEYS = {"address", "count", "access", "fc", "poll"}
_POLL_KEYS = {"period_s", "age_limit_s"}
_POINT_KEYS = {
    *("block", "name", "address", "type", "scale", "offset", "unit"),
    *("enum", "bit", "none", "text", "word_order", "count"),
}
_FUNCTIONS = {"read": READ_FUNCTIONS, "write": WRITE_FUNCTIONS}
_MOST_REGISTERS = 125


def load_register_map(name: str) -> RegisterMap:
    """The map firmware_proto/registers/NAME.toml. Raises ConfigurationError with every mistake in it."""
    return read_register_map(wire_file("registers", f"{name}.toml"))


def read_register_map(path: Path) -> RegisterMap:
    """The map in a TOML file. Raises ConfigurationError: file, line, point, and what is allowed."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    return register_map_of(path, data, key_lines(text))


def register_map_of(path: Path, data: dict[str, Any], lines: dict[KeyPath, int]) -> RegisterMap:
    """The map in the parsed tables of a file; `lines` tells where each key stands. Raises ConfigurationError."""
    return _Reading(path, data, lines).register_map()


class _Reading:
    """One pass over a map that collects mistakes instead of stopping at the first."""

    def __init__(self, path: Path, data: dict[str, Any], lines: dict[KeyPath, int]) -> None:
        self._path = path
        self._data = data
        self._lines = lines
        self._mistakes: list[str] = []

    def register_map(self) -> RegisterMap:
        self._known_keys((), self._data, _MAP_KEYS)
        name = self._take((), self._data, "name", str, "")
        version = self._take((), self._data, "version", int, 0)
        word_order = self._take((), self._data, "word_order", str, "big")
        if word_order not in WORD_ORDERS:
            self._mistake(("word_order",), f"word_order = {word_order!r}, allowed: {', '.join(WORD_ORDERS)}")
        blocks = {key: self._block(key, table) for key, table in self._take((), self._data, "blocks", dict, {}).items()}
        points: dict[str, dict[str, Point]] = {key: {} for key in blocks}
        for index, table in enumerate(self._take((), self._data, "point", list, [])):
            self._add_point(("point", index), table, word_order, blocks, points)
        if self._mistakes:
            raise ConfigurationError(self._mistakes)
        return RegisterMap(name, version, blocks, points)

    def _block(self, name: str, table: Any) -> Block:
        at: KeyPath = ("blocks", name)
        self._known_keys(at, table, _BLOCK_KEYS)
        address, count = self._take(at, table, "address", int, -1), self._take(at, table, "count", int, 0)
        if address < 0 or not 1 <= count <= _MOST_REGISTERS or address + count > 0x10000:
            self._mistake(at, f"block {name}: {count} registers from {address}, allowed: 1 to 125 inside 0 to 65535")
        access = self._take(at, table, "access", str, "")
        if access not in _FUNCTIONS:
            self._mistake(at, f"block {name}: access = {access!r}, allowed: {', '.join(_FUNCTIONS)}")
        functions = _FUNCTIONS.get(access, READ_FUNCTIONS)
        function = self._take(at, table, "fc", int, functions[0], required=False)
        if function not in functions:
            self._mistake((*at, "fc"), f"block {name}: fc = {function}, allowed: {', '.join(map(str, functions))}")
        poll = self._take(at, table, "poll", dict, {}) if "poll" in table else {}
        self._known_keys((*at, "poll"), poll, _POLL_KEYS)
        seconds = [
            self._take((*at, "poll"), poll, key, float, 1.0) if poll else None for key in ("period_s", "age_limit_s")
        ]
        if any(value is not None and not value > 0 for value in seconds):
            self._mistake((*at, "poll"), f"block {name}: poll seconds {seconds}, allowed: more than 0")
        return Block(name, address, count, access, seconds[0], seconds[1], function)

    def _add_point(
        self, at: KeyPath, table: Any, word_order: str, blocks: dict[str, Block], points: dict[str, dict[str, Point]]
    ) -> None:
        before = len(self._mistakes)
        self._known_keys(at, table, _POINT_KEYS)
        point = Point(
            block=self._take(at, table, "block", str, ""),
            name=self._take(at, table, "name", str, ""),
            address=self._take(at, table, "address", int, -1),
            type=self._take(at, table, "type", str, ""),
            scale=self._take(at, table, "scale", float, 1.0, required=False),
            unit=self._take(at, table, "unit", str, "", required=False),
            enum=self._take(at, table, "enum", dict, {}, required=False),
            bit=self._take(at, table, "bit", int, None, required=False),
            none=self._take(at, table, "none", int, None, required=False),
            text=self._take(at, table, "text", str, "", required=False),
            offset=self._take(at, table, "offset", float, 0.0, required=False),
            word_order=self._take(at, table, "word_order", str, word_order, required=False),
            count=self._take(at, table, "count", int, 1, required=False),
        )
        if len(self._mistakes) == before:
            for mistake in _point_mistakes(point, blocks, points):
                self._mistake(at, f"point {point.name}: {mistake}")
        if len(self._mistakes) == before:
            points[point.block][point.name] = point

    def _take(self, at: KeyPath, table: Any, key: str, kind: type, default: Any, *, required: bool = True) -> Any:
        value = table.get(key) if isinstance(table, dict) else None
        if value is None and not required:
            return default
        if kind is float and isinstance(value, int):
            value = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            wanted = {"str": "text", "int": "a whole number", "float": "a number"}.get(kind.__name__, "a table")
            self._mistake((*at, key), f"{key} = {value!r}, allowed: {wanted}")
            return default
        return value

    def _known_keys(self, at: KeyPath, table: Any, allowed: set[str]) -> None:
        for key in sorted(set(table if isinstance(table, dict) else ()) - allowed):
            self._mistake((*at, key), f"unknown key {key!r}, allowed: {', '.join(sorted(allowed))}")

    def _mistake(self, at: KeyPath, text: str) -> None:
        while at and at not in self._lines:
            at = at[:-1]
        self._mistakes.append(f"{self._path}:{self._lines.get(at, 1)}: {text}")


def _point_mistakes(point: Point, blocks: dict[str, Block], points: dict[str, dict[str, Point]]) -> list[str]:
    if point.block not in blocks:
        return [f"block = {point.block!r}, allowed: {', '.join(blocks)}"]
    if point.type not in TYPES:
        return [f"type = {point.type!r}, allowed: {', '.join(TYPES)}"]
    block, mistakes = blocks[point.block], _type_mistakes(point)
    if not block.address <= point.address <= block.address + block.count - point.width:
        last = block.address + block.count - point.width
        mistakes.append(f"address = {point.address}, allowed in block {block.name}: {block.address} to {last}")
    if point.name in points[point.block]:
        mistakes.append(f"name is used twice in block {block.name}")
    mistakes += [f"overlaps point {other.name}" for other in points[point.block].values() if _overlap(point, other)]
    return mistakes


def _type_mistakes(point: Point) -> list[str]:
    mistakes = []
    if (point.type == BOOL) != (point.bit is not None) or not 0 <= (point.bit or 0) <= 15:
        mistakes.append(f"bit = {point.bit}, allowed: 0 to 15, for type bool and for it alone")
    if point.count < 1 or (point.type != ASCII and point.count != 1):
        mistakes.append(f"count = {point.count}, allowed: 1 or more registers, for type ascii and for it alone")
    if point.word_order not in WORD_ORDERS:
        mistakes.append(f"word_order = {point.word_order!r}, allowed: {', '.join(WORD_ORDERS)}")
    if point.scale == 0 or not isfinite(point.scale) or not isfinite(point.offset):
        mistakes.append(f"scale = {point.scale}, offset = {point.offset}, allowed: numbers, the scale not 0")
    if point.enum and point.type not in NUMBERS.keys() - FLOATS:
        mistakes.append(f"enum: allowed for whole numbers, not for type {point.type}")
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in point.enum.values()):
        mistakes.append("enum: allowed: NAME = whole number")
    return mistakes


def _overlap(one: Point, other: Point) -> bool:
    if one.bit is not None and other.bit is not None:
        return (one.address, one.bit) == (other.address, other.bit)
    return one.address < other.address + other.width and other.address < one.address + one.width
