"""How one field of AA F5 data is read and written: numbers with scale, text, BCD time, series up to the end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from swapstation.errors import InputError

Value = float | str | bytes | tuple[float | None, ...] | None

INTEGERS = {"u8": (1, False), "u16": (2, False), "u24": (3, False), "u32": (4, False), "i16": (2, True)}
"""Integer types: bytes they take, and whether they are signed."""
TO_THE_END = ("u8[]", "u16[]", "bytes")
TYPES = (*INTEGERS, *TO_THE_END, "text", "time", "skip")
TIME_BYTES = 8
_DIGITS_14 = re.compile(r"[0-9]{14}")


class Unreadable(Exception):
    """A field's bytes say nothing that its layout allows; never leaves the protocol package."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `size` in bytes is 0 for what goes up to the end; value = raw x scale + offset, `none` = not known."""

    name: str
    type: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    none: int | None = None
    choices: Mapping[int, StrEnum] = field(default_factory=dict)

    def read(self, data: bytes) -> Value:
        """The value in exactly this field's bytes."""
        if self.type == "bytes":
            return data
        if self.type == "text":
            return self._text(data)
        if self.type == "time":
            return _time(data)
        if self.type in INTEGERS:
            return self._value(int.from_bytes(data, "little", signed=INTEGERS[self.type][1]))
        size = INTEGERS[self.type.removesuffix("[]")][0]
        if len(data) % size:
            raise Unreadable(f"{self.name}: {len(data)} bytes")
        raws = [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]
        return tuple(None if raw == self.none else self._scaled(raw) for raw in raws)

    def write(self, value: object) -> bytes:
        """The bytes of a value; InputError for one that the field cannot carry."""
        match self.type, value:
            case "skip", _:
                return bytes(self.size)
            case "bytes", bytes():
                return value
            case "text", str() if len(value) <= self.size and re.fullmatch(r"[\x20-\x7e]*", value):
                return value.encode().ljust(self.size, b"\0")
            case "time", str() | None:
                return self._time_bytes(value)
            case (("u8[]" | "u16[]"), tuple()):
                return b"".join(self._integer(each, self.type.removesuffix("[]")) for each in value)
            case _ if self.type in INTEGERS:
                return self._integer(value, self.type)
        raise InputError(self.name, value, f"allowed: {self.type} of up to {self.size} bytes")

    def _value(self, raw: int) -> float | str | None:
        if raw == self.none:
            return None
        if not self.choices:
            return self._scaled(raw)
        if raw not in self.choices:
            raise Unreadable(f"{self.name} = {raw}: not a known value")
        return self.choices[raw]

    def _scaled(self, raw: int) -> float:
        return raw if (self.scale, self.offset) == (1.0, 0.0) else round(raw * self.scale + self.offset, 6)

    def _text(self, data: bytes) -> str:
        text = data.split(b"\0", 1)[0]
        if not re.fullmatch(rb"[\x20-\x7e]*", text):
            raise Unreadable(f"{self.name}: not ASCII")
        return text.decode()

    def _integer(self, value: object, kind: str) -> bytes:
        size, signed = INTEGERS[kind]
        low, high = (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if signed else (0, (1 << 8 * size) - 1)
        raw = self._raw(value, low, high)
        return raw.to_bytes(size, "little", signed=signed)

    def _raw(self, value: object, low: int, high: int) -> int:
        if value is None and self.none is not None:
            return self.none
        if self.choices:
            found = [raw for raw, choice in self.choices.items() if choice == value]
            if not found:
                raise InputError(self.name, value, f"allowed: {', '.join(self.choices.values())}")
            return found[0]
        lowest, highest = low * self.scale + self.offset, high * self.scale + self.offset
        if not isinstance(value, int | float) or not lowest <= value <= highest:
            raise InputError(self.name, value, f"allowed: {lowest:g} to {highest:g}")
        raw = min(max(round((value - self.offset) / self.scale), low), high)
        if raw == self.none:
            raise InputError(self.name, value, 'allowed: any number but the one that means "not known"')
        return raw

    def _time_bytes(self, value: str | None) -> bytes:
        if value is None:
            return b"\xff" * TIME_BYTES
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise InputError(self.name, value, "allowed: YYYY-MM-DDThh:mm:ss") from None
        return bytes.fromhex(moment.strftime("%Y%m%d%H%M%S").zfill(14)) + b"\xff"


def _time(data: bytes) -> str | None:
    """A charger's clock is a label only: what is no moment reads as None and spoils nothing else."""
    digits = data[:7].hex()
    if not _DIGITS_14.fullmatch(digits):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").isoformat()  # noqa: DTZ007  local time of the charger
    except ValueError:
        return None
