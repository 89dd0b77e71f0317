"""Alarms that the truth asks for: what is so in the plant, which alarm has to tell it, and within what time.

Times are those of the failure catalogue with what a reading may be late in the twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from swapstation.model.inventory import HoldKind, Inventory
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.plant import Plant
from swapstation.twin.station import TwinStation

HOT_C = 56.0

Holds = Callable[[TwinStation], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Expected:
    """`holds` names the sources for which it is so ("": the station); one of `codes` has to stand within `limit_s`."""

    name: str
    holds: Holds
    codes: frozenset[str]
    limit_s: float


def _fault(name: str) -> Holds:
    return lambda twin: iter([""] if twin.world.plant.faults.active(name) else [])


def _chain_open(twin: TwinStation) -> Iterator[str]:
    plant = twin.world.plant
    if not plant.safety().ok and not plant.faults.active("plc_heartbeat_frozen"):
        yield ""


def _smoke(twin: TwinStation) -> Iterator[str]:
    plant = twin.world.plant
    if not plant.faults.active("station_link_cut"):
        yield from (plant.place_of(number) for number in plant.bays if plant.smokes(number))


def _hot(twin: TwinStation) -> Iterator[str]:
    """Batteries that are hot and whose BMS says so at this instant."""
    for number, process in twin.world.processes.items():
        battery = process.battery
        if battery is not None and battery.temperature_c > HOT_C and process.heard_s == twin.now_s:
            yield twin.world.plant.place_of(number)


def _witnessed(twin: TwinStation) -> Iterator[str]:
    smoking = set(_smoke(twin))
    yield from ("" for place in _hot(twin) if place in smoking)


def _truck_loose(twin: TwinStation) -> Iterator[str]:
    faults = twin.world.plant.faults
    heard = not faults.active("truck_silent") and not faults.active("station_link_cut")
    if heard and _watched(twin) and (faults.active("brake_not_set") or faults.active("hv_stays_on")):
        yield ""


def _truck_unheard(twin: TwinStation) -> Iterator[str]:
    if twin.world.plant.faults.active("truck_silent") and _watched(twin):
        yield ""


def _watched(twin: TwinStation) -> bool:
    """The truck is being worked at, so it has to stay as it is."""
    swap, memory = (twin.inventory.swap, twin.memory) if twin.inventory else (None, None)
    if swap is None or memory is None or memory.state is StationState.ABORTED:
        return False
    return twin.rules.recipe_of(swap.recipe).step(swap.step).watch_truck


def _stranger(twin: TwinStation) -> Iterator[str]:
    """Batteries that say at this instant to be others than the record has them for."""
    inventory, plant = twin.inventory, twin.world.plant
    if inventory is None or plant.faults.active("station_link_cut"):
        return
    for number, process in twin.world.processes.items():
        recorded = inventory.at(plant.place_of(number))
        told = process.battery is not None and process.heard_s == twin.now_s
        if told and recorded is not None and process.battery is not None and recorded.codes != process.battery.codes:
            yield ""


def misplaced(twin: TwinStation) -> Iterator[str]:
    """Bays whose sensors agree with each other and not with the record, and in which no open work moves a battery."""
    inventory, plant = twin.inventory, twin.world.plant
    if inventory is None or plant.faults.active("station_link_cut"):
        return
    in_motion = _in_motion(inventory, plant)
    for number, place in plant.bay_places.items():
        one, other = plant.presence(number)
        if place not in in_motion and one == other and one != (inventory.at(place) is not None):
            yield place


def _in_motion(inventory: Inventory, plant: Plant) -> set[str | None]:
    places = {hold.place for hold in inventory.holds if hold.kind in (HoldKind.SWAP, HoldKind.JOB)}
    swap, job = inventory.swap, inventory.job
    bays = (swap.from_bay, swap.to_bay) if swap is not None else ()
    return places | {plant.place_of(bay) for bay in bays if bay} | ({job.origin, job.destination} if job else set())


EXPECTED = (
    Expected("safety chain open", _chain_open, frozenset({"SAFETY_CHAIN_OPEN"}), 1.5),
    Expected("robot PLC stands still", _fault("plc_heartbeat_frozen"), frozenset({"ROBOT_LINK_LOST"}), 5.0),
    Expected("segment cut", _fault("station_link_cut"), frozenset({"STATION_LINK_LOST"}), 3.5),
    Expected("smoke", _smoke, frozenset({"BAY_SMOKE"}), 2.5),
    Expected("hot", _hot, frozenset({"BATTERY_HOT"}), 2.5),
    Expected("two witnesses of a fire", _witnessed, frozenset({"FIRE_CONFIRMED"}), 3.0),
    Expected("truck not secured", _truck_loose, frozenset({"TRUCK_MOVED"}), 2.5),
    Expected("truck silent", _truck_unheard, frozenset({"TRUCK_LINK_LOST"}), 5.5),
    Expected(
        "another battery than recorded",
        _stranger,
        frozenset({"BATTERY_DOUBTFUL", "BATTERY_IDENTITY_DUPLICATE"}),
        4.0,
    ),
    Expected("bay against record", misplaced, frozenset({"BAY_MISMATCH"}), 5.5),
)
