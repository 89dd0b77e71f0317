"""Swaps: the running one and those of the past, asking for one, giving one up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.model.inventory import MOST_POSITIONS, Cause, Swap, SwapResult
from swapstation.model.request import (
    AbandonSwap,
    Accepted,
    AcceptUnevenSet,
    AttestIdentity,
    CloseSwap,
    ConfirmCloseSwap,
    DivertSwap,
    ReconcileSwap,
    RequestSwap,
)
from swapstation.server.api.bodies import AssetId, Reason, Why
from swapstation.server.context import By, Here, ask
from swapstation.server.permission import permitted
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["swaps"])

SwapId = Annotated[str, Path(pattern=r"^[!-~]{1,80}$")]
Vin = Annotated[str, Field(pattern=r"^[0-9A-HJ-NPR-Z]{17}$", examples=["LFWSRXSJ7M1F00001"])]


class SwapOrder(BaseModel):
    """Which truck to swap; `booking` if it has booked a battery.

    `battery` chooses a ready one by hand; `accept_soc_pct` is the lowest SOC that the driver has agreed to (%).
    """

    model_config = ConfigDict(extra="forbid")
    vin: Vin
    booking: Annotated[str | None, Field(max_length=80)] = None
    battery: AssetId | None = None
    accept_soc_pct: Annotated[float | None, Field(ge=20, le=100)] = None


class PastSwap(BaseModel):
    """A swap that was made without the controller: `fresh` is on the truck, `returned` stands in bay `to_bay`.

    `position` is the battery position of a truck that carries several.
    """

    model_config = ConfigDict(extra="forbid")
    vin: Vin
    fresh: AssetId
    returned: AssetId
    to_bay: Annotated[int, Field(ge=1, le=30)]
    reason: Reason
    position: Annotated[int, Field(ge=1, le=MOST_POSITIONS)] = 1


class Attestation(BaseModel):
    """Which battery a person has seen, and how."""

    model_config = ConfigDict(extra="forbid")
    battery: AssetId
    reason: Reason


class Abandonment(BaseModel):
    """Why the swap is given up."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["lock pin iced up"])]


class Diversion(BaseModel):
    """Why the swap leaves its course; the cause decides where the batteries may go."""

    model_config = ConfigDict(extra="forbid")
    cause: Cause
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["coolant leak at the coupling"])]


@router.get("/swaps", responses=declared())
def list_swaps(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[AwareDatetime | None, Query(description="Only swaps opened before this instant.")] = None,
) -> tuple[Swap, ...]:
    """Swaps, newest first."""
    return here.history.swaps(limit, before)


@router.get("/swaps/{swap}", responses=declared(HTTPStatus.NOT_FOUND))
def read_swap(here: Here, swap: SwapId) -> Swap:
    """One swap by its id."""
    found = here.history.swap(swap)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_swap", swap)
    return found


@router.post("/swaps", status_code=HTTPStatus.ACCEPTED, responses=declared(HTTPStatus.CONFLICT))
async def request_swap(here: Here, by: By, order: SwapOrder) -> Accepted:
    """Swap the truck in the lane. `result.swap` is the id of the swap."""
    permit = await permitted(here, by, order.vin, order.booking or "")
    wanted = order.vin, order.booking, order.battery, order.accept_soc_pct
    return await ask(here, by, RequestSwap(*wanted, permit))


@router.post("/swaps/reconcile", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def reconcile_swap(here: Here, by: By, past: PastSwap) -> Accepted:
    """Enter a swap that was made without the controller; sensors that speak must agree. `result.swap` is its id."""
    return await ask(here, by, ReconcileSwap(**past.model_dump()))


@router.post("/swaps/{swap}/attest", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def attest_identity(here: Here, by: By, swap: SwapId, attestation: Attestation) -> Accepted:
    """A named person says which battery this is where a reader is silent; one that speaks is never outvoted."""
    await _must_be_open(here, swap)
    return await ask(here, by, AttestIdentity(swap, attestation.battery, attestation.reason))


@router.post("/swaps/{swap}/accept-uneven-set", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def accept_uneven_set(here: Here, by: By, swap: SwapId, why: Why) -> Accepted:
    """A named person lets the truck go with batteries that make no set; only while its release waits for that."""
    await _must_be_open(here, swap)
    return await ask(here, by, AcceptUnevenSet(swap, why.reason))


@router.post("/swaps/{swap}/close", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def close_swap(here: Here, by: By, swap: SwapId, why: Why) -> Accepted:
    """The first of two named people wants to close by force a swap that nothing else can end."""
    await _must_be_open(here, swap)
    return await ask(here, by, CloseSwap(swap, why.reason))


@router.post("/swaps/{swap}/confirm-close", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def confirm_close_swap(here: Here, by: By, swap: SwapId) -> Accepted:
    """The second named person agrees: the swap failed and its batteries are in doubt."""
    await _must_be_open(here, swap)
    return await ask(here, by, ConfirmCloseSwap(swap))


@router.post("/swaps/{swap}/abandon", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def abandon_swap(here: Here, by: By, swap: SwapId, abandonment: Abandonment) -> Accepted:
    """End the open swap as failed; only while the truck still has, or again has, a locked battery."""
    await _must_be_open(here, swap)
    return await ask(here, by, AbandonSwap(swap, abandonment.reason))


@router.post("/swaps/{swap}/divert", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def divert_swap(here: Here, by: By, swap: SwapId, diversion: Diversion) -> Accepted:
    """Take the held swap off its course: the sensors decide the way (`result.way`); it moves after a resume."""
    await _must_be_open(here, swap)
    return await ask(here, by, DivertSwap(swap, diversion.cause, diversion.reason))


async def _must_be_open(here: Here, swap: str) -> None:
    running = here.snapshot.inventory.swap
    if running is None or running.swap != swap or running.result is not SwapResult.OPEN:
        past = await run_in_threadpool(here.history.swap, swap)
        status = HTTPStatus.CONFLICT if past else HTTPStatus.NOT_FOUND
        raise Problem(status, "swap_not_open" if past else "no_such_swap", swap)
