"""Where every battery is when the simulation starts: read from the same inventory file that commissioning imports."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.identity import PackCode, check_vin
from swapstation.model.inventory import NOMINAL_SEAT, ROBOT, SeatOffset, truck_places
from swapstation.simulation.plant.battery import new_battery
from swapstation.simulation.plant.bay import Bay
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.store import Store
from swapstation.simulation.plant.truck import Locks, Truck


@dataclass(frozen=True, slots=True)
class PlacedBattery:
    """One battery of the inventory file."""

    battery: str
    model: str
    codes: tuple[str, ...]
    place: str
    soc_pct: float


@dataclass(frozen=True, slots=True)
class KnownTruck:
    """One truck of the inventory file."""

    vin: str
    model: str
    seat: SeatOffset = NOMINAL_SEAT


@dataclass(frozen=True, slots=True)
class Placement:
    """Batteries and trucks at the start. A truck is away until it arrives, its battery with it."""

    batteries: tuple[PlacedBattery, ...]
    trucks: tuple[KnownTruck, ...]


def load_placement(path: Path, config: Config) -> Placement:
    """Read an inventory file; ConfigurationError names the file and the entry."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path}: {error}"]) from error
    try:
        return _placement(document, config)
    except InputError as error:
        raise ConfigurationError([f"{path}: {error}"]) from error


def build_plant(config: Config, placement: Placement, chance: Random) -> Plant:
    """The plant with every battery where the placement puts it."""
    models = {model.name: model for model in config.battery_models}
    batteries = {
        each.battery: new_battery(each.battery, models[each.model], each.codes, each.place, each.soc_pct, chance)
        for each in placement.batteries
    }
    positions = {model.name: len(model.positions) for model in config.truck_models}
    trucks = {
        truck.vin: Truck(
            truck.vin, truck.model, locks=[Locks() for _ in range(positions[truck.model])], seat=truck.seat
        )
        for truck in placement.trucks
    }
    plant = Plant({bay.number: Bay(bay) for bay in config.bays}, batteries, trucks, chance)
    plant.store = Store(config.store) if config.store is not None else None
    links = config.links
    if links.gate or links.weigher or links.identifier:
        plant.entrance = Entrance(boom=0.0 if links.gate else None)
    if (carried := plant.hanging) is not None:
        plant.robot.battery, plant.robot.grip_closed, plant.robot.grip_goal = carried.battery, 1.0, 1.0
    return plant


def _placement(document: dict[str, Any], config: Config) -> Placement:
    if set(document) != {"batteries", "trucks"}:
        raise InputError("tables", ", ".join(sorted(document)), "[[batteries]] and [[trucks]], nothing else")
    trucks = tuple(_truck(entry, config) for entry in document["trucks"])
    places = {bay.place for bay in config.bays} | {ROBOT}
    carried = {model.name: len(model.positions) for model in config.truck_models}
    places |= {place for truck in trucks for place in truck_places(truck.vin, carried[truck.model])}
    batteries = tuple(_battery(entry, config, places) for entry in document["batteries"])
    _once("battery", [each.battery for each in batteries])
    _once("place", [each.place for each in batteries])
    _once("vin", [truck.vin for truck in trucks])
    return Placement(batteries, trucks)


def _battery(entry: dict[str, Any], config: Config, places: set[str]) -> PlacedBattery:
    model, place, soc_pct = entry.get("model"), entry.get("place"), entry.get("soc_pct", 50.0)
    if model not in {known.name for known in config.battery_models}:
        raise InputError("model", model, "one of " + ", ".join(known.name for known in config.battery_models))
    if place not in places:
        raise InputError("place", place, "one of " + ", ".join(sorted(places)))
    if not isinstance(soc_pct, int | float) or not 0 <= soc_pct <= 100:
        raise InputError("soc_pct", soc_pct, "0 to 100")
    codes = tuple(PackCode(code).text for code in entry.get("codes", ()))
    return PlacedBattery(_text(entry, "battery"), model, codes, place, float(soc_pct))


def _truck(entry: dict[str, Any], config: Config) -> KnownTruck:
    vin, model = _text(entry, "vin"), entry.get("model")
    check_vin(vin)
    if model not in {known.name for known in config.truck_models}:
        raise InputError("model", model, "one of " + ", ".join(known.name for known in config.truck_models))
    return KnownTruck(vin, model, SeatOffset(**{each.name: _whole(entry, each.name) for each in fields(SeatOffset)}))


def _whole(entry: dict[str, Any], field: str) -> int:
    value = entry.get(field, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(field, value, "a whole number")
    return value


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value:
        raise InputError(field, value, "a text that is not empty")
    return value


def _once(field: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise InputError(field, value, "used once")
