"""The kinds of fields of a CAN message: how one signal of a DBC becomes a value of a class and back.

The type of the class's field decides: bool, int, float, str, an enumeration, each with or without None. A payload is
one little-endian number, so a field is a run of bits in it. Reading raises `Refused`, writing InputError.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Any, Protocol, get_args

from swapstation.errors import InputError
from swapstation.protocol.dbc import Signal

UNIT_SUFFIXES = {
    "": "",
    "V": "_v",
    "A": "_a",
    "degC": "_c",
    "%": "_pct",
    "Ah": "_ah",
    "kWh": "_kwh",
    "min": "_min",
}
_NUMBERS = (int, float)
_ERROR_INDICATOR = 0xFE  # J1939-71: highest byte FE means error, FF not available


class Refused(ValueError):
    """A raw value is not allowed; never leaves the layout that reads it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a wire says "absent", and its sign.

    Absent are all ones and with `error_indicator` (J1939-71) also a highest byte of FE. With `lenient` a value outside
    its limits is absent too where the field may be. With `charge_negative` the wire counts charging currents negative.
    """

    error_indicator: bool = False
    lenient: bool = False
    charge_negative: bool = False


class Field(Protocol):
    """Reads and writes one value of a message."""

    @property
    def mask(self) -> int:
        """The bits of the payload that belong to the field."""

    def read(self, payload: int) -> object: ...
    def write(self, value: Any) -> int:
        """The field's bits, in place."""


class _SignalField(ABC):
    def __init__(self, where: str, signal: Signal, optional: bool, rules: Rules) -> None:
        self.where = where
        self.signal = signal
        self.optional = optional
        self.rules = rules
        self.all_ones = signal.all_ones

    @property
    def mask(self) -> int:
        return self.signal.mask

    def read(self, payload: int) -> object:
        try:
            value = self.from_raw((payload >> self.signal.start) & self.all_ones)
        except Refused:
            if self.optional and self.rules.lenient:
                return None
            raise
        if value is None and not self.optional:
            raise Refused(f"{self.where}: not available")
        return value

    def write(self, value: Any) -> int:
        if value is None and not self.optional:
            raise InputError(self.where, value, "a value; this field cannot be left out")
        raw = self.all_ones if value is None else self.to_raw(value)
        return raw << self.signal.start

    @abstractmethod
    def from_raw(self, raw: int) -> object: ...

    @abstractmethod
    def to_raw(self, value: Any) -> int: ...


class Flag(_SignalField):
    """The values named No and Yes in the DBC; anything else is absent."""

    def __init__(self, where: str, signal: Signal, optional: bool, rules: Rules) -> None:
        super().__init__(where, signal, optional, rules)
        raws = {text: raw for raw, text in signal.choices}
        if not {"No", "Yes"} <= set(raws):
            raise ValueError(f"signal {signal.name}: has no values No and Yes")
        self._raws = {False: raws["No"], True: raws["Yes"]}
        self._values = {raw: value for value, raw in self._raws.items()}

    def from_raw(self, raw: int) -> bool | None:
        return self._values.get(raw)

    def to_raw(self, value: object) -> int:
        if not isinstance(value, bool):
            raise InputError(self.where, value, "True or False")
        return self._raws[value]


class Number(_SignalField):
    """phys = raw x scale + offset within the limits of the DBC, `whole` for int."""

    def __init__(self, where: str, signal: Signal, optional: bool, rules: Rules, whole: bool) -> None:
        super().__init__(where, signal, optional, rules)
        sign = -1 if rules.charge_negative and signal.unit == "A" else 1
        self.whole = whole
        self.scale, self.offset = sign * signal.scale, sign * signal.offset
        self.low, self.high = sorted((sign * signal.minimum, sign * signal.maximum))
        indicated = _ERROR_INDICATOR << max(signal.length - 8, 0)
        self._absent_from = self.all_ones if signal.length >= 8 else self.all_ones + 1
        if rules.error_indicator:
            self._absent_from = indicated

    def from_raw(self, raw: int) -> float | None:
        if raw >= self._absent_from:
            return None
        value = round(raw * self.scale + self.offset, 6)
        if not self.low <= value <= self.high:
            raise Refused(f"{self.where} = {value:g}: outside {self._limits}")
        return int(value) if self.whole else value

    def to_raw(self, value: object) -> int:
        if not isinstance(value, _NUMBERS) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise InputError(self.where, value, f"allowed: {self._limits}")
        if self.whole and value != int(value):
            raise InputError(self.where, value, f"allowed: whole numbers {self._limits}")
        return round((value - self.offset) / self.scale)

    @property
    def _limits(self) -> str:
        return f"{self.low:g} to {self.high:g} {self.signal.unit}".rstrip()


