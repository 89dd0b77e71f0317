"""The site's power: limits with their causes, the tree, the quarter-hour demand, and dispatch records."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.model.dispatch import LONGEST_SIGNATURE, SITE, DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.power import DispatchState, PowerState
from swapstation.model.request import Accepted
from swapstation.server.api.bodies import Reason
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/power", tags=["power"])
DispatchId = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:-]{0,63}$", examples=["vpp-20260501-3"])]
NOT_FOUND = HTTPStatus.NOT_FOUND


class DispatchOrder(BaseModel):
    """One dispatch record (docs/power_limits.md); `value` in kW AC, for `soc_target` in %, for `shed_level` 0 to 3."""

    model_config = ConfigDict(extra="forbid")
    source: DispatchSource
    kind: DispatchKind
    value: Annotated[float, Field(allow_inf_nan=False, examples=[800.0])]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    ramp_kw_per_min: Annotated[float | None, Field(ge=0.1, le=100_000, description="Down and up again.")] = None
    fallback_kw: Annotated[float | None, Field(ge=0, le=100_000, description="Import cap while it is silent.")] = None
    renew_s: Annotated[float | None, Field(ge=10, le=86_400, description="Silent after so long.")] = None
    node: Annotated[str, Field(max_length=40, description="`site`, a feeder or `bay-N`, for an import cap.")] = SITE
    issued_at: Annotated[AwareDatetime | None, Field(description="Orders versions that overtake each other.")] = None
    signature: Annotated[str, Field(max_length=LONGEST_SIGNATURE)] = ""


@router.get("", responses=declared())
async def read_power(here: Here) -> PowerState:
    """What counts now and why: caps, the tree from the site's meter to the bays, demand, records that stand."""
    return here.snapshot.power


@router.get("/dispatches", responses=declared())
async def list_dispatches(here: Here) -> tuple[DispatchState, ...]:
    """Dispatch records that stand, whether they wait, are in force, or their channel is silent."""
    return here.snapshot.power.dispatches


@router.get("/dispatches/{dispatch}", responses=declared(NOT_FOUND))
async def read_dispatch(here: Here, dispatch: DispatchId) -> DispatchState:
    """One dispatch record that stands."""
    for each in here.snapshot.power.dispatches:
        if each.dispatch.dispatch == dispatch:
            return each
    raise Problem(NOT_FOUND, "no_such_dispatch", dispatch)


@router.put("/dispatches/{dispatch}", responses=declared(HTTPStatus.CONFLICT))
async def put_dispatch(here: Here, by: By, dispatch: DispatchId, order: DispatchOrder) -> Accepted:
    """Follow a record from now on: the same again renews it, another of its name replaces it.

    `result.state` is `put`, `renewed` or `replaced`. A record that was ended does not come back: a new one has a name
    of its own.
    """
    values = order.model_dump()
    return await ask(here, by, PutDispatch(dispatch, values.pop("source"), values.pop("kind"), **values))


@router.delete("/dispatches/{dispatch}", responses=declared(HTTPStatus.CONFLICT, NOT_FOUND))
async def end_dispatch(here: Here, by: By, dispatch: DispatchId, reason: Annotated[Reason, Query()]) -> Accepted:
    """End a record before its time, at once and without its ramp.

    What was asked for safety or by the grid is ended by a person with a name only.
    """
    return await ask(here, by, EndDispatch(dispatch, reason))
