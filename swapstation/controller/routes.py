"""Which adapter takes which command: one table, built once, in which no two adapters stand in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swapstation.devices.adapter import Adapter
from swapstation.errors import ConfigurationError
from swapstation.model.command import Command

Route = tuple[type[Command], int | None]
"""A kind of command, and the bay it is for; None where one adapter takes it whatever its bay."""


def routes(adapters: Iterable[Adapter]) -> Mapping[Route, Adapter]:
    """The table of all adapters. ConfigurationError when two of them take the same command for the same bay."""
    table: dict[Route, Adapter] = {}
    mistakes = []
    for adapter in adapters:
        for kind in adapter.orders:
            for bay in adapter.bays or (None,):
                other = table.setdefault((kind, bay), adapter)
                if other is not adapter:
                    place = f"bay {bay}" if bay else "the station"
                    mistakes.append(f"{kind.__name__} of {place}: taken by both {other.role} and {adapter.role}")
    if mistakes:
        raise ConfigurationError(mistakes)
    return table
