"""The battery's own CAN, which it speaks to its truck: listens by a DBC per battery model, never sends.

A DBC of the maker becomes usable by naming its signals; all are unsigned, little-endian, with limits:

    FrameIndex                      number of the frame in a series, the first one 0 (turn it by the signal's offset)
    CellVoltage1 .. n   in V        the n cells of a frame: cell number = FrameIndex x n + 1 .. n
    Temperature1 .. n   in degC     likewise the probes
    CellCount, ProbeCount           how many there are; without them, as many as were told
    Vin, Maker, SoftwareVersion     ASCII; with a FrameIndex in parts, as many as its limits [0|n] say
    any other number                a fact of `BatteryCharge`, by its name and unit: Soc in % is soc_pct, MaxCell in V
                                    max_cell_v, Current in A current_a (positive into the battery: turn it by a
                                    negative scale)

What is outside its limits, or all ones, is not available. What came longer than 30 s ago is forgotten, and everything
after a silence of that long: another battery may stand there. The frames of a known battery are in
firmware_proto/dbc/battery_f3.dbc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from swapstation.errors import ConfigurationError
from swapstation.model.device import BatteryCells, BatteryCharge
from swapstation.protocol.can_fields import Field, Rules, field_name, field_of
from swapstation.protocol.dbc import Message, Signal, load_dbc
from swapstation.protocol.node import Frame

FORGOTTEN_S = 30.0

_WITHOUT_PRIORITY = 0x03FF_FFFF
_RULES = Rules(lenient=True)
_INDEX = "FrameIndex"
_ITEM = re.compile(r"(CellVoltage|Temperature)([0-9]+)")
_COUNTS = {"CellCount": "CellVoltage", "ProbeCount": "Temperature"}
_MOST = {_INDEX: 255, "CellCount": 2048, "ProbeCount": 2048}
_TEXTS = {"vin", "maker", "software_version"}
_FACTS: dict[str, Any] = {
    name: kind
    for name, kind in get_type_hints(BatteryCharge).items()
    if (kind in (int | None, float | None) or name in _TEXTS) and name != "bms_age_s"
}


@dataclass(slots=True)
class _Layout:
    """One message, of `frames` frames: the fields of its series (cells, probes, a text) in order, counts and facts."""

    length: int
    frames: int = 1
    index: Field | None = None
    series: dict[str, list[Field]] = field(default_factory=dict)
    counts: dict[str, Field] = field(default_factory=dict)
    facts: dict[str, Field] = field(default_factory=dict)


class _Part(NamedTuple):
    """What one frame of a series told, and when."""

    values: tuple[Any, ...]
    received_s: float


class BatteryCan:
    """A `CanNode` that reads what the battery tells its truck."""

    def __init__(self, messages: tuple[Message, ...]) -> None:
        """Raises ValueError for a signal whose name says nothing here, or a name that is in two messages."""
        self._layouts = {message.can_id & _WITHOUT_PRIORITY: _layout(message) for message in messages}
        layouts = self._layouts.values()
        names = [name for layout in layouts for name in (*layout.series, *layout.counts, *layout.facts)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name}: 在两个报文里 | is in two messages")
        self._text_parts = {name: layout.frames for layout in layouts for name in _TEXTS & layout.series.keys()}
        self.malformed = 0
        self._seen_s = -inf
        self._forget()

    @classmethod
    def load(cls, path: Path) -> BatteryCan:
        """Read a battery model's DBC. Raises ConfigurationError naming the file and what is wrong in it."""
        try:
            return cls(load_dbc(path))
        except ValueError as error:
            raise ConfigurationError([f"{path}: {error}"]) from None

    @property
    def can_ids(self) -> frozenset[int]:
        """The identifiers that are read, without their priority."""
        return frozenset(self._layouts)

    def battery_charge(self, now_s: float) -> BatteryCharge | None:
        """The facts that were told, at no phase (idle); None before the first and after a long silence."""
        age_s = now_s - self._seen_s
        if age_s > FORGOTTEN_S:
            return None
        texts = {name: self._text(name) for name in _TEXTS & self._parts.keys()}
        return BatteryCharge(**{**self._facts, **texts, "bms_age_s": age_s})

    @property
    def battery_cells(self) -> tuple[BatteryCells, float] | None:
        """The cells and probes that were told and when the oldest frame of them came."""
        received_s = [part.received_s for name in _COUNTS.values() for part in self._parts.get(name, {}).values()]
        if not received_s:
            return None
        return BatteryCells(*(self._items(name, count) for count, name in _COUNTS.items())), min(received_s)

    def receive(self, frame: Frame, now_s: float) -> None:
        layout = self._layouts.get(frame.can_id & _WITHOUT_PRIORITY)
        if layout is None or not frame.extended:
            return
        word = int.from_bytes(frame.data, "little")
        index = layout.index.read(word) if layout.index else 0
        if len(frame.data) != layout.length or index is None:
            self.malformed += 1
            return
        if now_s - self._seen_s > FORGOTTEN_S:
            self._forget()
        self._seen_s = now_s
        self._facts |= {name: fact.read(word) for name, fact in layout.facts.items()}
        self._counts |= {name: count.read(word) for name, count in layout.counts.items()}
        for name, fields in layout.series.items():
            known = self._parts.get(name, {})
            fresh = {at: part for at, part in known.items() if now_s - part.received_s <= FORGOTTEN_S}
            self._parts[name] = fresh | {index: _Part(tuple(each.read(word) for each in fields), now_s)}

    def due(self, now_s: float) -> tuple[Frame, ...]:
        return ()

    def next_deadline(self) -> float:
        return inf

    def _forget(self) -> None:
        self._facts: dict[str, Any] = {}
        self._counts: dict[str, Any] = {}
        self._parts: dict[str, dict[Any, _Part]] = {}

    def _items(self, name: str, count: str) -> tuple[float | None, ...]:
        """A series in its order, with a None for each item that is missing."""
        told = {
            index * len(part.values) + place: value
            for index, part in self._parts.get(name, {}).items()
            for place, value in enumerate(part.values)
        }
        return tuple(told.get(item) for item in range(self._counts.get(count) or max(told, default=-1) + 1))

    def _text(self, name: str) -> str | None:
        """A text once all its parts are there."""
        parts = [self._parts[name].get(index) for index in range(self._text_parts[name])]
        return "".join(part.values[0] or "" for part in parts if part) if all(parts) else None


