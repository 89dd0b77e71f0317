"""Fire: what it asks of the station, and what people may say about one. Extinguishing belongs to the fire panel."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.fire import FireState
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.request import Accepted
from swapstation.server.api.bodies import Why
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(prefix="/fire", tags=["fire"])

_REFUSALS = declared(HTTPStatus.CONFLICT)


class Alarm(BaseModel):
    """What somebody sees, for the record."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=200, examples=["flames at bay 3"])] = ""


class DrillOrder(BaseModel):
    """The bay that is said to burn."""

    model_config = ConfigDict(extra="forbid")
    bay: Annotated[int, Field(ge=1, le=999)]


@router.get("", responses=declared())
async def read_fire(here: Here) -> FireState:
    """What a fire, or a drill of one, asks of the station now."""
    return here.snapshot.fire


@router.post("/confirm", responses=_REFUSALS)
async def confirm_fire(here: Here, by: By, alarm: Alarm | None = None) -> Accepted:
    """A person sees a fire; accepted from anybody at any time. It does not call the fire brigade."""
    return await ask(here, by, ConfirmFire(alarm.reason if alarm else ""))


@router.post("/release", responses=_REFUSALS)
async def release_fire(here: Here, by: By, why: Why) -> Accepted:
    """Two different named people declare a fire over, one after the other, once no sign of it is left."""
    return await ask(here, by, ReleaseFire(why.reason))


@router.post("/drill", responses=_REFUSALS)
async def start_fire_drill(here: Here, by: By, order: DrillOrder) -> Accepted:
    """Walk through the fire plan as if a bay burnt; nothing is driven, any real sign ends it."""
    return await ask(here, by, StartFireDrill(order.bay))


@router.post("/drill/end", responses=_REFUSALS)
async def end_fire_drill(here: Here, by: By) -> Accepted:
    """End a fire drill."""
    return await ask(here, by, EndFireDrill())
