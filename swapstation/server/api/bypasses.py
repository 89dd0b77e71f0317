"""Bypasses: the register of all, setting one, ending the one that is in force."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.model.bypass import MAX_BYPASS_MINUTES, Bypass
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.request import Accepted
from swapstation.server.api.bodies import Reason
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(prefix="/bypasses", tags=["bypasses"])


class BypassOrder(BaseModel):
    """Which input, why, for how long; `bay` where the input is a sensor of a bay."""

    model_config = ConfigDict(extra="forbid")
    input: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["truck_in_position", "presence_a"])]
    minutes: Annotated[int, Field(ge=1, le=MAX_BYPASS_MINUTES)]
    reason: Reason
    bay: Annotated[int | None, Field(ge=1, le=999)] = None


@router.get("", responses=declared())
def list_bypasses(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[AwareDatetime | None, Query(description="Only bypasses set before this instant.")] = None,
) -> tuple[Bypass, ...]:
    """Every bypass with who, why and how it ended, newest first; the one in force is in the snapshot."""
    return here.history.bypasses(limit, before)


@router.post("", status_code=HTTPStatus.CREATED, responses=declared(HTTPStatus.CONFLICT))
async def set_bypass(here: Here, by: By, order: BypassOrder) -> Accepted:
    """Put an input out of force: by a named person, outside automatic mode, one at a time.

    `result.decides` is the input that decides alone meanwhile. It ends by itself: at its time, at a restart of the
    controller, and when the mode does not allow it any more. An input of safety is never bypassed.
    """
    return await ask(here, by, SetBypass(order.input, order.minutes, order.reason, order.bay))


@router.post("/end", responses=declared(HTTPStatus.CONFLICT))
async def end_bypass(here: Here, by: By) -> Accepted:
    """End the bypass that is in force; accepted from anybody."""
    return await ask(here, by, EndBypass())
