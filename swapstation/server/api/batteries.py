"""Batteries of the station: which are ready for a truck, quarantine and its end, what comes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.model.device import Presence
from swapstation.model.inventory import Battery
from swapstation.model.request import (
    Accepted,
    ConfirmRelease,
    CorrectBattery,
    MoveBatteryRecord,
    QuarantineBattery,
    ReceiveBattery,
    ReleaseQuarantine,
    SendBatteryAway,
    TransferBattery,
)
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.server.api.bodies import AssetId, Reason, SocPct, Why
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["batteries"])

Asset = Annotated[str, Path(pattern=r"^[!-~]{1,40}$", examples=["B001"])]
Codes = Annotated[tuple[Annotated[str, Field(min_length=24, max_length=24)], ...], Field(min_length=1, max_length=12)]
Place = Annotated[str, Field(pattern=r"^[!-~]{1,60}$", examples=["bay-3"])]
_REFUSALS = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class Arrival(BaseModel):
    """A battery that comes into the station, with its GB/T 34014 codes."""

    model_config = ConfigDict(extra="forbid")
    battery: AssetId
    model: Annotated[str, Field(min_length=1, max_length=60, examples=["LFP-282"])]
    codes: Codes
    place: Place
    soc_pct: SocPct | None = None


class Transfer(BaseModel):
    """To which station, with which papers of a transport of dangerous goods."""

    model_config = ConfigDict(extra="forbid")
    station: Annotated[str, Field(min_length=1, max_length=60)]
    papers: Annotated[str, Field(min_length=1, max_length=200, examples=["UN 3480, sheet 17"])]


class Move(BaseModel):
    """Where a battery was put by hand."""

    model_config = ConfigDict(extra="forbid")
    place: Place


class Correction(BaseModel):
    """What is really so, and how somebody knows."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason
    place: Place | None = None
    codes: Codes | None = None
    soc_pct: SocPct | None = None


@router.post("/batteries", responses=_REFUSALS)
async def receive_battery(here: Here, by: By, arrival: Arrival) -> Accepted:
    """A battery comes into the station; one received into the isolation place is quarantined."""
    received = ReceiveBattery(arrival.battery, arrival.model, arrival.codes, arrival.place, arrival.soc_pct)
    return await ask(here, by, received)


@router.post("/batteries/{asset}/quarantine", responses=_REFUSALS)
async def quarantine_battery(here: Here, by: By, asset: Asset, why: Why) -> Accepted:
    """A battery may be dangerous: it is neither charged nor put on a truck until two people release it."""
    return await ask(here, by, QuarantineBattery(asset, why.reason))


@router.post("/batteries/{asset}/release", responses=_REFUSALS)
async def release_quarantine(here: Here, by: By, asset: Asset, why: Why) -> Accepted:
    """The first of two named people asks for the end of a quarantine; it waits an hour for the second."""
    return await ask(here, by, ReleaseQuarantine(asset, why.reason))


@router.post("/batteries/{asset}/confirm-release", responses=_REFUSALS)
async def confirm_release(here: Here, by: By, asset: Asset) -> Accepted:
    """The second named person agrees: the quarantine ends."""
    return await ask(here, by, ConfirmRelease(asset))


@router.post("/batteries/{asset}/send-away", responses=_REFUSALS)
async def send_battery_away(here: Here, by: By, asset: Asset, why: Why) -> Accepted:
    """A battery leaves the station for good or for service."""
    return await ask(here, by, SendBatteryAway(asset, why.reason))


@router.post("/batteries/{asset}/transfer", responses=_REFUSALS)
async def transfer_battery(here: Here, by: By, asset: Asset, transfer: Transfer) -> Accepted:
    """A battery leaves for another station; one in doubt never does."""
    return await ask(here, by, TransferBattery(asset, transfer.station, transfer.papers))


@router.post("/batteries/{asset}/move", responses=_REFUSALS)
async def move_battery_record(here: Here, by: By, asset: Asset, move: Move) -> Accepted:
    """A battery was moved by hand."""
    return await ask(here, by, MoveBatteryRecord(asset, move.place))


@router.post("/batteries/{asset}/correct", responses=_REFUSALS)
async def correct_battery(here: Here, by: By, asset: Asset, correction: Correction) -> Accepted:
    """The record was wrong: clears a doubt, never a quarantine."""
    corrected = CorrectBattery(asset, correction.reason, correction.place, correction.codes, correction.soc_pct)
    return await ask(here, by, corrected)


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
    present = io.presence is Presence.PRESENT and bay.charges and io.smoke is False
    doubt = battery.quarantined or battery.doubtful or snapshot.inventory.held(battery=battery.battery) is not None
    soc_pct = charge.soc_pct if charge is not None and charge.soc_pct is not None else battery.soc_pct
    if doubt or not present or soc_pct is None or soc_pct < config.limits.ready_soc_pct:
        return None
    return ReadyBattery(battery.battery, bay.number, soc_pct)
