"""DL/T 645-2007 data identifiers: what they carry and how. Source: DL/T 645-2007, annex A.

An identifier is a group (two bytes), a part (0 total, then tariffs or phases, FF all of them) and a settlement (0 now).
Numbers are BCD, low pair first; where a sign exists it is the top bit. In a block an item that is all FF is None.
Makers extend groups by digits: `formats` says which group has which other item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from swapstation.errors import InputError

COMBINED_ENERGY, FORWARD_ENERGY, REVERSE_ENERGY = 0x00000000, 0x00010000, 0x00020000
MAX_DEMAND, REVERSE_MAX_DEMAND = 0x01010000, 0x01020000
VOLTAGES, CURRENTS, POWER = 0x0201FF00, 0x0202FF00, 0x02030000
REACTIVE_POWER, APPARENT_POWER, POWER_FACTOR, FREQUENCY = 0x02040000, 0x02050000, 0x02060000, 0x02800002
DATE, TIME = 0x04000101, 0x04000102

_BLOCK = 0xFF
_MOST_PHASES, _MOST_TARIFFS, _MOST_SETTLEMENTS = 3, 0x3F, 0x0C


@dataclass(frozen=True, slots=True)
class Demand:
    """A maximum demand in kW and when it was: digits YYMMDDhhmm."""

    power_kw: float
    at: str


@dataclass(frozen=True, slots=True)
class Number:
    """A BCD number of `size` bytes with `decimals` digits behind the point."""

    size: int
    decimals: int
    unit: str
    signed: bool = False

    def decode(self, data: bytes) -> float | None:
        digits, sign = bytearray(data[::-1]), 1
        if self.signed and digits[0] & 0x80:
            digits[0] &= 0x7F
            sign = -1
        text = digits.hex()
        return sign * int(text) / 10**self.decimals if text.isdecimal() else None

    def encode(self, value: object) -> bytes:
        number = round(value * 10**self.decimals) if isinstance(value, int | float) else -1
        text = f"{abs(number):0{2 * self.size}d}"
        if (number < 0 and not self.signed) or len(text) > 2 * self.size or (self.signed and text[0] > "7"):
            raise InputError("meter value", value, f"a {'signed ' * self.signed}number that fits {self.size} BCD bytes")
        data = bytearray.fromhex(text)
        data[0] |= 0x80 if number < 0 else 0
        return bytes(data[::-1])


@dataclass(frozen=True, slots=True)
class Digits:
    """A date or a time of `size` bytes as its digits, highest pair first."""

    size: int
    unit: str = ""

    def decode(self, data: bytes) -> str | None:
        text = data[::-1].hex()
        return text if text.isdecimal() else None

    def encode(self, value: object) -> bytes:
        if not isinstance(value, str) or not re.fullmatch(rf"[0-9]{{{2 * self.size}}}", value):
            raise InputError("meter value", value, f"{2 * self.size} digits")
        return bytes.fromhex(value)[::-1]


@dataclass(frozen=True, slots=True)
class DemandWithTime:
    """A power in kW, then the minute as digits YYMMDDhhmm."""

    power: Number = Number(3, 4, "kW")

    @property
    def size(self) -> int:
        return self.power.size + _MINUTE.size

    def decode(self, data: bytes) -> Demand | None:
        power_kw, at = self.power.decode(data[: self.power.size]), _MINUTE.decode(data[self.power.size :])
        return None if power_kw is None or at is None else Demand(power_kw, at)

    def encode(self, value: object) -> bytes:
        if not isinstance(value, Demand):
            raise InputError("meter value", value, "a Demand")
        return self.power.encode(value.power_kw) + _MINUTE.encode(value.at)


_MINUTE = Digits(5)

Item = Number | Digits | DemandWithTime
Single = float | str | Demand
Value = Single | tuple[Single | None, ...]
Formats = Mapping[int, Item]
"""The items of groups that a maker extended by digits, for example {0x0001: Number(5, 4, "kWh")}."""

_BY_TARIFF: dict[int, Item] = {
    0x0000: Number(4, 2, "kWh", signed=True),
    0x0001: Number(4, 2, "kWh"),
    0x0002: Number(4, 2, "kWh"),
    0x0101: DemandWithTime(),
    0x0102: DemandWithTime(),
}
_BY_PHASE: dict[int, Item] = {
    0x0201: Number(2, 1, "V"),
    0x0202: Number(3, 3, "A", signed=True),
    0x0203: Number(3, 4, "kW", signed=True),
    0x0204: Number(3, 4, "kvar", signed=True),
    0x0205: Number(3, 4, "kVA"),
    0x0206: Number(2, 3, "", signed=True),
}
_WITHOUT_TOTAL = frozenset({0x0201, 0x0202})
_SINGLE: dict[int, Item] = {FREQUENCY: Number(2, 2, "Hz"), DATE: Digits(4), TIME: Digits(3)}
_STANDARD: Formats = {}


def item_of(identifier: int, formats: Formats = _STANDARD) -> Item | None:
    """What an identifier carries, None for an unknown one; a block has the item of its members."""
    group, part, settlement = identifier >> 16, identifier >> 8 & 0xFF, identifier & 0xFF
    item = _SINGLE.get(identifier)
    if group in _BY_PHASE and settlement == 0 and part in _phases(group):
        item = _BY_PHASE[group]
    if group in _BY_TARIFF and settlement <= _MOST_SETTLEMENTS and (part <= _MOST_TARIFFS or part == _BLOCK):
        item = _BY_TARIFF[group]
    return item and formats.get(group, item)


def _phases(group: int) -> set[int]:
    return {*range(group in _WITHOUT_TOTAL, _MOST_PHASES + 1), _BLOCK}


def formats_of(digits: Iterable[tuple[int, int, int]]) -> Formats:
    """The items of groups with other digits: group, bytes, decimals. Raises InputError for a group without numbers."""
    formats: dict[int, Item] = {}
    for group, size, decimals in digits:
        item = (_BY_TARIFF | _BY_PHASE).get(group)
        match item:
            case Number():
                formats[group] = replace(item, size=size, decimals=decimals)
            case DemandWithTime(power):
                formats[group] = DemandWithTime(replace(power, size=size, decimals=decimals))
            case _:
                raise InputError("digits", f"{group:04X}", "a group of energies, demands, voltages, currents or powers")
    return formats


def is_block(identifier: int) -> bool:
    return identifier >> 8 & 0xFF == _BLOCK


def block_members(identifier: int) -> list[int]:
    """The identifiers whose items a block strings together: total and tariffs, or phases (of power with a total)."""
    group = identifier >> 16
    parts = sorted(_phases(group) - {_BLOCK}) if group in _BY_PHASE else range(_MOST_TARIFFS + 1)
    return [identifier & 0xFFFF00FF | part << 8 for part in parts]


def decode_value(identifier: int, data: bytes, formats: Formats = _STANDARD) -> Value | None:
    """The value behind an identifier, None when the bytes are not one."""
    item = item_of(identifier, formats)
    if item is None or not data or len(data) % item.size:
        return None
    if not is_block(identifier):
        return item.decode(data) if len(data) == item.size else None
    parts = [data[start : start + item.size] for start in range(0, len(data), item.size)]
    values = [item.decode(part) for part in parts]
    absent = b"\xff" * item.size
    if any(value is None and part != absent for value, part in zip(values, parts, strict=True)):
        return None
    return tuple(values)


def encode_value(identifier: int, value: Value, formats: Formats = _STANDARD) -> bytes:
    """The bytes of a value. Raises InputError when the identifier is unknown or cannot carry it."""
    item = item_of(identifier, formats)
    if item is None:
        raise InputError("identifier", f"{identifier:08X}", "an identifier of DL/T 645-2007 known to this software")
    if not is_block(identifier):
        return item.encode(value)
    if not isinstance(value, tuple):
        raise InputError("meter value", value, "a tuple, one value for each member of the block")
    return b"".join(b"\xff" * item.size if part is None else item.encode(part) for part in value)
