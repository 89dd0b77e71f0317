"""The kinds of input that the permit's tests break: what a sensor says, what the record or the station says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from swapstation.model.command import Command
from swapstation.model.snapshot import Snapshot
from tests.station.situations import with_value

_BAYS: Mapping[str, tuple[str, ...]] = {
    "origin": ("bay", "from_bay"),
    "destination": ("to_bay", "bay"),
    "bay": ("bay",),
}


@dataclass(frozen=True, slots=True)
class DeviceInput:
    """A sensor an interlock reads. In `device` the bay is the command's `origin`, `destination` or `bay`."""

    name: str
    device: str
    unsafe: Callable[[Any], Any]
    unknown_forbids: bool = True

    def path(self, command: Command) -> str:
        role, dot, name = self.device.rpartition(".")
        if not dot:
            return self.device
        number = next(getattr(command, field) for field in _BAYS[role] if hasattr(command, field))
        return f"{number}.{name}"

    def break_in(self, now: Snapshot, command: Command) -> Snapshot:
        return with_value(now, self.path(command), self.unsafe)


@dataclass(frozen=True, slots=True)
class RecordInput:
    """Something the record or the station itself says; it is never stale."""

    name: str
    unsafe: Callable[[Snapshot], Snapshot]

    def break_in(self, now: Snapshot, _: Command) -> Snapshot:
        return self.unsafe(now)


def field_input(device: str, unknown_forbids: bool = True, **unsafe: Any) -> DeviceInput:
    name = ", ".join(f"{key}={value}" for key, value in unsafe.items())
    return DeviceInput(f"{device} {name}", device, lambda value: replace(value, **unsafe), unknown_forbids)


def record_input(name: str, unsafe: Callable[[Snapshot], Snapshot]) -> RecordInput:
    return RecordInput(name, unsafe)
