"""The station as a whole: hold, resume, confirm the start-up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.request import Accepted, ConfirmStartUp, HoldStation, ResumeStation
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(prefix="/station", tags=["station"], responses=declared(HTTPStatus.CONFLICT))


class HoldOrder(BaseModel):
    """Why motion is held, for the record."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=200, examples=["person in the lane"])] = ""


@router.post("/hold")
async def hold_station(here: Here, by: By, order: HoldOrder | None = None) -> Accepted:
    """Stop motion in a controlled way; accepted from anybody in every state. Not an emergency stop."""
    return await ask(here, by, HoldStation(order.reason if order else ""))


@router.post("/resume")
async def resume_station(here: Here, by: By) -> Accepted:
    """Go on after a hold."""
    return await ask(here, by, ResumeStation())


@router.post("/confirm-start-up")
async def confirm_start_up(here: Here, by: By) -> Accepted:
    """A person has looked at the survey and allows motion for this boot of the controller."""
    return await ask(here, by, ConfirmStartUp())
