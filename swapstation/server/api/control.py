"""Control of the station: where it is, taking it, handing it over."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.people import Session
from swapstation.server.actor import Actor
from swapstation.server.context import Here, Who
from swapstation.server.control import REACH, ControlState
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/control", tags=["station"])


class Offer(BaseModel):
    """Who may take control within two minutes; empty: it goes back to the cabin."""

    model_config = ConfigDict(extra="forbid")
    account: Annotated[str, Field(pattern=r"^[!-~]{0,40}$", examples=["duty"])] = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Addresses of the station's intercom ("": it has none) and cameras."""

    intercom: str
    cameras: tuple[str, ...]


@router.get("", responses=declared())
async def read_control(here: Here) -> ControlState:
    """Where control is."""
    return here.control.state


@router.get("/reach", responses=declared())
async def read_reach(here: Here) -> dict[str, str]:
    """What needs control (`control`) and what is done in the cabin only (`cabin`); all else may be done anywhere."""
    return {route: reach.value for route, reach in REACH.items()}


@router.get("/desk", responses=declared())
async def read_desk(here: Here) -> Desk:
    """By what a duty desk hears and sees the station."""
    return Desk(here.config.server.intercom, here.config.server.cameras)


@router.post("/take", responses=declared(HTTPStatus.CONFLICT))
async def take_control(here: Here, who: Who) -> ControlState:
    """Take control: in the cabin at once, at a distance where it is free or was handed over."""
    return here.control.take(who.token, _session(who))


@router.post("/hand-over", responses=declared(HTTPStatus.CONFLICT))
async def hand_over_control(here: Here, who: Who, offer: Offer) -> ControlState:
    """Offer control to somebody at a distance, or give it back to the cabin."""
    return here.control.hand_over(offer.account, who.token, _session(who))


def _session(who: Actor) -> Session:
    if who.session is None:
        raise Problem(HTTPStatus.FORBIDDEN, "not_your_role")
    return who.session
