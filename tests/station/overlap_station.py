"""The answering station with a transit place, and what a driver does once he is told to leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from swapstation.config.settings import Exchange
from swapstation.model.command import ReleaseTruck
from swapstation.model.inventory import TRANSIT
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.memory import Memory
from tests.station.situations import TRANSIT_BAY, VIN, bay, rules, snapshot
from tests.station.walk import Answering

RECIPE = "top_lift_overlap"


def with_transit(now: Snapshot) -> Snapshot:
    """The small station with an empty transit place, number 10."""
    stock = replace(now.inventory, places=(*now.inventory.places, TRANSIT))
    return replace(now, bays=(*now.bays, bay(TRANSIT_BAY, None)), inventory=stock)


def waiting(exchange: Exchange = Exchange.STATION) -> Answering:
    """An idle station that swaps through the transit place, a truck in the lane."""
    memory = Memory(next_command_id=1, state=StationState.IDLE, confirmed=True)
    return Answering(rules(exchange, RECIPE), with_transit(snapshot(exchange=exchange.value)), memory)


def begun(exchange: Exchange = Exchange.STATION) -> Answering:
    return waiting(exchange).cycle(RequestSwap(VIN))


def driven(station: Answering, condition: Callable[[Answering], bool], limit_s: float = 300.0) -> Answering:
    """Cycle until the condition holds, with a driver who leaves the lane as soon as he is told to."""
    for _ in range(round(limit_s / 0.1)):
        if condition(station):
            return station
        station = station.cycle()
        if any(isinstance(command, ReleaseTruck) for command in station.past[-1].commands):
            station = station.change("robot", truck_in_position=False)
    raise AssertionError(
        f"not within {limit_s} s: {station.step}, {station.memory.waiting_for}, {station.memory.alarms}"
    )


def idle(station: Answering) -> bool:
    return station.memory.state is StationState.IDLE and station.snapshot.inventory.job is None


def storing(exchange: Exchange = Exchange.STATION) -> Answering:
    """The station as the truck has been released: its old battery stands in the transit place, a job will store it."""
    return begun(exchange).until(lambda station: station.snapshot.inventory.job is not None, 120.0)


def place_of(station: Answering, battery: str) -> str:
    found = station.snapshot.inventory.battery(battery)
    assert found is not None
    return found.place
