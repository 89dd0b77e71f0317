"""Fields of GB/T 27930 that are made of several signals: versions, clocks, and words out of bit pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args

from swapstation.errors import InputError
from swapstation.protocol.can_fields import Field, member_named
from swapstation.protocol.dbc import Signal


def _mask(signals: Sequence[Signal]) -> int:
    return sum(signal.mask for signal in signals)


@dataclass(frozen=True, slots=True)
class VersionField:
    """The version as "major.minor"."""

    where: str
    minor: Signal
    major: Signal

    @property
    def mask(self) -> int:
        return _mask((self.minor, self.major))

    def read(self, payload: int) -> str:
        minor, major = (payload >> each.start & each.all_ones for each in (self.minor, self.major))
        return f"{major}.{minor}"

    def write(self, value: object) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,5}\.[0-9]{1,3}", value):
            raise InputError(self.where, value, 'a version such as "1.1"')
        major, minor = map(int, value.split("."))
        if major > self.major.all_ones or minor > self.minor.all_ones:
            raise InputError(self.where, value, f"up to {self.major.all_ones}.{self.minor.all_ones}")
        return major << self.major.start | minor << self.minor.start


class Version:
    """Protocol version "major.minor" out of the signals VersionMinor and VersionMajor; "1.1" is `01 01 00`."""

    def field(self, where: str, kind: Any, signals: Sequence[Signal]) -> Field:
        by_name = {signal.name: signal for signal in signals}
        return VersionField(where, by_name["VersionMinor"], by_name["VersionMajor"])


@dataclass(frozen=True, slots=True)
class ClockField:
    """Seven BCD bytes as a text, None when they are none."""

    where: str
    mask: int

    def read(self, payload: int) -> str | None:
        pairs = (payload & self.mask).to_bytes(7, "little")
        second, minute, hour, day, month, low, high = (f"{pair:02X}" for pair in pairs)
        text = f"{high}{low}-{month}-{day} {hour}:{minute}:{second}"
        return text if re.fullmatch(r"[0-9: -]+", text) else None

    def write(self, value: object) -> int:
        if value is None:
            return self.mask
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value, re.ASCII):
            raise InputError(self.where, value, '"YYYY-MM-DD hh:mm:ss"')
        year, month, day, hour, minute, second = re.split("[- :]", value)
        return int.from_bytes(bytes.fromhex(second + minute + hour + day + month + year[2:] + year[:2]), "little")


class Clock:
    """Local time in 7 BCD bytes, seconds first, as "YYYY-MM-DD hh:mm:ss"; anything that is not BCD reads as None."""

    def field(self, where: str, kind: Any, signals: Sequence[Signal]) -> Field:
        return ClockField(where, _mask(signals))


@dataclass(frozen=True, slots=True)
class WordsField:
    """Pairs of bits, each with a word per value: the words whose pair holds that value, as (first bit, value, word)."""

    where: str
    mask: int
    words: tuple[tuple[int, int, Enum], ...]

    def read(self, payload: int) -> tuple[Enum, ...]:
        return tuple(word for bit, raw, word in self.words if payload >> bit & 0b11 == raw)

    def write(self, value: object) -> int:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InputError(self.where, value, "a tuple of words")
        pairs: dict[int, int] = {}
        for wanted in value:
            bit, raw = next(((b, r) for b, r, word in self.words if word is wanted), (0, 0))
            if raw == 0 or pairs.setdefault(bit, raw) != raw:
                allowed = ", ".join(word.name for _, _, word in self.words)
                raise InputError(self.where, wanted, f"one word per pair out of {allowed}")
        return sum(raw << bit for bit, raw in pairs.items())


@dataclass(frozen=True, slots=True)
class Words:
    """The words of all pairs with this value in the DBC; the signal's name is the word. None: each value is a word."""

    value: str | None = None

    def field(self, where: str, kind: Any, signals: Sequence[Signal]) -> Field:
        enum = get_args(kind)[0]
        words = tuple(
            (signal.start, raw, member_named(text if self.value is None else signal.name, enum))
            for signal in signals
            for raw, text in signal.choices
            if (raw > 0 if self.value is None else text == self.value)
        )
        if {word for _, _, word in words} != set(enum):
            raise ValueError(f"its words are not those of {enum.__name__}")
        return WordsField(where, _mask(signals), words)
