"""Which device takes which command: one table, built once, in which no two devices stand in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swapstation.devices.adapter import Device
from swapstation.errors import ConfigurationError
from swapstation.model.command import Command

Route = tuple[type[Command], int | None]
"""A kind of command, and the bay it is for; None where one device takes it whatever its bay."""


def routes(devices: Iterable[Device]) -> Mapping[Route, Device]:
    """The table of all devices. ConfigurationError when two of them take the same command for the same bay."""
    table: dict[Route, Device] = {}
    mistakes = []
    for device in devices:
        for kind in device.orders:
            for bay in device.bays or (None,):
                other = table.setdefault((kind, bay), device)
                if other is not device:
                    place = f"bay {bay}" if bay else "the station"
                    mistakes.append(f"{kind.__name__} of {place}: taken by both {other.role} and {device.role}")
    if mistakes:
        raise ConfigurationError(mistakes)
    return table
