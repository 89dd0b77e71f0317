"""The station as a whole: hold, resume, confirm the start-up, mode."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.mode import Mode
from swapstation.model.request import Accepted, ChangeMode, ConfirmStartUp, HoldStation, ResumeStation
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(prefix="/station", tags=["station"], responses=declared(HTTPStatus.CONFLICT))


class HoldOrder(BaseModel):
    """Why motion is held, for the record."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=200, examples=["person in the lane"])] = ""


class ModeOrder(BaseModel):
    """The mode to go into, and why."""

    model_config = ConfigDict(extra="forbid")
    mode: Mode
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["light curtain is being changed"])]


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


@router.post("/mode")
async def change_mode(here: Here, by: By, order: ModeOrder) -> Accepted:
    """Go into another mode: automatic only from a clear zone, out of fire only into maintenance."""
    return await ask(here, by, ChangeMode(order.mode, order.reason))
