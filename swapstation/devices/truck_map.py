"""A vendor's truck link as data: which DBC signal is which field of the truck, and what message an order is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from swapstation.model.command import Command
from swapstation.protocol.dbc import Message, Signal
from swapstation.protocol.registers import Value

COMMAND_ID = "{command_id}"
FLAG_WORDS: Mapping[str, Value] = {"Yes": True, "No": False, "Error": None, "NotAvailable": None}
"""The two-bit flags of J1939-71 need no words of their own."""


@dataclass(frozen=True, slots=True)
class SignalUse:
    """One signal of one message; `words` turn the names of its values into ours."""

    message: str
    signal: Signal
    factor: float = 1.0
    words: Mapping[str, Value] = field(default_factory=dict)

    def read(self, word: int) -> Value:
        """The value in a payload, None when it is not available. ValueError when it is outside its limits."""
        raw = (word >> self.signal.start) & self.signal.all_ones
        if self.signal.choices:
            name = dict(self.signal.choices).get(raw)
            if name is None and raw != self.signal.all_ones:
                raise ValueError(f"{self.signal.name} = {raw}: not a known value")
            return None if name is None else self.words.get(name, name)
        if raw == self.signal.all_ones:
            return None
        value = raw * self.signal.scale + self.signal.offset
        if not self.signal.minimum <= value <= self.signal.maximum:
            raise ValueError(f"{self.signal.name} = {value:g}: outside its limits")
        return value * self.factor

    def text(self, word: int) -> str:
        """The ASCII characters of a payload, first one in the lowest byte. ValueError when they are none."""
        raw = (word >> self.signal.start) & self.signal.all_ones
        text = raw.to_bytes(self.signal.length // 8, "little").rstrip(b"\xff\x00 ")
        if not re.fullmatch(rb"[\x21-\x7e]*", text):
            raise ValueError(f"{self.signal.name}: not ASCII")
        return text.decode()


@dataclass(frozen=True, slots=True)
class TextParts:
    """A text that comes in `parts` frames, told apart by the signal `part`; `battery` is the pack it belongs to."""

    text: SignalUse
    part: SignalUse
    parts: int
    battery: SignalUse | None = None


@dataclass(frozen=True, slots=True)
class OrderFrame:
    """The message of one order: its signals' values, where `COMMAND_ID` stands for the id."""

    message: Message
    values: Mapping[str, Value]

    @property
    def highest_id(self) -> int:
        """The highest id that the message can carry."""
        return int(min(signal.maximum for signal in self.message.signals if self.values.get(signal.name) == COMMAND_ID))

    def data(self, command_id: int, fill: int) -> bytes:
        """The payload; unused bits are `fill`. Raises ValueError when a signal cannot carry its value."""
        word = (1 << 8 * self.message.length) - 1 if fill else 0
        for signal in self.message.signals:
            if signal.name in self.values:
                value = self.values[signal.name]
                raw = raw_of(signal, command_id if value == COMMAND_ID else value)
                word = word & ~signal.mask | raw << signal.start
        return word.to_bytes(self.message.length, "little")


@dataclass(frozen=True, slots=True)
class TruckMap:
    """Everything an adapter needs to know of one maker's truck link; `gone_s` of silence make it another truck."""

    fields: Mapping[str, SignalUse]
    vin: TextParts
    code: TextParts
    orders: Mapping[type[Command], OrderFrame]
    can_ids: Mapping[int, Message]
    gone_s: float
    fill: int


def raw_of(signal: Signal, value: Value) -> int:
    """The bits of a value or of the name of one. ValueError says what the signal can carry."""
    if isinstance(value, str):
        raws = {name: raw for raw, name in signal.choices}
        if value not in raws:
            raise ValueError(f"{signal.name} = {value!r}, allowed: {', '.join(raws) or 'a number'}")
        return raws[value]
    if not isinstance(value, int | float) or not signal.minimum <= value <= signal.maximum:
        raise ValueError(f"{signal.name} = {value!r}, allowed: {signal.minimum:g} to {signal.maximum:g} {signal.unit}")
    return round((value - signal.offset) / signal.scale)
