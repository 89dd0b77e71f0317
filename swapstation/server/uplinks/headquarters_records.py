"""What a headquarters is told of the station's events: swaps that ended, with their energy, and settled charges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from swapstation.config.settings import Config
from swapstation.energy.swap_energy import SwapEnergy
from swapstation.inventory.apply_energy import SETTLEMENT
from swapstation.inventory.queries import Event
from swapstation.model.energy import ChargeSettled
from swapstation.model.headquarters import KnownRecord, RecordState
from swapstation.model.inventory import Swap
from swapstation.model.journal import SwapClosed
from swapstation.server.history import History

_SWAP = TypeAdapter(Swap)
_ENERGY = TypeAdapter(tuple[SwapEnergy, ...])


def derived(config: Config, history: History, event: Event) -> KnownRecord:
    """The record of an event of one of `KINDS`. Raises DatabaseError."""
    return _DERIVED[event.kind](config, history, event)


def _swap(config: Config, history: History, event: Event) -> KnownRecord:
    number = event.body["swap"]
    swap, energy = history.swap(number), history.swap_energy(config, number)
    told = event.body if swap is None else _SWAP.dump_python(swap, mode="json")
    body = {"swap": told, "energy": _ENERGY.dump_python(energy or (), mode="json")}
    return _record(event, f"swap:{number}", "swap", body)


def _charge(_: Config, __: History, event: Event) -> KnownRecord:
    settled = SETTLEMENT.validate_python(event.body["settlement"])
    record_id = f"charge:{settled.bay}:{settled.started_at:%Y%m%dT%H%M%S.%fZ}"
    return _record(event, record_id, "charge", event.body["settlement"])


def _record(event: Event, record_id: str, kind: str, body: dict[str, Any]) -> KnownRecord:
    return KnownRecord(0, record_id, kind, event.at, body, RecordState.PENDING)


_DERIVED: Mapping[str, Callable[[Config, History, Event], KnownRecord]] = {
    SwapClosed.__name__: _swap,
    ChargeSettled.__name__: _charge,
}
KINDS = tuple(_DERIVED)
"""Kinds of the station's events that a headquarters is told of."""
