"""The score of promises that were kept, by fleet and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.errors import InputError
from swapstation.reports.kept_promises import PromiseScore, promise_scores
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(tags=["reports"])
MOST_DAYS = 92


@router.get("/kept-promises", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def read_scores(
    here: Here,
    first: Annotated[date, Query(examples=["2026-11-01"])],
    last: Annotated[date, Query(description="The last day, itself included.", examples=["2026-11-30"])],
) -> tuple[PromiseScore, ...]:
    """What became of each fleet's promises on each local day, from the station's record."""
    if not date(2000, 1, 1) <= first <= last <= date(2999, 12, 31) or last - first >= timedelta(days=MOST_DAYS):
        raise InputError("last", last.isoformat(), f"from first on, at most {MOST_DAYS} days")
    begin, end = (_begin(day) for day in (first, last + timedelta(days=1)))
    promises = await run_in_threadpool(here.history.promises, begin, end)
    book, grace = here.billing.book, timedelta(minutes=here.config.bookings.late_minutes)
    return promise_scores(promises, lambda vin, day: book.fleet_of(vin, day) or "", grace, LOCAL_ZONE)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
