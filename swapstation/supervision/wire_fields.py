"""Fields of business messages as data: which JSON a value becomes, what is allowed, how a profile spells its name.

A message is a frozen dataclass whose fields are made by `wire`. Writing and reading check everything and name the
wrong field with its path; reading ignores members that no field asks for, as peers add their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import IntEnum
from typing import Any, Protocol, TypeVar

from swapstation.errors import InputError

CHINA = timezone(timedelta(hours=8), "UTC+8")
"""Times travel without a zone: they are China's."""

Message = TypeVar("Message")
_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which JSON can escape and UTF-8 cannot carry."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a profile writes names, canonical -> wire, and what else it reads, wire -> canonical.

    `numbers_as_text`: numbers that come as text are read too.
    """

    written: Mapping[str, str] = field(default_factory=dict)
    also_read: Mapping[str, str] = field(default_factory=dict)
    numbers_as_text: bool = False

    def write(self, name: str) -> str:
        return self.written.get(name, name)

    def find(self, name: str, raw: Mapping[str, Any]) -> Any:
        """What a peer sent under a name; None when nothing."""
        known = [self.write(name), *(other for other, canonical in self.also_read.items() if canonical == name)]
        return next((raw[each] for each in known if raw.get(each) is not None), None)


class Kind(Protocol):
    """What a field holds; both raise ValueError saying what is allowed, or InputError from deeper inside."""

    def write(self, value: Any, spelling: Spelling, path: str) -> Any: ...
    def read(self, raw: Any, spelling: Spelling, path: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Text of `least` to `most` characters."""

    most: int
    least: int = 0

    def write(self, value: Any, spelling: Spelling, path: str) -> str:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most or _HALVES.search(value):
            bounds = f"{self.most}" if self.least == self.most else f"{self.least} to {self.most}"
            raise ValueError(f"text of {bounds} characters")
        return value

    read = write


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within limits."""

    low: int = 0
    high: int = 2**31 - 1

    def write(self, value: Any, spelling: Spelling, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(f"a whole number from {self.low} to {self.high}")
        return int(value)

    def read(self, raw: Any, spelling: Spelling, path: str) -> int:
        if spelling.numbers_as_text and isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,10}", raw):
            raw = int(raw)
        return self.write(raw, spelling, path)


@dataclass(frozen=True, slots=True)
class Code:
    """A number that an enumeration knows."""

    codes: type[IntEnum]

    def write(self, value: Any, spelling: Spelling, path: str) -> int:
        return int(self.read(value, spelling, path))

    def read(self, raw: Any, spelling: Spelling, path: str) -> IntEnum:
        allowed = [int(code) for code in self.codes]
        if spelling.numbers_as_text and isinstance(raw, str) and raw.isdecimal():
            raw = int(raw)
        if isinstance(raw, bool) or raw not in allowed:
            raise ValueError(f"one of {', '.join(map(str, allowed))}")
        return self.codes(raw)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number of `places` decimals; one with more of them is refused, never rounded by the way."""

    places: int
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(10**9)

    def write(self, value: Any, spelling: Spelling, path: str) -> Decimal:
        return self.read(value, spelling, path)

    def read(self, raw: Any, spelling: Spelling, path: str) -> Decimal:
        kinds = (int, Decimal, str) if spelling.numbers_as_text else (int, Decimal)
        try:
            number = Decimal(raw) if isinstance(raw, kinds) and not isinstance(raw, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or not self.low <= number <= self.high or not self._exact(number):
            raise ValueError(f"a number from {self.low} to {self.high} with at most {self.places} decimals")
        return number

    def _exact(self, number: Decimal) -> bool:
        return number == rounded(number, self.places)


@dataclass(frozen=True, slots=True)
class Moment:
    """yyyy-MM-dd HH:mm:ss in China time; inside the product an aware UTC time."""

    def write(self, value: Any, spelling: Spelling, path: str) -> str:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError("a time with its zone")
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")

    def read(self, raw: Any, spelling: Spelling, path: str) -> datetime:
        try:
            return _of_our_time(datetime.strptime(raw, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)).astimezone(UTC)
        except (TypeError, ValueError):
            raise ValueError("a time yyyy-MM-dd HH:mm:ss from 2000 to 2199") from None


@dataclass(frozen=True, slots=True)
class Day:
    """yyyy-MM-dd."""

    def write(self, value: Any, spelling: Spelling, path: str) -> str:
        if not isinstance(value, date):
            raise ValueError("a day")
        return value.isoformat()

    def read(self, raw: Any, spelling: Spelling, path: str) -> date:
        try:
            return _of_our_time(datetime.strptime(raw, "%Y-%m-%d").replace(tzinfo=CHINA)).date()
        except (TypeError, ValueError):
            raise ValueError("a day yyyy-MM-dd from 2000 to 2199") from None


@dataclass(frozen=True, slots=True)
class Clock:
    """HHmmss."""

    def write(self, value: Any, spelling: Spelling, path: str) -> str:
        if not isinstance(value, time):
            raise ValueError("a time of day")
        return value.strftime("%H%M%S")

    def read(self, raw: Any, spelling: Spelling, path: str) -> time:
        try:
            return datetime.strptime(raw, "%H%M%S").replace(tzinfo=CHINA).time()
        except (TypeError, ValueError):
            raise ValueError("a time of day HHmmss") from None


@dataclass(frozen=True, slots=True)
class Part:
    """A message inside a message."""

    kind: type[Any]

    def write(self, value: Any, spelling: Spelling, path: str) -> dict[str, Any]:
        if not isinstance(value, self.kind):
            raise ValueError(f"a {self.kind.__name__}")
        return write_message(value, spelling, path)

    def read(self, raw: Any, spelling: Spelling, path: str) -> Any:
        return read_message(self.kind, raw, spelling, path)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of at most `most` elements of one kind."""

    each: Kind
    most: int = 10_000

    def write(self, value: Any, spelling: Spelling, path: str) -> list[Any]:
        if not isinstance(value, tuple) or len(value) > self.most:
            raise ValueError(f"at most {self.most} elements")
        return [_checked(self.each.write, one, spelling, f"{path}[{index}]") for index, one in enumerate(value)]

    def read(self, raw: Any, spelling: Spelling, path: str) -> tuple[Any, ...]:
        if not isinstance(raw, list) or len(raw) > self.most:
            raise ValueError(f"a list of at most {self.most} elements")
        return tuple(_checked(self.each.read, one, spelling, f"{path}[{index}]") for index, one in enumerate(raw))


def wire(name: str, kind: Kind, default: Any = MISSING) -> Any:
    """A field of a message: its canonical name on the wire and its kind. One with a default may be absent."""
    metadata = {"wire": (name, kind)}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def write_message(message: Any, spelling: Spelling, path: str = "") -> dict[str, Any]:
    """The JSON object of a message. Raises InputError naming the field that cannot be sent as it is."""
    assert is_dataclass(message)
    written: dict[str, Any] = {}
    for each in fields(message):
        name, kind = each.metadata["wire"]
        value, where = getattr(message, each.name), _under(path, spelling.write(name))
        if value is not None:
            written[spelling.write(name)] = _checked(kind.write, value, spelling, where)
        elif each.default is MISSING:
            raise InputError(where, value, "required")
    return written


def read_message(kind: type[Message], raw: Any, spelling: Spelling, path: str = "") -> Message:
    """The message in a JSON object. Raises InputError naming the field that is missing or wrong."""
    if not isinstance(raw, dict):
        raise InputError(path or "Data", raw, "a JSON object")
    assert is_dataclass(kind)
    values: dict[str, Any] = {}
    for each in fields(kind):
        name, rule = each.metadata["wire"]
        value, where = spelling.find(name, raw), _under(path, spelling.write(name))
        optional = each.default is not MISSING
        if value is None or (value == "" and optional):
            if not optional:
                raise InputError(where, None, "required")
            continue
        values[each.name] = _checked(rule.read, value, spelling, where)
    return kind(**values)


def rounded(value: float | Decimal, places: int) -> Decimal:
    """A number with so many decimals, halves away from zero."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _of_our_time(at: datetime) -> datetime:
    """Years at the ends of the calendar exist in no other zone, and nobody means them."""
    if not 2000 <= at.year < 2200:
        raise ValueError
    return at


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _checked(act: Any, value: Any, spelling: Spelling, path: str) -> Any:
    try:
        return act(value, spelling, path)
    except ValueError as error:
        raise InputError(path, value, str(error)) from None
