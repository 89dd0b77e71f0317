"""A vendor's polled device as data: which register feeds which field of a device state, which writes make an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from swapstation.devices.adapter import DeviceState
from swapstation.devices.fault_texts import unlisted
from swapstation.devices.state_fields import StateField
from swapstation.model.command import Command
from swapstation.model.vendor_alarm import VendorAlarm
from swapstation.protocol.registers import RegisterMap, Value

Values = Mapping[str, tuple[Mapping[str, Value], float]]
"""Decoded points of each block that was read, and when it was."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One point that feeds one field. `words` turns the names of its enum into the field's own words."""

    block: str
    point: str
    to: StateField
    factor: float = 1.0
    words: Mapping[str, Value] = field(default_factory=dict)

    def read(self, values: Values, ratio: float) -> object:
        """The field's value, None when it is absent. ValueError when the device says what its map does not know."""
        value = values[self.block][0][self.point]
        if value is None:
            return None
        if isinstance(value, str):
            value = self.words.get(value, value)
        elif isinstance(value, int | float) and not isinstance(value, bool) and self.to.type is float:
            value = value * self.factor * ratio
        return self.to.convert(value)


@dataclass(frozen=True, slots=True)
class Write:
    """One write of neighbouring points; a text in braces stands for a parameter of the command, or its id."""

    block: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class AlarmBit:
    """Stands while a point's `bit` is set, or while the point has the value `equals`."""

    block: str
    point: str
    bit: int | None
    equals: int | None
    alarm: VendorAlarm

    def stands(self, values: Values) -> bool:
        raw = values[self.block][0][self.point] if self.block in values else None
        if not isinstance(raw, int):
            return False
        return raw == self.equals if self.bit is None else bool(raw >> self.bit & 1)


@dataclass(frozen=True, slots=True)
class DeviceMap:
    """Registers of one device and what they mean. `unit` is "wire" (the URL's) or "bay" (unit id = bay number)."""

    registers: RegisterMap
    unit: str
    bay_stride: int
    feeds: tuple[Feed, ...]
    constants: Mapping[StateField, object]
    orders: Mapping[type[Command], tuple[Write, ...]]
    alarms: tuple[AlarmBit, ...] = ()

    @property
    def polled(self) -> Iterator[str]:
        """Blocks that are read, each once."""
        return (name for name, block in self.registers.blocks.items() if block.period_s is not None)

    def complaints(self, values: Values) -> tuple[VendorAlarm, ...]:
        """What stands by the map's alarms, and the number of a fault code that none of them explains."""
        standing = [bit for bit in self.alarms if bit.stands(values)]
        explained = {(bit.block, bit.point) for bit in standing}
        codes = (
            values[feed.block][0][feed.point]
            for feed in self.feeds
            if feed.to.name == "fault_code" and feed.block in values and (feed.block, feed.point) not in explained
        )
        return (*(bit.alarm for bit in standing), *(unlisted(str(code)) for code in codes if code))

    def states(self, values: Values, now_s: float, ratio: float = 1.0) -> Iterator[tuple[DeviceState, float]]:
        """Each state that can be told, and when the oldest of its required values was read.

        An optional value older than its block's age limit is absent. An absent required value takes the state away.
        ValueError when a value is not one the map knows.
        """
        for kind in dict.fromkeys(feed.to.state for feed in self.feeds):
            found = self._state(kind, values, now_s, ratio)
            if found is not None:
                yield found

    def _state(
        self, kind: type[DeviceState], values: Values, now_s: float, ratio: float
    ) -> tuple[DeviceState, float] | None:
        told: dict[str, Any] = {to.name: value for to, value in self.constants.items() if to.state is kind}
        phases: dict[str, dict[int, object]] = {}
        received_s = float("inf")
        for feed in (feed for feed in self.feeds if feed.to.state is kind):
            scale = ratio if feed.to.name.endswith(("_kwh", "_kw", "_a")) else 1.0
            absent = feed.block not in values or (feed.to.optional and self._is_old(feed.block, values, now_s))
            value = None if absent else feed.read(values, scale)
            if feed.to.index:
                phases.setdefault(feed.to.name, {})[feed.to.index] = value
            elif value is None and not feed.to.optional:
                return None
            else:
                told[feed.to.name] = value
                received_s = received_s if feed.to.optional else min(received_s, values[feed.block][1])
        for name, places in phases.items():
            told[name] = tuple(places[at] for at in sorted(places)) if None not in places.values() else ()
        return kind(**told), received_s

    def _is_old(self, block: str, values: Values, now_s: float) -> bool:
        limit_s = self.registers.blocks[block].age_limit_s
        return limit_s is not None and now_s - values[block][1] > limit_s
