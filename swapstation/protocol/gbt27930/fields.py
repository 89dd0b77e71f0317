"""How one field of a GB/T 27930 message lies in its bytes: position, scale, offset, range, meaning of all ones.

A payload is one little-endian number, so every field is a run of bits in it; bit 0 is bit 1 of byte 1 in the standard's
counting. Bits that no field uses, and fields that are not sent, are ones (the standard's fill rule).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import isfinite
from typing import Protocol

from swapstation.errors import InputError


@dataclass(frozen=True, slots=True)
class Payload:
    """Received bytes as one number and how many bits of it there are."""

    value: int
    bits: int

    def raw(self, bit: int, bits: int) -> int:
        """A run of bits; ones (not available) where the message was cut short."""
        ones = (1 << bits) - 1
        return (self.value >> bit) & ones if bit + bits <= self.bits else ones


class Field(Protocol):
    """Reads and writes one value. `read` raises ValueError for what cannot be read, `write` InputError."""

    @property
    def mask(self) -> int: ...
    def read(self, payload: Payload) -> object: ...
    def write(self, name: str, value: object) -> int: ...


@dataclass(frozen=True, slots=True)
class Number:
    """phys = raw x scale + offset, within low..high. All ones are "not available" in fields of 8 bits and more."""

    bit: int
    bits: int
    scale: float = 1
    offset: float = 0
    unit: str = ""
    low: float | None = None
    high: float | None = None
    optional: bool = True

    @property
    def mask(self) -> int:
        return _ones(self.bits) << self.bit

    @property
    def _largest_raw(self) -> int:
        return _ones(self.bits) - (self.bits >= 8)

    def read(self, payload: Payload) -> float | None:
        raw = payload.raw(self.bit, self.bits)
        value = round(raw * self.scale + self.offset, 6)
        if raw <= self._largest_raw and self._in_range(value):
            return value
        if self.optional:
            return None
        raise ValueError(f"raw {raw} is not a value")

    def write(self, name: str, value: object) -> int:
        if value is None and self.optional:
            return self.mask
        if not isinstance(value, int | float) or not self._in_range(value):
            raise InputError(name, value, self._allowed)
        raw = round((value - self.offset) / self.scale)
        if not 0 <= raw <= self._largest_raw:
            raise InputError(name, value, self._allowed)
        return raw << self.bit

    def _in_range(self, value: float) -> bool:
        low_enough = self.high is None or value <= self.high
        return isfinite(value) and low_enough and (self.low is None or value >= self.low)

    @property
    def _allowed(self) -> str:
        ends = sorted((self.offset, round(self._largest_raw * self.scale + self.offset, 6)))
        low = ends[0] if self.low is None else max(self.low, ends[0])
        high = ends[1] if self.high is None else min(self.high, ends[1])
        return f"a number from {low:g} to {high:g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no; anything else on the wire is None."""

    bit: int
    bits: int
    yes: int = 1

    @property
    def mask(self) -> int:
        return _ones(self.bits) << self.bit

    def read(self, payload: Payload) -> bool | None:
        return {0: False, self.yes: True}.get(payload.raw(self.bit, self.bits))

    def write(self, name: str, value: object) -> int:
        if value is None:
            return self.mask
        if not isinstance(value, bool):
            raise InputError(name, value, "True, False or None")
        return self.yes << self.bit if value else 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list of numbers; an undefined one reads as `otherwise`."""

    bit: int
    bits: int
    choices: type[IntEnum]
    otherwise: IntEnum | None = None

    @property
    def mask(self) -> int:
        return _ones(self.bits) << self.bit

    def read(self, payload: Payload) -> IntEnum | None:
        try:
            return self.choices(payload.raw(self.bit, self.bits))
        except ValueError:
            return self.otherwise

    def write(self, name: str, value: object) -> int:
        if value is None and self.otherwise is None:
            return self.mask
        if not isinstance(value, self.choices):
            raise InputError(name, value, f"one of {', '.join(choice.name for choice in self.choices)}")
        return value << self.bit


@dataclass(frozen=True, slots=True)
class Words:
    """Pairs of bits, each with a word per value: the words whose pair holds that value."""

    words: tuple[tuple[int, int, StrEnum], ...]

    @property
    def mask(self) -> int:
        return sum({0b11 << bit for bit, _, _ in self.words})

    def read(self, payload: Payload) -> tuple[StrEnum, ...]:
        return tuple(word for bit, raw, word in self.words if payload.raw(bit, 2) == raw)

    def write(self, name: str, value: object) -> int:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InputError(name, value, "a tuple of words")
        pairs: dict[int, int] = {}
        for wanted in value:
            bit, raw = next(((b, r) for b, r, word in self.words if word is wanted), (0, 0))
            if raw == 0 or pairs.setdefault(bit, raw) != raw:
                raise InputError(name, wanted, f"one word per pair out of {', '.join(w for _, _, w in self.words)}")
        return sum(raw << bit for bit, raw in pairs.items())


@dataclass(frozen=True, slots=True)
class Text:
    """ASCII characters, first one in the lowest byte; all ones or all zeros read as None. Padded with FF."""

    bit: int
    length: int

    @property
    def mask(self) -> int:
        return _ones(self.length * 8) << self.bit

    def read(self, payload: Payload) -> str | None:
        data = payload.raw(self.bit, self.length * 8).to_bytes(self.length, "little").rstrip(b"\x00\xff ")
        return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in data) or None

    def write(self, name: str, value: object) -> int:
        if value is None:
            return self.mask
        if not isinstance(value, str) or not re.fullmatch(rf"[\x20-\x7e]{{1,{self.length}}}", value):
            raise InputError(name, value, f"1 to {self.length} ASCII characters")
        return int.from_bytes(value.encode().ljust(self.length, b"\xff"), "little") << self.bit


@dataclass(frozen=True, slots=True)
class Version:
    """Protocol version, 3 bytes: minor first, then major low byte first; "1.1" is `01 01 00`."""

    mask: int = 0xFFFFFF

    def read(self, payload: Payload) -> str:
        raw = payload.raw(0, 24)
        return f"{raw >> 8}.{raw & 0xFF}"

    def write(self, name: str, value: object) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}", value):
            raise InputError(name, value, 'a version such as "1.1"')
        major, minor = map(int, value.split("."))
        if minor > 0xFF:
            raise InputError(name, value, "a minor number up to 255")
        return major << 8 | minor


@dataclass(frozen=True, slots=True)
class Clock:
    """Local time in 7 BCD bytes, seconds first, as "YYYY-MM-DD hh:mm:ss"; anything that is not BCD reads as None."""

    mask: int = 0xFFFFFFFFFFFFFF

    def read(self, payload: Payload) -> str | None:
        pairs = payload.raw(0, 56).to_bytes(7, "little")
        second, minute, hour, day, month, low, high = (f"{pair:02X}" for pair in pairs)
        text = f"{high}{low}-{month}-{day} {hour}:{minute}:{second}"
        return text if re.fullmatch(r"[0-9: -]+", text) else None

    def write(self, name: str, value: object) -> int:
        if value is None:
            return self.mask
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value, re.ASCII):
            raise InputError(name, value, '"YYYY-MM-DD hh:mm:ss"')
        year, month, day, hour, minute, second = re.split("[- :]", value)
        return int.from_bytes(bytes.fromhex(second + minute + hour + day + month + year[2:] + year[:2]), "little")


@dataclass(frozen=True, slots=True)
class Series:
    """The same number again and again to the end of the message."""

    item: Number
    stride: int
    most: int

    @property
    def mask(self) -> int:
        return sum(self.item.mask << (index * self.stride) for index in range(self.most))

    def read(self, payload: Payload) -> tuple[float | None, ...]:
        count = payload.bits // self.stride
        items = (Payload(payload.value >> (index * self.stride), self.stride) for index in range(count))
        return tuple(self.item.read(item) for item in items)

    def write(self, name: str, value: object) -> int:
        if not isinstance(value, tuple) or not 1 <= len(value) <= self.most:
            raise InputError(name, value, f"a tuple of 1 to {self.most} numbers")
        return sum(self.item.write(name, each) << (index * self.stride) for index, each in enumerate(value))


def _ones(bits: int) -> int:
    return (1 << bits) - 1