def _layout(message: Message) -> _Layout:
    layout = _Layout(message.length)
    names = {signal.name for signal in message.signals}
    for signal in sorted(message.signals, key=_number):
        where = f"{message.name}.{signal.name}"
        item, fact = _ITEM.fullmatch(signal.name), field_name(signal)
        limit = _MOST.get(signal.name)
        if limit is not None and not 0 <= signal.minimum <= signal.maximum <= limit:
            raise ValueError(f"{where}: 上下限须在 0 到 {limit} 之间 | limits must lie between 0 and {limit}")
        if signal.name == _INDEX:
            layout.index, layout.frames = field_of(where, signal, int | None, _RULES), int(signal.maximum) + 1
        elif item:
            layout.series.setdefault(item[1], []).append(field_of(where, signal, float | None, _RULES))
        elif signal.name in _COUNTS:
            layout.counts[signal.name] = field_of(where, signal, int | None, _RULES)
        elif fact not in _FACTS:
            allowed = ", ".join((_INDEX, *_COUNTS, "CellVoltage1 ...", "Temperature1 ...", *_FACTS))
            raise ValueError(f"{where}: 不认识这个信号名, 可用的有 {allowed} | says nothing here; allowed: {allowed}")
        elif fact in _TEXTS and _INDEX in names:
            layout.series[fact] = [field_of(where, signal, str | None, _RULES)]
        else:
            layout.facts[fact] = field_of(where, signal, _FACTS[fact], _RULES)
    return layout


def _number(signal: Signal) -> int:
    item = _ITEM.fullmatch(signal.name)
    return int(item[2]) if item else 0
