"""Bays: what their devices say, locking one out, charging by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.request import Accepted
from swapstation.model.snapshot import BayState
from swapstation.server.api.bodies import Why
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import Problem, declared
from swapstation.server.written import WrittenRoute

router = APIRouter(tags=["bays"])

BayNumber = Annotated[int, Path(ge=1, le=30, examples=[1])]
_REFUSALS = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class ChargeOrder(BaseModel):
    """Up to which SOC (%), and with how much power at most (kW)."""

    model_config = ConfigDict(extra="forbid")
    target_soc_pct: Annotated[float, Field(ge=5, le=100)]
    max_power_kw: Annotated[float | None, Field(ge=1, le=2000)] = None


def list_bays(here: Here) -> bytes:
    """Every bay of the rack, the isolation place too."""
    return here.received.bays_json


router.add_api_route(
    "/bays",
    list_bays,
    methods=["GET"],
    responses=declared(),
    response_model=tuple[BayState, ...],
    route_class_override=WrittenRoute,
)


@router.get("/bays/{number}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_bay(here: Here, number: BayNumber) -> BayState:
    """One bay by its number."""
    bay = next((bay for bay in here.snapshot.bays if bay.number == number), None)
    if bay is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_bay", f"bay {number}")
    return bay


@router.post("/bays/{number}/lock-out", responses=_REFUSALS)
async def lock_out_bay(here: Here, by: By, number: BayNumber, why: Why) -> Accepted:
    """Take a bay out of service to work in it: no move, no charge, no allocation, also over a restart."""
    return await ask(here, by, LockOutBay(number, why.reason))


@router.post("/bays/{number}/end-lock-out", responses=_REFUSALS)
async def end_lock_out(here: Here, by: By, number: BayNumber, why: Why) -> Accepted:
    """The work in a bay is done."""
    return await ask(here, by, EndLockOut(number, why.reason))


@router.post("/bays/{number}/charge", responses=_REFUSALS)
async def charge_bay(here: Here, by: By, number: BayNumber, order: ChargeOrder) -> Accepted:
    """Charge the battery of a bay to a target of its own; the permit decides as for every charge."""
    return await ask(here, by, ChargeBay(number, order.target_soc_pct, order.max_power_kw))


@router.post("/bays/{number}/stop-charge", responses=_REFUSALS)
async def stop_bay_charge(here: Here, by: By, number: BayNumber) -> Accepted:
    """End the charge of a bay; it does not begin again by itself."""
    return await ask(here, by, StopBayCharge(number))


@router.post("/bays/{number}/reset-charge", responses=_REFUSALS)
async def reset_charge(here: Here, by: By, number: BayNumber) -> Accepted:
    """Begin the charging session of a bay anew and forget its failures."""
    return await ask(here, by, ResetCharge(number))
