"""The line of trucks that wait, and how long each of them does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swapstation.energy.station_capacity import capacity_of
from swapstation.energy.waiting import ExpectedWait, expected_waits
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.queue import Entry, KnownTruck, QueueState
from swapstation.server.parts import Context


def bookings_of(here: Context) -> dict[str, Hold]:
    """The promises that stand, by VIN."""
    holds = here.snapshot.inventory.holds
    return {hold.vin: hold for hold in holds if hold.kind is HoldKind.BOOKING and hold.vin is not None}


def models_of(here: Context, entries: Sequence[Entry], cards: Mapping[str, KnownTruck]) -> dict[int, str]:
    """The battery model that each truck needs, by its number. Who is not known counts as the first."""
    of_trucks = {each.name: each.battery_model for each in here.config.truck_models}
    first = here.config.battery_models[0].name
    found = {}
    for entry in entries:
        card = cards.get(entry.identity.vin)
        found[entry.number] = of_trucks.get(card.truck_model, first) if card else first
    return found


def waits_of(
    here: Context, entries: Sequence[Entry], cards: Mapping[str, KnownTruck]
) -> dict[int, ExpectedWait | None]:
    """How long each truck still waits, by its number. What was promised to trucks of the line is there for the line."""
    line = [entry for entry in entries if entry.state is not QueueState.SWAPPING]
    booked = bookings_of(here)
    own = frozenset(booked[entry.identity.vin].hold for entry in line if entry.identity.vin in booked)
    models = here.config.battery_models
    capacities = {model.name: capacity_of(here.snapshot, here.config, model, own) for model in models}
    needs = models_of(here, line, cards)
    waits = expected_waits([needs[entry.number] for entry in line], capacities)
    return {entry.number: wait for entry, wait in zip(line, waits, strict=True)}
