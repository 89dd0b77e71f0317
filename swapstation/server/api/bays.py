"""Bays: what their devices say."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from swapstation.model.snapshot import BayState
from swapstation.server.context import Here
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["bays"])


@router.get("/bays", responses=declared())
async def list_bays(here: Here) -> tuple[BayState, ...]:
    """Every bay of the rack, the isolation place too."""
    return here.snapshot.bays


@router.get("/bays/{number}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_bay(here: Here, number: Annotated[int, Path(ge=1, le=30, examples=[1])]) -> BayState:
    """One bay by its number."""
    bay = next((bay for bay in here.snapshot.bays if bay.number == number), None)
    if bay is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_bay", f"bay {number}")
    return bay
