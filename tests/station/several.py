"""The answering station with a truck that carries two or three batteries, and full ones for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from swapstation.config.settings import Bay, Config, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.device import LockState, TruckPosition
from swapstation.model.inventory import ROBOT, truck_places
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.draft import Rules
from swapstation.station.memory import Memory
from swapstation.station.recipe import load_recipe
from tests.station import situations
from tests.station.situations import VIN, battery, bay, fresh, pack_code, truck
from tests.station.walk import Answering

OLD = ("B3", "B11", "B12")
"""What the truck brings, by position."""
FRESH_BAYS = (1, 2, 4)
EMPTY_BAY = 3


def config(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Config:
    """Bays 1, 2 and 4 full, bay 3 empty; a truck model with so many batteries."""
    settings = situations.config(exchange, recipe=recipe)
    (model,) = settings.truck_models
    names = ("left", "right", "rear")[:positions]
    bays = (*settings.bays[:-1], Bay(4), settings.bays[-1])
    return replace(settings, bays=bays, truck_models=(replace(model, positions=names),))


def snapshot(exchange: Exchange, positions: int = 2, **changes: Any) -> Snapshot:
    """Everything fresh and safe, idle, the truck in the lane with its batteries locked."""
    further = tuple(
        TruckPosition(LockState.LOCKED, True, True, (pack_code(int(asset[1:])),), 12.0) for asset in OLD[1:positions]
    )
    fourth = replace(bay(1, "B5"), number=4, place="bay-4")
    places = truck_places(VIN, positions)
    on_truck = [battery(int(asset[1:]), place, 12.0) for asset, place in zip(OLD, places, strict=False)]
    stock = replace(
        situations.inventory(),
        batteries=(battery(1, "bay-1"), battery(2, "bay-2"), battery(5, "bay-4"), *on_truck),
        places=("bay-1", "bay-2", "bay-3", "bay-4", "isolation", ROBOT, *places),
    )
    safe = situations.snapshot(exchange=exchange.value, inventory=stock, truck=fresh(truck(further=further)))
    return replace(safe, bays=(*safe.bays[:-1], fourth, safe.bays[-1]), **changes)


def rules(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Rules:
    alarms = alarm_catalogue()
    return Rules(config(exchange, positions, recipe), load_recipe(recipe, exchange.value, alarms), alarms)


def standing(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Answering:
    """An idle station with the truck in the lane."""
    memory = Memory(next_command_id=1, state=StationState.IDLE, confirmed=True)
    return Answering(rules(exchange, positions, recipe), snapshot(exchange, positions), memory)


def requested(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Answering:
    return standing(exchange, positions, recipe).cycle(RequestSwap(VIN))


def position(station: Answering) -> int:
    """Which position of the truck the open swap is at; 0 without one."""
    swap = station.snapshot.inventory.swap
    return swap.position if swap else 0


@cache
def finished(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Answering:
    """The station after the whole swap."""
    begun = requested(exchange, positions, recipe)
    return begun.until(lambda now: now.snapshot.state is StationState.IDLE, 240.0).run(0.5)


@cache
def entering(exchange: Exchange, positions: int = 2, recipe: str = "top_lift") -> Mapping[tuple[int, str], Answering]:
    """The station as each step begins, by position and step."""
    station = requested(exchange, positions, recipe)
    found: dict[tuple[int, str], Answering] = {}
    while station.snapshot.state is StationState.EXECUTE:
        found.setdefault((position(station), str(station.step)), station)
        station = station.cycle()
    return MappingProxyType(found)
