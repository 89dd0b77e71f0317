"""Batteries of the station, and which of them are ready for a truck."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.model.device import Presence
from swapstation.model.inventory import Battery
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.server.context import Here
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["batteries"])


@dataclass(frozen=True, slots=True)
class ReadyBattery:
    """A battery that a truck could get now."""

    battery: str
    bay: int
    soc_pct: float


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """Ready batteries of one model, fullest first."""

    model: str
    count: int
    batteries: tuple[ReadyBattery, ...]


@router.get("/batteries", responses=declared())
async def list_batteries(here: Here) -> tuple[Battery, ...]:
    """Every battery on record, wherever it is."""
    return here.snapshot.inventory.batteries


@router.get("/batteries/ready", responses=declared())
async def list_ready(
    here: Here, model: Annotated[str | None, Query(description="Only this battery model.", examples=["LFP-282"])] = None
) -> tuple[ReadyModel, ...]:
    """Batteries in a bay, charged to the station's limit, not held and not in doubt, by model."""
    models = [known.name for known in here.config.battery_models]
    if model is not None and model not in models:
        raise InputError("model", model, f"one of {', '.join(models)}")
    return tuple(ready_of(here.snapshot, here.config, name) for name in models if model in (None, name))


@router.get("/batteries/{asset}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_battery(here: Here, asset: Annotated[str, Path(examples=["B001"])]) -> Battery:
    """One battery by its asset id."""
    battery = here.snapshot.inventory.battery(asset)
    if battery is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_battery", asset)
    return battery


def ready_of(snapshot: Snapshot, config: Config, model: str) -> ReadyModel:
    """The ready batteries of a model, fullest first. Information only: the controller decides when it allocates."""
    rows = (_ready(snapshot, config, bay, model) for bay in snapshot.bays)
    found = sorted((row for row in rows if row is not None), key=lambda row: (-row.soc_pct, row.bay))
    return ReadyModel(model, len(found), tuple(found))


def _ready(snapshot: Snapshot, config: Config, bay: BayState, model: str) -> ReadyBattery | None:
    battery = snapshot.inventory.battery(bay.battery) if bay.battery else None
    io, charge = bay.io.good, bay.charge.good
    if battery is None or battery.model != model or io is None:
        return None
    present = io.presence is Presence.PRESENT and not bay.isolation and not io.smoke
    doubt = battery.quarantined or battery.doubtful or snapshot.inventory.held(battery=battery.battery) is not None
    soc_pct = charge.soc_pct if charge is not None and charge.soc_pct is not None else battery.soc_pct
    if doubt or not present or soc_pct is None or soc_pct < config.limits.ready_soc_pct:
        return None
    return ReadyBattery(battery.battery, bay.number, soc_pct)
