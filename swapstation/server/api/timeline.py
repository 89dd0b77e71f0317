"""Replay: a swap, or any short stretch of the past, on one time line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from swapstation.errors import InputError
from swapstation.model.timeline import Moment, timeline
from swapstation.server.api.swaps import SwapId
from swapstation.server.context import Context, Here
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["replay"])

Instant = Annotated[AwareDatetime, Query()]
AROUND = timedelta(seconds=30)
LONGEST = timedelta(hours=12)
MOST_MOMENTS = 5000


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened from `first` until before `last` (UTC). `cut`: there was more than is told here."""

    first: datetime
    last: datetime
    moments: tuple[Moment, ...]
    cut: bool


@router.get("/timeline", responses=declared())
def read_timeline(
    here: Here, first: Annotated[AwareDatetime, Query()], last: Annotated[AwareDatetime, Query()]
) -> Timeline:
    """Everything that happened in at most 12 hours: states, steps, batteries, commands, alarms, people."""
    if not timedelta(0) < last - first <= LONGEST:
        raise InputError("last", last.isoformat(), "after `first`, by 12 hours at most")
    return _told(here, first, last)


@router.get("/swaps/{swap}/timeline", responses=declared(HTTPStatus.NOT_FOUND))
def read_swap_timeline(here: Here, swap: SwapId) -> Timeline:
    """A swap from half a minute before its request to half a minute after its end; of an open one, until now."""
    found = here.history.swap(swap)
    if found is None or found.opened_at is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_swap", swap)
    last = (found.closed_at or datetime.now(UTC)) + AROUND
    return _told(here, found.opened_at - AROUND, last)


def _told(here: Context, first: datetime, last: datetime) -> Timeline:
    events = here.history.events_between(first, last, MOST_MOMENTS + 1)
    moments = timeline((event.sequence, event.at, event.kind, event.body) for event in events[:MOST_MOMENTS])
    return Timeline(first, last, moments, cut=len(events) > MOST_MOMENTS)
