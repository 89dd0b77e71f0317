"""Safety events of the black box: the list, and each one's case file, signed, for others to read without us."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from swapstation import __version__
from swapstation.business import audit
from swapstation.business.audit import Row
from swapstation.inventory.queries import Event
from swapstation.records.event_folders import EventState, event_folders, read_manifest
from swapstation.records.evidence import Case, EvidenceError, build, event_manifest, span_of_event
from swapstation.records.signing import SigningError, fingerprint, signing_key
from swapstation.server.actor import Who
from swapstation.server.context import Here
from swapstation.server.problems import Problem, declared, file_of

router = APIRouter(prefix="/records/events", tags=["records"])

EventName = Annotated[
    str, InPath(pattern=r"^[0-9A-Za-z_-]{1,120}$", examples=["20260301T083000Z-BAY_SMOKE-000001-00000042"])
]
MOST_EVENTS = 100_000
_CASE_FILE = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT) | file_of("application/gzip")


@dataclass(frozen=True, slots=True)
class SafetyEventFolder:
    """One safety event as the black box keeps it: `code` and `source` of its first cause, which came at `at`.

    `wrong`: why its folder cannot be read.
    """

    event: str
    state: EventState | None = None
    first: datetime | None = None
    recorded_s: float = 0.0
    causes: int = 0
    gaps: int = 0
    size: int = 0
    wrong: str = ""
    code: str = ""
    source: str = ""
    at: datetime | None = None


@router.get("", responses=declared())
def list_safety_events(here: Here) -> tuple[SafetyEventFolder, ...]:
    """Every safety event that is kept, oldest first."""
    return tuple(_summary(folder) for folder in event_folders(here.config.data / "black_box"))


@router.get("/{event}", responses=_CASE_FILE, response_class=FileResponse)
async def read_case_file(here: Here, by: Who, event: EventName) -> FileResponse:
    """The case file of a safety event: a tar.gz of plain files, with their SHA-256 signed by the station's key."""
    folder = here.config.data / "black_box" / "events" / event
    if not folder.is_dir():
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_event", event)
    try:
        first, last = span_of_event(event_manifest(folder))
        key = await run_in_threadpool(signing_key, here.config.data)
    except (EvidenceError, SigningError) as error:
        raise Problem(HTTPStatus.CONFLICT, "no_case_file", str(error)) from error
    signed = by.entry("case_file", event, {"fingerprint": fingerprint(key)})
    await here.business.record(signed)
    events = await run_in_threadpool(here.history.events_between, first, last, MOST_EVENTS)
    rows = await here.business.read(lambda connection: audit.rows_between(connection, first, last))
    further = {
        "events.jsonl": await run_in_threadpool(_lines, events),
        "audit.jsonl": await run_in_threadpool(_lines, rows),
    }
    case = Case(folder, here.config.data, here.config.name, __version__, further)
    with tempfile.NamedTemporaryFile(dir=here.telemetry.made(), suffix=".tar.gz", delete=False) as file:
        target = Path(file.name)
    try:
        await here.telemetry.ask(build, case, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    removed = BackgroundTask(target.unlink, missing_ok=True)
    return FileResponse(target, media_type="application/gzip", filename=f"{event}.tar.gz", background=removed)


def _summary(folder: Path) -> SafetyEventFolder:
    try:
        held = read_manifest(folder)
    except (OSError, ValueError) as error:
        return SafetyEventFolder(folder.name, wrong=str(error))
    first = held.segments[0].first_at if held.segments else None
    causes = len(held.causes) + held.causes_not_listed
    told = SafetyEventFolder(held.event, held.state, first, held.recorded_s, causes, len(held.gaps), held.size)
    cause = next(iter(held.causes), None)
    return told if cause is None else replace(told, code=cause.code, source=cause.source, at=cause.at)


def _lines(rows: Sequence[Event] | Sequence[Row]) -> bytes:
    return "".join(json.dumps(asdict(row), ensure_ascii=False, default=str) + "\n" for row in rows).encode()
