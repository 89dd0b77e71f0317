"""Events of the station: gapless, read with a cursor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from swapstation.inventory.queries import Event
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(tags=["events"])

LAST_SEQUENCE = 2**63 - 1


@router.get("/events", responses=declared())
def list_events(
    here: Here,
    after: Annotated[int, Query(ge=0, le=LAST_SEQUENCE, description="Sequence number of the last event you have.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> tuple[Event, ...]:
    """Events in order, those after a sequence number."""
    return here.history.events(after, limit)
