"""Reads a vendor's truck link from TOML beside its DBC; every mistake has its line.

dbc = "truck.dbc"                               beside this file; 29-bit, little-endian, unsigned, with limits
gone_s = 2.0                                    after this silence it may be another truck
fill = 1                                        what unused bits of an order are
[signals]  lock = "SwapState.LockPosition"      each field of the truck: message and signal
[words]    lock = { Open = "unlocked", ... }    what the names of a signal's values mean; "unknown": not available
[vin], [code]                                   text, part = signals, parts = how many; code also battery
[order.UnlockTruck]                             message, and values: a number, a name, or "{command_id}"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from swapstation.devices.state_fields import field_of, unit_factor
from swapstation.devices.truck_map import COMMAND_ID, FLAG_WORDS, OrderFrame, SignalUse, TextParts, TruckMap, raw_of
from swapstation.errors import ConfigurationError
from swapstation.model.command import Command, LockTruck, ReleaseTruck, UnlockTruck
from swapstation.model.device import Truck
from swapstation.protocol.dbc import Message, load_dbc
from swapstation.protocol.registers import Value
from swapstation.toml_lines import KeyPath, key_lines

T = TypeVar("T")

REQUIRED = (
    *("lock", "parking_brake_set", "key_off", "gear_neutral", "hv_powered_down"),
    *("connector_mated", "battery_present", "receipt_id"),
)
OPTIONAL = ("soc_pct", "protocol_version")
_ORDERS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in (UnlockTruck, LockTruck, ReleaseTruck)}
_KEYS = {"name", "version", "dbc", "gone_s", "fill", "signals", "words", "vin", "code", "order"}
_LONGEST_GONE_S = 60.0
_UNKNOWN = "unknown"


def load_truck_map(path: Path) -> TruckMap:
    """The map in a file. ConfigurationError with every mistake in it: file, line, key, allowed."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from None
    messages = {message.name: message for message in load_dbc(path.parent / str(data.get("dbc", "")))}
    return _Reading(path, data, key_lines(text), messages).truck_map()


@dataclass(slots=True)
class _Reading:
    """One pass over a map that collects mistakes instead of stopping at the first."""

    path: Path
    data: dict[str, Any]
    lines: dict[KeyPath, int]
    messages: Mapping[str, Message]
    mistakes: list[str] = field(default_factory=list)

    def truck_map(self) -> TruckMap:
        for key in self.data.keys() - _KEYS:
            self._mistake((key,), f"unknown key {key!r}, allowed: {', '.join(sorted(_KEYS))}")
        gone_s, fill = self.data.get("gone_s", 2.0), self.data.get("fill", 1)
        if not isinstance(gone_s, int | float) or not 0 < gone_s <= _LONGEST_GONE_S:
            self._mistake(("gone_s",), f"gone_s = {gone_s!r}, allowed: more than 0, up to {_LONGEST_GONE_S:g} s")
        if fill not in (0, 1):
            self._mistake(("fill",), f"fill = {fill!r}, allowed: 0, 1")
        uses = {name: self._try(("signals", name), self._field, name) for name in self._table("signals")}
        for name in REQUIRED:
            if name not in uses:
                self._mistake(("signals",), f"signals: {name} is missing")
        vin, code = (self._try((key,), self._text, key) for key in ("vin", "code"))
        orders = {name: self._try(("order", name), self._order, name) for name in self._table("order")}
        for name in _ORDERS.keys() - orders.keys():
            self._mistake(("order",), f"order: {name} is missing")
        if self.mistakes or vin is None or code is None:
            raise ConfigurationError(self.mistakes)
        return TruckMap(
            {name: use for name, use in uses.items() if use is not None},
            vin,
            code,
            {_ORDERS[name]: order for name, order in orders.items() if order is not None},
            {message.can_id: message for message in self.messages.values()},
            float(gone_s),
            fill,
        )

    def _field(self, name: str) -> SignalUse:
        if name not in (*REQUIRED, *OPTIONAL):
            raise ValueError(f"no field of the truck, allowed: {', '.join((*REQUIRED, *OPTIONAL))}")
        use = self._signal(str(self.data["signals"][name]))
        to = field_of(f"Truck.{name}", {"Truck": Truck})
        given = {word: None if ours == _UNKNOWN else ours for word, ours in self._words(name).items()}
        words: dict[str, Value] = {**(FLAG_WORDS if to.type is bool else {}), **given}
        for _, choice in use.signal.choices:
            if choice not in words:
                raise ValueError(f"words.{name} says nothing of {choice}")
            if words[choice] is not None:
                to.convert(words[choice])
        if to.type is bool and not use.signal.choices:
            raise ValueError(f"{use.signal.name} has no named values (VAL_) in the DBC")
        return SignalUse(use.message, use.signal, unit_factor(name, use.signal.unit), words)

    def _words(self, name: str) -> Mapping[str, Value]:
        words = self._table("words").get(name, {})
        if not isinstance(words, dict):
            raise ValueError(f"words.{name} = {words!r}, allowed: a table")
        return words

    def _signal(self, place: str) -> SignalUse:
        name, _, signal = place.partition(".")
        if name not in self.messages:
            raise ValueError(f"{place!r}: no such message, the DBC has {', '.join(self.messages)}")
        signals = {each.name: each for each in self.messages[name].signals}
        if signal not in signals:
            raise ValueError(f"{place!r}: no such signal, {name} has {', '.join(signals)}")
        return SignalUse(name, signals[signal])

    def _text(self, key: str) -> TextParts:
        table = self._table(key)
        if not {"text", "part", "parts"} <= table.keys():
            raise ValueError("needs text, part and parts")
        text, part = self._signal(str(table["text"])), self._signal(str(table["part"]))
        battery = self._signal(str(table["battery"])) if "battery" in table else None
        if text.signal.length % 8 or {text.message} != {use.message for use in (part, battery or part)}:
            raise ValueError("text must be whole bytes; text, part and battery signals of one message")
        if not isinstance(table["parts"], int) or not 1 <= table["parts"] <= 8:
            raise ValueError(f"parts = {table['parts']!r}, allowed: 1 to 8")
        return TextParts(text, part, table["parts"], battery)

    def _order(self, name: str) -> OrderFrame:
        if name not in _ORDERS:
            raise ValueError(f"no order, allowed: {', '.join(_ORDERS)}")
        table = self._table("order")[name]
        message = self.messages.get(str(table.get("message")))
        if message is None:
            raise ValueError(f"message = {table.get('message')!r}, the DBC has {', '.join(self.messages)}")
        signals = {signal.name: signal for signal in message.signals}
        values = {key: value for key, value in table.items() if key != "message"}
        if COMMAND_ID not in values.values():
            raise ValueError(f'needs "{COMMAND_ID}" in a signal: without it a receipt cannot be told from an old one')
        for key, value in values.items():
            if key not in signals:
                raise ValueError(f"{key}: no such signal, {message.name} has {', '.join(signals)}")
            raw_of(signals[key], signals[key].maximum if value == COMMAND_ID else value)
        return OrderFrame(message, values)

    def _table(self, key: str) -> dict[str, Any]:
        table = self.data.get(key, {})
        return table if isinstance(table, dict) else {}

    def _try(self, at: KeyPath, read: Callable[[str], T], name: str) -> T | None:
        try:
            return read(name)
        except ValueError as error:
            self._mistake(at, f"{'.'.join(map(str, at))}: {error}")
            return None

    def _mistake(self, at: KeyPath, text: str) -> None:
        while at and at not in self.lines:
            at = at[:-1]
        self.mistakes.append(f"{self.path}:{self.lines.get(at, 1)}: {text}")
