"""Register maps as data: named points with type, scale, enum and word order, read from firmware_proto/registers/*.toml.

A point that the device marks as not known, a number that is none (NaN), a text that is none, or an enum number that the
map does not list decodes to None.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from swapstation.errors import InputError
from swapstation.protocol.modbus import READ_HOLDING, READ_INPUT, WRITE_MANY, WRITE_ONE

Value = int | float | bool | str | None

ASCII, BOOL = "ascii", "bool"
NUMBERS = {"u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}
"""Types of numbers and how `struct` calls them."""
FLOATS = frozenset({"f32", "f64"})
TYPES = (*NUMBERS, BOOL, ASCII)
WORD_ORDERS = ("big", "little")
READ_FUNCTIONS, WRITE_FUNCTIONS = (READ_HOLDING, READ_INPUT), (WRITE_MANY, WRITE_ONE)
"""Function codes that a block may name; the first of each is the default."""


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that are read or written together by one `function` code; seconds are None where it is not polled."""

    name: str
    address: int
    count: int
    access: str
    period_s: float | None = None
    age_limit_s: float | None = None
    function: int = READ_HOLDING


@dataclass(frozen=True, slots=True)
class Point:
    """One named value: `raw * scale + offset` is the value in its unit, `none` is the raw that means "not known".

    `word_order` is "big" when the high word comes first; `count` is the registers of an ascii text, two letters each.
    """

    block: str
    name: str
    address: int
    type: str
    scale: float = 1.0
    unit: str = ""
    enum: Mapping[str, int] = field(default_factory=dict)
    bit: int | None = None
    none: int | None = None
    text: str = ""
    offset: float = 0.0
    word_order: str = "big"
    count: int = 1

    @property
    def width(self) -> int:
        """Registers the point takes."""
        if self.type in NUMBERS:
            return struct.calcsize(NUMBERS[self.type]) // 2
        return self.count

    def decode(self, registers: Sequence[int]) -> Value:
        """The value in the point's registers, `width` of them."""
        if self.bit is not None:
            return bool(registers[0] >> self.bit & 1)
        data = struct.pack(f">{self.width}H", *self._ordered(registers))
        if self.type == ASCII:
            return _text(data)
        (raw,) = struct.unpack(f">{NUMBERS[self.type]}", data)
        return self._value(raw)

    def encode(self, value: Value, registers: Sequence[int]) -> Sequence[int]:
        """The point's registers with the value put over what they hold; raises InputError when they cannot carry it."""
        if self.bit is not None:
            if not isinstance(value, bool):
                raise InputError(self.name, value, "allowed: true, false")
            return [registers[0] & ~(1 << self.bit) | value << self.bit]
        data = self._letters(value) if self.type == ASCII else self._packed(self._raw(value), value)
        return self._ordered(struct.unpack(f">{self.width}H", data))

    def _value(self, raw: float) -> Value:
        if raw == self.none or not isfinite(raw):
            return None
        if self.enum:
            return next((name for name, number in self.enum.items() if number == raw), None)
        if self.scale == 1.0:
            return raw + self.offset if self.offset else raw
        divisor = round(1 / self.scale)
        scaled = raw / divisor if divisor * self.scale == 1.0 else raw * self.scale
        return scaled + self.offset if self.offset else scaled

    def _raw(self, value: Value) -> float:
        if value is None and self.none is not None:
            return self.none
        if self.enum:
            if not isinstance(value, str) or value not in self.enum:
                raise InputError(self.name, value, f"allowed: {', '.join(self.enum)}")
            return self.enum[value]
        if not isinstance(value, int | float) or not isfinite(value):
            raise self._refused(value)
        if self.type not in FLOATS and self.scale == 1.0 and not self.offset and isinstance(value, int):
            return value  # without a detour over float: 64 bits have more digits than it
        raw = (value - self.offset) / self.scale
        return raw if self.type in FLOATS else round(raw)

    def _packed(self, raw: float, value: Value) -> bytes:
        try:
            return struct.pack(f">{NUMBERS[self.type]}", raw)
        except (struct.error, OverflowError):
            raise self._refused(value) from None

    def _refused(self, value: Value) -> InputError:
        if self.type in FLOATS:
            return InputError(self.name, value, f"allowed: a number that fits {self.type} {self.unit}".rstrip())
        bits = 16 * self.width
        ends = (0, (1 << bits) - 1) if self.type.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)
        low, high = sorted(end * self.scale + self.offset for end in ends)
        return InputError(self.name, value, f"allowed: {low:g} to {high:g} {self.unit}".rstrip())

    def _letters(self, value: Value) -> bytes:
        letters = 2 * self.count
        if not isinstance(value, str) or not value.isascii() or len(value) > letters:
            raise InputError(self.name, value, f"allowed: up to {letters} ASCII letters")
        return value.encode().ljust(letters, b"\0")

    def _ordered(self, words: Sequence[int]) -> Sequence[int]:
        return words if self.word_order == "big" else words[::-1]


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """All blocks and points of one device."""

    name: str
    version: int
    blocks: Mapping[str, Block]
    points: Mapping[str, Mapping[str, Point]]

    def decode(self, block: str, registers: Sequence[int]) -> dict[str, Value]:
        """The values of a block's registers. Raises InputError when their number is not the block's."""
        self._check_count(block, registers)
        start = self.blocks[block].address
        return {
            name: point.decode(registers[point.address - start : point.address - start + point.width])
            for name, point in self.points[block].items()
        }

    def encode(self, block: str, values: Mapping[str, Value], base: Sequence[int] | None = None) -> list[int]:
        """The registers of a block with these values put over `base` (zeros by default).

        Raises InputError naming a point that is unknown or a value that it cannot carry.
        """
        start = self.blocks[block].address
        registers = [0] * self.blocks[block].count if base is None else list(base)
        self._check_count(block, registers)
        for name, value in values.items():
            point = self.points[block].get(name)
            if point is None:
                raise InputError(f"{self.name}.{block}", name, f"allowed: {', '.join(self.points[block])}")
            place = slice(point.address - start, point.address - start + point.width)
            registers[place] = point.encode(value, registers[place])
        return registers

    def _check_count(self, block: str, registers: Sequence[int]) -> None:
        count = self.blocks[block].count
        if len(registers) != count or not all(0 <= register <= 0xFFFF for register in registers):
            raise InputError(f"{self.name}.{block}", list(registers), f"{count} registers from 0 to 65535")


def _text(data: bytes) -> str | None:
    """The letters before the padding (NUL, FF or blanks), None when they are not printable ASCII or there are none."""
    letters = data.split(b"\0", 1)[0].rstrip(b"\xff").strip()
    return letters.decode() if letters and letters.isascii() and letters.decode().isprintable() else None
