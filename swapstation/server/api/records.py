"""Records: signals over any time, down-sampled here; the life of a battery, a truck, a bay; export; room on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from pydantic import AwareDatetime
from starlette.background import BackgroundTask

from swapstation.errors import InputError
from swapstation.inventory.lives import Life, Span
from swapstation.records.telemetry.export import Export, export, schema
from swapstation.records.telemetry.frames import MOST_FRAMES, Frames, frames
from swapstation.records.telemetry.kinds import KINDS
from swapstation.records.telemetry.query import (
    MOST_BUCKETS,
    YEARS,
    Signal,
    Spread,
    Window,
    series_listed,
    signal,
    span_of,
    spread,
)
from swapstation.records.telemetry.retention import RETENTION, Kept, Storage
from swapstation.server.actor import Who
from swapstation.server.context import Here
from swapstation.server.problems import Problem, declared, file_of

router = APIRouter(prefix="/records", tags=["records"])

Name = Annotated[str, InPath(min_length=1, max_length=80, examples=["pack"])]
Instant = Annotated[AwareDatetime, Query()]
Since = Annotated[AwareDatetime | None, Query(description="UTC; by default five years before `last`.")]
Until = Annotated[AwareDatetime | None, Query(description="UTC; by default now.")]
Limit = Annotated[int, Query(ge=1, le=5000)]
KEPT_YEARS = 5
_NOT_FOUND = declared(HTTPStatus.NOT_FOUND)


@router.get("/schemas", responses=declared())
async def read_schemas(here: Here) -> dict[str, dict[str, Any]]:
    """Every kind of telemetry as a JSON schema of one row: columns, units, resolution, period."""
    return {name: schema(kind) for name, kind in KINDS.items()}


@router.get("/retention", responses=declared())
async def read_retention(here: Here) -> Mapping[str, Kept]:
    """How long each kind of record is kept; `days` null: for ever."""
    return RETENTION


@router.get("/storage", responses=declared())
async def read_storage(here: Here) -> Storage:
    """What telemetry takes on disk, its budget, and the day on which that is used up at today's rate."""
    return await here.telemetry.storage()


@router.get("/series/{kind}", responses=declared())
async def list_series(here: Here, kind: Name, first: Instant, last: Instant) -> tuple[str, ...]:
    """The series of a kind that have rows from `first` until before `last`."""
    if kind not in KINDS:
        raise InputError("kind", kind, f"one of {', '.join(KINDS)}")
    return await here.telemetry.ask(series_listed, here.telemetry.folder, KINDS[kind], first, last)


@router.get("/signals/{kind}/{series}/{column}", responses=declared())
async def read_signal(
    here: Here,
    kind: Name,
    series: Name,
    column: Name,
    first: Instant,
    last: Instant,
    buckets: Annotated[int, Query(ge=1, le=MOST_BUCKETS)] = 500,
) -> Signal:
    """A signal from `first` until before `last`, in at most so many buckets: smallest, largest and mean value."""
    return await here.telemetry.ask(signal, here.telemetry.folder, Window(kind, series, column, first, last, buckets))


@router.get("/frames/{kind}", responses=declared())
async def read_frames(
    here: Here,
    kind: Name,
    first: Instant,
    last: Instant,
    most: Annotated[int, Query(ge=1, le=MOST_FRAMES)] = 600,
) -> Frames:
    """Every series of a kind in at most 12 hours, step by step, for a replay."""
    return await here.telemetry.ask(frames, here.telemetry.folder, kind, first, last, most)


@router.get("/batteries/{battery}", responses=_NOT_FOUND)
def read_battery_life(here: Here, battery: Name, first: Since = None, last: Until = None, limit: Limit = 500) -> Life:
    """One battery's life: where it was, every swap, charge and alarm, newest first."""
    return _known(here.history.battery_life(battery, _span(first, last, limit)), "no_such_battery", battery)


@router.get("/batteries/{battery}/spread", responses=declared())
async def read_spread(here: Here, battery: Name, first: Since = None, last: Until = None) -> Spread:
    """How far the cells of a battery were apart, month by month."""
    span = _span(first, last, 1)
    return await here.telemetry.ask(spread, here.telemetry.folder, battery, span.first, span.last)


@router.get("/trucks/{vin}", responses=_NOT_FOUND)
def read_truck_life(here: Here, vin: Name, first: Since = None, last: Until = None, limit: Limit = 500) -> Life:
    """One truck's life: every swap, the batteries it carried, alarms while it was served."""
    return _known(here.history.truck_life(vin, _span(first, last, limit)), "no_such_truck", vin)


@router.get("/bays/{number}", responses=_NOT_FOUND)
def read_bay_life(
    here: Here,
    number: Annotated[int, InPath(ge=1, le=99)],
    first: Since = None,
    last: Until = None,
    limit: Limit = 500,
) -> Life:
    """One bay's life: the batteries that were in it, charges, swaps, alarms."""
    known = any(bay.number == number for bay in here.config.bays)
    life = here.history.bay_life(number, _span(first, last, limit)) if known else None
    return _known(life, "no_such_bay", str(number))


@router.get("/export/{kind}", responses=declared() | file_of("application/zip"), response_class=FileResponse)
async def export_records(
    here: Here,
    by: Who,
    kind: Name,
    first: Instant,
    last: Instant,
    form: Annotated[Literal["csv", "parquet", "json"], Query(alias="format")] = "csv",
    series: Annotated[str | None, Query(max_length=80)] = None,
) -> FileResponse:
    """Rows of a kind, a month at most, as a zip with the data and `schema.json`."""
    wanted = Export(kind, first, last, form, series)
    span_of(first, last)
    await here.business.record(by.entry("records_exported", kind, {"first": str(first), "last": str(last)}))
    with tempfile.NamedTemporaryFile(dir=here.telemetry.made(), suffix=".zip", delete=False) as file:
        target = Path(file.name)
    try:
        await here.telemetry.ask(export, here.telemetry.folder, wanted, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return FileResponse(
        target,
        media_type="application/zip",
        filename=f"{kind}-{first.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip",
        background=BackgroundTask(target.unlink, missing_ok=True),
    )


def _span(first: datetime | None, last: datetime | None, limit: int) -> Span:
    until = last or datetime.now(UTC)
    since = first or until.replace(year=max(YEARS[0], until.year - KEPT_YEARS), day=1)
    span_of(since, until)
    return Span(since.astimezone(UTC), until.astimezone(UTC), limit)


def _known(life: Life | None, code: str, name: str) -> Life:
    if life is None:
        raise Problem(HTTPStatus.NOT_FOUND, code, name)
    return life
