"""What of a scan cycle goes into the trace: every change, in lines that stand for themselves. Pure, no clock.

A word, a flag or a whole number that changes is told at once, a measured value at most once a second. The first lines
of a segment tell everything, so that a segment can be read without those before it (docs/black_box.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from typing import Any

from swapstation.model.alarm import Alarm
from swapstation.model.command import Command
from swapstation.model.journal import Record
from swapstation.model.seen import Seen
from swapstation.model.snapshot import BayState, RefusedCommand, Snapshot, StationState

FINE_PERIOD_S = 1.0
"""A value that only measures is told no more often than this."""
ALIVE_PERIOD_S = 10.0
"""Where nothing changes for so long, a line says that the recorder lives."""

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One scan cycle: what was seen, what the station made of it, what left and what was written down."""

    snapshot: Snapshot
    state: StationState
    alarms: tuple[Alarm, ...] = ()
    refused: tuple[RefusedCommand, ...] = ()
    commands: tuple[tuple[Command, int], ...] = ()
    records: tuple[Record, ...] = ()


class Change(IntEnum):
    """How much a value differs from an earlier one; FINE: in measured numbers only."""

    NONE = 0
    FINE = 1
    COARSE = 2


def change(before: object, now: object) -> Change:
    """Compare two values of any depth."""
    if before is now or before == now:
        return Change.NONE
    if type(before) is not type(now):
        return Change.COARSE
    if isinstance(now, float):
        return Change.FINE
    if is_dataclass(now):
        return _worst((getattr(before, each.name), getattr(now, each.name)) for each in fields(now))
    if isinstance(now, tuple) and isinstance(before, tuple) and len(now) == len(before):
        return _worst(zip(before, now, strict=True))
    return Change.COARSE


def _worst(pairs: Iterator[tuple[object, object]]) -> Change:
    return max((change(before, now) for before, now in pairs), default=Change.NONE)


def signals(moment: Moment) -> Iterator[tuple[str, str, object]]:
    """Every signal of a cycle: its name, its quality, its value."""
    now = moment.snapshot
    inventory = now.inventory
    yield "station", "good", _station(moment)
    yield "alarms", "good", {alarm.alarm: alarm.state.value for alarm in moment.alarms}
    yield "refused", "good", {each.command: each.reasons for each in (*now.refused, *moment.refused)}
    yield "places", "good", {each.battery: each.place for each in inventory.batteries}
    yield "unsound", "good", tuple(each.battery for each in inventory.batteries if not each.sound)
    devices: Mapping[str, Seen[Any]] = {
        "robot": now.robot,
        "safety": now.safety,
        "truck": now.truck,
        "meter": now.meter,
        "fire_panel": now.fire_panel,
    }
    for name, device in devices.items():
        yield name, device.quality.value, device.value
    for bay in now.bays:
        yield from _bay(bay)
    for link in now.links:
        yield f"link.{link.name}", "good", {"connected": link.connected, "last_error": link.last_error}


def _station(moment: Moment) -> dict[str, object]:
    now, inventory = moment.snapshot, moment.snapshot.inventory
    swap, job = inventory.swap, inventory.job
    return {
        "state": moment.state.value,
        "mode": inventory.mode.mode.value,
        "confirmed": now.confirmed,
        "swap": swap.swap if swap else None,
        "swap_step": swap.step if swap else None,
        "job": job.job if job else None,
        "job_step": job.step if job else None,
        "journal_error": now.journal_error,
    }


def _bay(bay: BayState) -> Iterator[tuple[str, str, object]]:
    devices: Mapping[str, Seen[Any]] = {
        "io": bay.io,
        "modules": bay.modules,
        "charger": bay.charger,
        "charge": bay.charge,
        "cells": bay.cells,
    }
    for name, device in devices.items():
        yield f"{bay.place}.{name}", device.quality.value, device.value
    yield f"{bay.place}.demand", "good", bay.demand


@dataclass(slots=True)
class _Told:
    """What was last told under a name, and when."""

    quality: str
    value: object
    at_s: float


class Trace:
    """Remembers what was told and says what is new."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._line_s = float("-inf")

    def begin(self) -> None:
        """Tell everything anew with the next cycle."""
        self._told.clear()

    def lines(self, moment: Moment) -> list[Line]:
        """The new lines of a cycle, in the order in which things happen: seen, written down, sent."""
        now_s = moment.snapshot.now_s
        stamp: Line = {"t": round(now_s, 3), "at": moment.snapshot.at}
        told: list[Line] = [
            {**stamp, "kind": "signal", "name": name, "quality": quality, "value": value}
            for name, quality, value in signals(moment)
            if self._is_new(name, quality, value, now_s)
        ]
        for record in moment.records:
            told.append({**stamp, "kind": "record", "record": type(record).__name__, "body": record})
        for command, command_id in moment.commands:
            name = f"command {type(command).__name__} {getattr(command, 'bay', '')}"
            if command_id or self._is_new(name, "good", command, now_s):
                sent = {"command": type(command).__name__, "command_id": command_id, "parameters": command}
                told.append({**stamp, "kind": "command", **sent})
        if not told and now_s - self._line_s >= ALIVE_PERIOD_S:
            told.append({**stamp, "kind": "alive"})
        if told:
            self._line_s = now_s
        return told

    def _is_new(self, name: str, quality: str, value: object, now_s: float) -> bool:
        """Whether to tell a value; an order that is given again says so once a second, as a measured value does."""
        known = self._told.get(name)
        if known is not None:
            differs = Change.COARSE if known.quality != quality else change(known.value, value)
            repeated = name.startswith("command ") and differs is Change.NONE
            if differs is Change.NONE and not repeated:
                return False
            if differs is not Change.COARSE and now_s - known.at_s < FINE_PERIOD_S:
                return False
        self._told[name] = _Told(quality, value, now_s)
        return True