class Text(_SignalField):
    """ASCII, first character in the lowest byte, unused bytes FF. An optional text without characters is absent."""

    def __init__(self, where: str, signal: Signal, optional: bool, rules: Rules) -> None:
        super().__init__(where, signal, optional, rules)
        if signal.length % 8:
            raise ValueError(f"{where}: 文字须为整字节 | a text of {signal.length} bits, allowed: whole bytes")

    @property
    def size(self) -> int:
        return self.signal.length // 8

    def from_raw(self, raw: int) -> str | None:
        data = raw.to_bytes(self.size, "little").rstrip(b"\x00\xff " if self.rules.lenient else b"\xff")
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in data)
        if not self.rules.lenient and text != data.decode("latin-1"):
            raise Refused(f"{self.where}: not ASCII")
        return None if self.optional and not text else text

    def to_raw(self, value: object) -> int:
        least = 1 if self.optional else 0
        if not isinstance(value, str) or not re.fullmatch(rf"[\x20-\x7e]{{{least},{self.size}}}", value):
            raise InputError(self.where, value, f"allowed: {least} to {self.size} ASCII characters")
        return int.from_bytes(value.encode().ljust(self.size, b"\xff"), "little")


class Choice(_SignalField):
    """One of the named values of the DBC, which are those of the enumeration.

    All ones are absent; where they have a name (OTHER), an undefined value reads as that name under lenient rules.
    """

    def __init__(self, where: str, signal: Signal, optional: bool, rules: Rules, kind: type[Enum]) -> None:
        super().__init__(where, signal, optional, rules)
        self.kind = kind
        self._members = {raw: member_named(text, kind) for raw, text in signal.choices}
        if set(self._members.values()) != set(kind):
            raise ValueError(f"signal {signal.name}: its values are not those of {kind.__name__}")
        self._raws = {member: raw for raw, member in self._members.items()}

    def from_raw(self, raw: int) -> Enum | None:
        if raw in self._members:
            return self._members[raw]
        if self.rules.lenient:
            return self._members.get(self.all_ones)
        if raw == self.all_ones:
            return None
        raise Refused(f"{self.where} = {raw}: not a known value")

    def to_raw(self, value: object) -> int:
        if not isinstance(value, self.kind):
            raise InputError(self.where, value, f"one of {', '.join(member.name for member in self._raws)}")
        return self._raws[value]


def field_name(signal: Signal) -> str:
    """Name of the class's field: the signal's in snake case, with its unit. ValueError for a unit without a suffix."""
    if signal.unit not in UNIT_SUFFIXES:
        allowed = ", ".join(filter(None, UNIT_SUFFIXES))
        raise ValueError(f"{signal.name}: 单位只能是 {allowed} | unit {signal.unit!r}, allowed: {allowed}")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", signal.name).lower() + UNIT_SUFFIXES[signal.unit]


def member_named(text: str, kind: type[Enum]) -> Enum:
    """The member whose name is the DBC's word, whatever its case and underscores. ValueError when there is none."""
    for member in kind:
        if member.name.replace("_", "").lower() == text.lower():
            return member
    raise ValueError(f"{text}: not one of {kind.__name__}")


def field_of(where: str, signal: Signal, kind: Any, rules: Rules) -> Field:
    """The field for one signal and the type of its value, such as `float | None`."""
    types = [each for each in (get_args(kind) or (kind,)) if each is not NoneType]
    optional = NoneType in get_args(kind)
    (plain,) = types
    if plain is bool:
        return Flag(where, signal, optional, rules)
    if plain is str:
        return Text(where, signal, optional, rules)
    if issubclass(plain, Enum):
        return Choice(where, signal, optional, rules, plain)
    return Number(where, signal, optional, rules, whole=plain is int)
