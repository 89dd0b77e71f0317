"""DL/T 645-2007 data identifiers: what they carry and how. Source: wire_protocols 3.3.

Numbers are BCD, low pair first; where a sign exists it is the top bit. In a block an item that is all FF is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from swapstation.errors import InputError

COMBINED_ENERGY, FORWARD_ENERGY, REVERSE_ENERGY = 0x00000000, 0x00010000, 0x00020000
MAX_DEMAND = 0x01010000
VOLTAGES, CURRENTS, POWER, POWERS = 0x0201FF00, 0x0202FF00, 0x02030000, 0x0203FF00
REACTIVE_POWER, APPARENT_POWER, POWER_FACTOR, FREQUENCY = 0x02040000, 0x02050000, 0x02060000, 0x02800002
DATE, TIME = 0x04000101, 0x04000102

_BLOCK = 0xFF
_MOST_TARIFFS, _MOST_SETTLEMENTS = 0x3F, 0x0C


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
    """Power in kW, 2 digits and 4 decimals, then the minute as digits YYMMDDhhmm."""

    size: int = 8
    unit: str = "kW"

    def decode(self, data: bytes) -> Demand | None:
        power_kw, at = _DEMAND.decode(data[:3]), _MINUTE.decode(data[3:])
        return None if power_kw is None or at is None else Demand(power_kw, at)

    def encode(self, value: object) -> bytes:
        if not isinstance(value, Demand):
            raise InputError("meter value", value, "a Demand")
        return _DEMAND.encode(value.power_kw) + _MINUTE.encode(value.at)


_DEMAND, _MINUTE = Number(3, 4, "kW"), Digits(5)

Item = Number | Digits | DemandWithTime
Single = float | str | Demand
Value = Single | tuple[Single | None, ...]

_ENERGY = {0x0000: Number(4, 2, "kWh", signed=True), 0x0001: Number(4, 2, "kWh"), 0x0002: Number(4, 2, "kWh")}
_PHASES = {
    0x0201: Number(2, 1, "V"),
    0x0202: Number(3, 3, "A", signed=True),
    0x0203: Number(3, 4, "kW", signed=True),
}
_SINGLE: dict[int, Item] = {
    POWER: _PHASES[0x0203],
    REACTIVE_POWER: Number(3, 4, "kvar", signed=True),
    APPARENT_POWER: Number(3, 4, "kVA"),
    POWER_FACTOR: Number(2, 3, "", signed=True),
    FREQUENCY: Number(2, 2, "Hz"),
    DATE: Digits(4),
    TIME: Digits(3),
}


def item_of(identifier: int) -> Item | None:
    """What an identifier carries, None for an unknown one; a block has the item of its members."""
    if identifier in _SINGLE:
        return _SINGLE[identifier]
    group, part, settlement = identifier >> 16, identifier >> 8 & 0xFF, identifier & 0xFF
    if group in _PHASES:
        return _PHASES[group] if part in {1, 2, 3, _BLOCK} and settlement == 0 else None
    if settlement > _MOST_SETTLEMENTS:
        return None
    if group in _ENERGY:
        return _ENERGY[group] if part <= _MOST_TARIFFS or part == _BLOCK else None
    return DemandWithTime() if identifier & 0xFFFFFF00 == MAX_DEMAND else None


def is_block(identifier: int) -> bool:
    return identifier >> 8 & 0xFF == _BLOCK


def block_members(identifier: int) -> list[int]:
    """The identifiers whose items a block strings together: total and tariffs, or the three phases."""
    phases = identifier >> 16 in _PHASES
    parts = range(1, 4) if phases else range(_MOST_TARIFFS + 1)
    return [identifier & 0xFFFF00FF | part << 8 for part in parts]


def decode_value(identifier: int, data: bytes) -> Value | None:
    """The value behind an identifier, None when the bytes are not one."""
    item = item_of(identifier)
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


def encode_value(identifier: int, value: Value) -> bytes:
    """The bytes of a value. Raises InputError when the identifier is unknown or cannot carry it."""
    item = item_of(identifier)
    if item is None:
        raise InputError("identifier", f"{identifier:08X}", "an identifier of DL/T 645-2007 known to this software")
    if not is_block(identifier):
        return item.encode(value)
    if not isinstance(value, tuple):
        raise InputError("meter value", value, "a tuple, one value for each member of the block")
    return b"".join(b"\xff" * item.size if part is None else item.encode(part) for part in value)
