"""Register maps as data: named points with type, scale, enum and word order, read from firmware_proto/registers/*.toml.

A point that the device marks as not known, or whose enum number the map does not list, decodes to None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from swapstation.errors import InputError

Value = int | float | bool | str | None

_INTEGERS = {"u16": (1, False), "i16": (1, True), "u32": (2, False), "i32": (2, True)}
"""Integer types: registers they take, and whether they are signed."""


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that are read or written together; seconds are None where the map does not poll the block."""

    name: str
    address: int
    count: int
    access: str
    period_s: float | None = None
    age_limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One named value: `scale` turns the integer into its unit, `none` is the integer that means "not known"."""

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

    @property
    def width(self) -> int:
        """Registers the point takes."""
        return 1 if self.type == "bool" else _INTEGERS[self.type][0]

    def value(self, raw: int) -> Value:
        if raw == self.none:
            return None
        if self.enum:
            return next((name for name, number in self.enum.items() if number == raw), None)
        if self.scale == 1.0:
            return raw
        divisor = round(1 / self.scale)
        return raw / divisor if divisor * self.scale == 1.0 else raw * self.scale

    def raw(self, value: Value) -> int:
        """The integer of a value; raises InputError when the point cannot carry it."""
        if value is None and self.none is not None:
            return self.none
        if self.enum:
            if not isinstance(value, str) or value not in self.enum:
                raise InputError(self.name, value, f"allowed: {', '.join(self.enum)}")
            return self.enum[value]
        words, signed = _INTEGERS[self.type]
        low, high = (-(1 << 16 * words - 1), (1 << 16 * words - 1) - 1) if signed else (0, (1 << 16 * words) - 1)
        if not isinstance(value, int | float) or not low * self.scale <= value <= high * self.scale:
            raise InputError(
                self.name, value, f"allowed: {low * self.scale:g} to {high * self.scale:g} {self.unit}".rstrip()
            )
        return min(max(round(value / self.scale), low), high)


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """All blocks and points of one device; `word_order` is "big" when the high word of 32 bits comes first."""

    name: str
    version: int
    word_order: str
    blocks: Mapping[str, Block]
    points: Mapping[str, Mapping[str, Point]]

    def decode(self, block: str, registers: Sequence[int]) -> dict[str, Value]:
        """The values of a block's registers. Raises InputError when their number is not the block's."""
        self._check_count(block, registers)
        start = self.blocks[block].address
        return {name: self._read(point, registers, start) for name, point in self.points[block].items()}

    def encode(self, block: str, values: Mapping[str, Value], base: Sequence[int] | None = None) -> list[int]:
        """The registers of a block with these values put over `base` (zeros by default).

        Raises InputError naming a point that is unknown or a value that it cannot carry.
        """
        start = self.blocks[block].address
        registers = [0] * self.blocks[block].count if base is None else list(base)
        self._check_count(block, registers)
        for name, value in values.items():
            if name not in self.points[block]:
                raise InputError(f"{self.name}.{block}", name, f"allowed: {', '.join(self.points[block])}")
            self._write(self.points[block][name], value, registers, start)
        return registers

    def _check_count(self, block: str, registers: Sequence[int]) -> None:
        count = self.blocks[block].count
        if len(registers) != count or not all(0 <= register <= 0xFFFF for register in registers):
            raise InputError(f"{self.name}.{block}", list(registers), f"{count} registers from 0 to 65535")

    def _read(self, point: Point, registers: Sequence[int], start: int) -> Value:
        offset = point.address - start
        if point.bit is not None:
            return bool(registers[offset] >> point.bit & 1)
        words = registers[offset : offset + point.width]
        data = b"".join(word.to_bytes(2, "big") for word in self._ordered(words))
        return point.value(int.from_bytes(data, "big", signed=_INTEGERS[point.type][1]))

    def _write(self, point: Point, value: Value, registers: list[int], start: int) -> None:
        offset = point.address - start
        if point.bit is not None:
            if not isinstance(value, bool):
                raise InputError(point.name, value, "allowed: true, false")
            registers[offset] = registers[offset] & ~(1 << point.bit) | value << point.bit
            return
        words, signed = _INTEGERS[point.type]
        data = point.raw(value).to_bytes(2 * words, "big", signed=signed)
        pairs = [int.from_bytes(data[index : index + 2], "big") for index in range(0, len(data), 2)]
        registers[offset : offset + words] = self._ordered(pairs)

    def _ordered(self, words: Sequence[int]) -> Sequence[int]:
        return words if self.word_order == "big" else list(reversed(words))
