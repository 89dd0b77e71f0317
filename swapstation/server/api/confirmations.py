"""Confirmations: what a person is shown before a step away from safety, and the token that the order brings back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.server.confirmations import LIFE_S
from swapstation.server.context import Here, Who
from swapstation.server.problems import declared

router = APIRouter(prefix="/confirmations", tags=["station"])


class ConfirmationOrder(BaseModel):
    """Of which action of the snapshot; of another one only the station itself counts."""

    model_config = ConfigDict(extra="forbid")
    action: Annotated[str, Field(pattern=r"^[a-z_]{1,60}$", examples=["resume"])]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`token` goes as header `X-Confirmation` with the order, within `life_s`; `facts` are what must not change."""

    token: str
    life_s: float
    facts: dict[str, str]


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def ask_for_confirmation(here: Here, who: Who, order: ConfirmationOrder) -> Confirmation:
    """What the station is at this instant, and a token for it: an order that brings it is refused after a change."""
    token, facts = here.confirmations.show(who.token, order.action, here.snapshot)
    return Confirmation(token, LIFE_S, facts)
