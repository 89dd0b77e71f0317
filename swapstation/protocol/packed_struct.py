"""Packed C structs as data: messages of fixed size, fields at offsets, little-endian, behind a magic word and an id.

A value of a field is an int, float, bool or enum word; None where the device says "no value"; a tuple for an array.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from swapstation.errors import InputError

HEADER_BYTES = 3
CODES = {"u8": "B", "bool": "B", "u16": "H", "i16": "h", "u32": "I", "f32": "f"}
"""Types of fields and their code for `struct`; a bool is a whole byte (0 or 1), or one bit of it with `bit`."""

Scalar = int | float | bool | str | None
PackedValue = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One named value: `zero` is what raw 0 means, `none` the raw number for "no value".

    An enum that is `open` tells a number it does not list by its digits; any other unlisted number is not valid.
    """

    name: str
    offset: int
    type: str
    bit: int | None = None
    count: int | None = None
    none: int | None = None
    zero: int = 0
    open: bool = False
    enum: Mapping[str, int] = field(default_factory=dict)
    unit: str = ""
    text: str = ""

    @property
    def size(self) -> int:
        """Bytes the field takes."""
        return struct.calcsize(CODES[self.type]) * (self.count or 1)

    def read(self, body: bytes) -> PackedValue:
        """The value in a message's bytes. Raises ValueError when they are none of its values."""
        raws = struct.unpack_from(f"<{self.count or 1}{CODES[self.type]}", body, self.offset)
        values = tuple(self._value(raw) for raw in raws)
        return values[0] if self.count is None else values

    def write(self, value: PackedValue, body: bytearray) -> None:
        """Put a value into a message's bytes. Raises InputError when the field cannot carry it."""
        values = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) != (self.count is not None) or len(values) != (self.count or 1):
            raise InputError(self.name, value, f"allowed: {self.count or 'one'} value")
        raws = [self._raw(each) for each in values]
        if self.bit is not None:
            raws = [body[self.offset] & ~(1 << self.bit) | int(raws[0]) << self.bit]
        try:
            struct.pack_into(f"<{len(raws)}{CODES[self.type]}", body, self.offset, *raws)
        except (struct.error, OverflowError) as error:
            raise InputError(self.name, value, f"allowed: what a {self.type} holds") from error

    def _value(self, raw: int | float) -> Scalar:
        if isinstance(raw, float):
            if not isfinite(raw):
                raise ValueError(f"{self.name} is not a number")
            return raw
        if self.bit is not None:
            return bool(raw >> self.bit & 1)
        if self.type == "bool":
            if raw > 1:
                raise ValueError(f"{self.name} is {raw}")
            return raw == 1
        if raw == self.none:
            return None
        return self._word(raw) if self.enum else raw + self.zero

    def _word(self, raw: int) -> str:
        word = next((word for word, number in self.enum.items() if number == raw), None)
        if word is None and not self.open:
            raise ValueError(f"{self.name} is {raw}")
        return word or str(raw)

    def _raw(self, value: Scalar) -> int | float:
        if value is None and self.none is not None:
            return self.none
        if self.enum:
            if not isinstance(value, str) or value not in self.enum:
                raise InputError(self.name, value, f"allowed: {', '.join(self.enum)}")
            return self.enum[value]
        if self.type == "bool":
            if not isinstance(value, bool):
                raise InputError(self.name, value, "allowed: true, false")
            return int(value)
        kinds = (int, float) if self.type == "f32" else int
        if not isinstance(value, kinds) or isinstance(value, bool) or not isfinite(value):
            raise InputError(self.name, value, f"allowed: a number that a {self.type} holds")
        raw = value - self.zero
        if raw == self.none:
            raise InputError(self.name, value, "this number means no value")
        return raw


@dataclass(frozen=True, slots=True)
class MessageLayout:
    """One message: `size` in bytes with its header, `sender` "station" or "plc", `period_s` of the cyclic sending."""

    name: str
    id: int
    size: int
    sender: str
    period_s: float
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Packed:
    """One whole, valid message."""

    name: str
    values: Mapping[str, PackedValue]


@dataclass(frozen=True, slots=True)
class PackedLayout:
    """All messages of one device by name; `magic` is the u16 that every message begins with."""

    name: str
    version: int
    magic: int
    messages: Mapping[str, MessageLayout]

    def message_of(self, header: bytes) -> MessageLayout | None:
        """The message that these three bytes begin, None when they begin none."""
        magic, number = struct.unpack("<HB", header)
        if magic != self.magic:
            return None
        return next((message for message in self.messages.values() if message.id == number), None)

    def decode(self, message: MessageLayout, body: bytes) -> Packed:
        """The values of a message of its size. Raises ValueError naming a field that holds none of its values."""
        return Packed(message.name, {name: each.read(body) for name, each in message.fields.items()})

    def encode(self, name: str, values: Mapping[str, PackedValue]) -> bytes:
        """The bytes of a message; fields without a value are "no value", else 0.

        Raises InputError naming a field that is unknown or cannot carry its value.
        """
        message = self.messages[name]
        body = bytearray(message.size)
        struct.pack_into("<HB", body, 0, self.magic, message.id)
        for field_name in values:
            if field_name not in message.fields:
                raise InputError(f"{self.name}.{name}", field_name, f"allowed: {', '.join(message.fields)}")
        for field_name, each in message.fields.items():
            if field_name in values:
                each.write(values[field_name], body)
            elif each.none is not None:
                each.write(None if each.count is None else (None,) * each.count, body)
        return bytes(body)
