"""Binds DBC messages to dataclasses and packs their fields: flags, enums, numbers and text on one integer per frame."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from swapstation.errors import ConfigurationError, InputError
from swapstation.protocol.dbc import Message, Signal
from swapstation.protocol.node import Malformed

MessageT = TypeVar("MessageT")

_UNIT_SUFFIXES = {"": "", "V": "_v", "A": "_a", "degC": "_c", "%": "_pct"}
_FLAG_CHOICES = ((0, "No"), (1, "Yes"), (2, "Error"), (3, "NotAvailable"))
_ERROR_INDICATOR = 0xFE  # J1939-71: highest byte FE means error, FF not available


class _Refused(Exception):
    """A field's raw value is not allowed; never leaves this module."""


class _Field(ABC):
    def __init__(self, name: str, signal: Signal, optional: bool) -> None:
        self.name = name
        self.signal = signal
        self.optional = optional

    def read(self, word: int) -> object:
        raw = (word >> self.signal.start) & self.signal.all_ones
        value = self.from_raw(raw)
        if value is None and not self.optional:
            raise _Refused(f"{self.name}: not available")
        return value

    def write(self, value: object) -> int:
        if value is None and not self.optional:
            raise InputError(self.name, value, "a value; this field cannot be left out")
        raw = self.signal.all_ones if value is None else self.to_raw(value)
        return raw << self.signal.start

    @abstractmethod
    def from_raw(self, raw: int) -> object: ...

    @abstractmethod
    def to_raw(self, value: Any) -> int: ...


class _Flag(_Field):
    def from_raw(self, raw: int) -> bool | None:
        return (False, True, None, None)[raw]

    def to_raw(self, value: bool) -> int:
        return int(value)


class _Number(_Field):
    def from_raw(self, raw: int) -> float | None:
        if raw >> max(self.signal.length - 8, 0) >= _ERROR_INDICATOR:
            return None
        value = self.signal.value(raw)
        if not self.signal.allows(value):
            raise _Refused(f"{self.name} = {value:g}: outside {self._limits}")
        return value

    def to_raw(self, value: float) -> int:
        if not self.signal.allows(value):
            raise InputError(self.name, value, f"allowed: {self._limits}")
        return self.signal.raw(value)

    @property
    def _limits(self) -> str:
        return f"{self.signal.minimum:g} to {self.signal.maximum:g} {self.signal.unit}".rstrip()


class _Count(_Number):
    def from_raw(self, raw: int) -> int | None:
        value = super().from_raw(raw)
        return None if value is None else int(value)


class _Text(_Field):
    """ASCII, first character in the lowest byte; trailing FF bytes are unused."""

    def from_raw(self, raw: int) -> str:
        text = raw.to_bytes(self.signal.length // 8, "little").rstrip(b"\xff")
        if not re.fullmatch(rb"[\x20-\x7e]*", text):
            raise _Refused(f"{self.name}: not ASCII")
        return text.decode()

    def to_raw(self, value: str) -> int:
        size = self.signal.length // 8
        if not re.fullmatch(r"[\x20-\x7e]*", value) or len(value) > size:
            raise InputError(self.name, value, f"allowed: up to {size} ASCII characters")
        return int.from_bytes(value.encode().ljust(size, b"\xff"), "little")


class _Choice(_Field):
    def __init__(self, name: str, signal: Signal, optional: bool, enum: type[StrEnum]) -> None:
        super().__init__(name, signal, optional)
        self._members = {raw: enum(_snake_case(text)) for raw, text in signal.choices}
        self._raws = {member: raw for raw, member in self._members.items()}

    def from_raw(self, raw: int) -> StrEnum | None:
        if raw == self.signal.all_ones:
            return None
        if raw not in self._members:
            raise _Refused(f"{self.name} = {raw}: not a known value")
        return self._members[raw]

    def to_raw(self, value: StrEnum) -> int:
        return self._raws[value]


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class MessageCodec(Generic[MessageT]):
    """One message: 8 data bytes to its dataclass and back; unused bits are sent as 1 (J1939)."""

    def __init__(self, message: Message, kind: type[MessageT], codecs: tuple[_Field, ...]) -> None:
        self.name = message.name
        self.can_id = message.can_id
        self.message = message
        self._length = message.length
        self._kind = kind
        self._fields = codecs
        used = sum(field.signal.all_ones << field.signal.start for field in codecs)
        self._unused = ((1 << 8 * message.length) - 1) ^ used

    def decode(self, data: bytes) -> MessageT | Malformed:
        if len(data) != self._length:
            return Malformed(self.name, f"{len(data)} bytes, allowed: {self._length}", data)
        word = int.from_bytes(data, "little")
        try:
            return self._kind(*[field.read(word) for field in self._fields])
        except _Refused as refused:
            return Malformed(self.name, str(refused), data)

    def encode(self, message: MessageT) -> bytes:
        word = self._unused
        for field in self._fields:
            word |= field.write(getattr(message, field.name))
        return word.to_bytes(self._length, "little")


def bind(
    source: str, messages: tuple[Message, ...], kinds: Mapping[str, type[MessageT]], enums: Mapping[str, type[StrEnum]]
) -> dict[str, MessageCodec[MessageT]]:
    """Bind each DBC message to its dataclass; enums are named "Message.Signal".

    Raises ConfigurationError for a message, field, enum or unit that the DBC and the dataclasses do not share.
    """
    mistakes = [f"{source}: message {name} is in only one of DBC and software" for name in _differing(messages, kinds)]
    codecs = {}
    for message in messages:
        if message.name in kinds:
            try:
                codecs[message.name] = _bind_message(message, kinds[message.name], enums)
            except ValueError as error:
                mistakes.append(f"{source}: message {message.name}: {error}")
    if mistakes:
        raise ConfigurationError(mistakes)
    return codecs


def _differing(messages: tuple[Message, ...], kinds: Mapping[str, object]) -> list[str]:
    return sorted({message.name for message in messages} ^ set(kinds))


def _bind_message(message: Message, kind: type[MessageT], enums: Mapping[str, type[StrEnum]]) -> MessageCodec[MessageT]:
    hints = get_type_hints(kind)
    names = [_field_name(signal) for signal in message.signals]
    expected = list(hints)
    if names != expected:
        raise ValueError(f"signals {', '.join(names)}; the software has {', '.join(expected)}")
    codecs = []
    for name, signal in zip(names, message.signals, strict=True):
        optional = NoneType in get_args(hints[name])
        enum = enums.get(f"{message.name}.{signal.name}")
        codecs.append(_field(name, signal, optional, enum))
    return MessageCodec(message, kind, tuple(codecs))


def _field_name(signal: Signal) -> str:
    if signal.unit not in _UNIT_SUFFIXES:
        raise ValueError(
            f"signal {signal.name}: unit {signal.unit!r}, allowed: {', '.join(filter(None, _UNIT_SUFFIXES))}"
        )
    return _snake_case(signal.name) + _UNIT_SUFFIXES[signal.unit]


def _field(name: str, signal: Signal, optional: bool, enum: type[StrEnum] | None) -> _Field:
    if signal.choices == _FLAG_CHOICES:
        return _Flag(name, signal, optional)
    if signal.choices:
        if enum is None or {_snake_case(text) for _, text in signal.choices} != set(enum):
            raise ValueError(f"signal {signal.name}: its values are not those of {enum}")
        return _Choice(name, signal, optional, enum)
    if signal.name == "Text":
        return _Text(name, signal, optional)
    if signal.scale == 1.0 and signal.offset == 0.0:
        return _Count(name, signal, optional)
    return _Number(name, signal, optional)
