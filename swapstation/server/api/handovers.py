"""Handing a shift over: what stands open at that moment, notes, two signatures. Kept in the audit.

Who leaves signs first; who comes signs in a log-in of their own, so that nobody signs for somebody else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from swapstation.business import audit
from swapstation.business.audit import Row
from swapstation.business.database import Connection
from swapstation.business.upkeep import due_at
from swapstation.business.work_orders import list_orders
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.model.alarm import Suppression
from swapstation.model.inventory import HoldKind
from swapstation.model.maintenance import DueState, Plan
from swapstation.model.snapshot import Snapshot
from swapstation.server.context import Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/handovers", tags=["station"])

KIND, TAKEN = "handover", "handover_taken"


class HandoverOrder(BaseModel):
    """What the next shift should know."""

    model_config = ConfigDict(extra="forbid")
    notes: Annotated[str, Field(max_length=2000)] = ""


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """What stood open, "" where nothing: names of alarms, hidden ones, places locked out, batteries in quarantine,
    maintenance that is due.
    """

    mode: str
    alarms: tuple[str, ...]
    hidden: tuple[str, ...]
    locked_out: tuple[str, ...]
    bypass: str
    swap: str
    job: str
    due: tuple[str, ...] = ()
    work_orders: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """One handing over: number of its row in the audit, who signed, when; `taken_by` "" while nobody took over."""

    number: int
    at: datetime
    person: str
    notes: str
    open: OpenPoints
    taken_by: str = ""
    taken_at: datetime | None = None


_POINTS = TypeAdapter(OpenPoints)


@router.get("", responses=declared())
async def list_handovers(here: Here, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> tuple[Handover, ...]:
    """The last ones, newest first."""

    def read(connection: Connection) -> tuple[Handover, ...]:
        taken = {row.subject: row for row in audit.newest_rows(connection, TAKEN, limit)}
        return tuple(_handover(row, taken.get(str(row.number))) for row in audit.newest_rows(connection, KIND, limit))

    return await here.business.read(read)


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def hand_over(here: Here, who: Who, order: HandoverOrder) -> OpenPoints:
    """Sign: the open points of this moment are kept with the notes."""
    points = await here.business.read(
        partial(with_maintenance, points=open_points(here.snapshot), plan=here.upkeep.plan, at=datetime.now(UTC))
    )
    await here.business.record(who.entry(KIND, who.person, {"notes": order.notes, "open": asdict(points)}))
    return points


@router.post("/{number}/take", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def take_over(here: Here, who: Who, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Handover:
    """Sign as the one who takes over: the last handing over, once, by another person than the one who left."""

    def check(connection: Connection) -> Row:
        given, taken = audit.newest_rows(connection, KIND, 1), audit.newest_rows(connection, TAKEN, 1)
        if not given or given[0].number != number:
            raise Problem(HTTPStatus.NOT_FOUND, "no_such_handover", str(number))
        if taken and taken[0].subject == str(number):
            raise Problem(HTTPStatus.CONFLICT, "handover_taken", taken[0].actor)
        if given[0].actor == who.person:
            raise Problem(HTTPStatus.CONFLICT, "same_person", who.person)
        return given[0]

    given = _handover(await here.business.write(check, who.entry(TAKEN, str(number))), None)
    return replace(given, taken_by=who.person, taken_at=datetime.now(UTC))


def open_points(now: Snapshot) -> OpenPoints:
    """What the next shift takes over."""
    stock = now.inventory
    hidden = (Suppression.SHELVED, Suppression.OUT_OF_SERVICE)
    return OpenPoints(
        mode=stock.mode.mode.value,
        alarms=tuple(alarm.alarm for alarm in now.alarms if alarm.suppression not in hidden and not alarm.root),
        hidden=tuple(alarm.alarm for alarm in now.alarms if alarm.suppression in hidden),
        locked_out=tuple(hold.place for hold in stock.holds if hold.kind is HoldKind.LOCK_OUT and hold.place),
        bypass=now.bypass.subject if now.bypass else "",
        swap=now.swap.swap if now.swap else "",
        job=stock.job.job if stock.job else "",
        quarantined=tuple(battery.battery for battery in stock.batteries if battery.quarantined),
    )


def with_maintenance(connection: Connection, points: OpenPoints, plan: Plan, at: datetime) -> OpenPoints:
    """The same with the maintenance that is due and the work orders that are open."""
    due = (each for each in due_at(connection, plan, at, LOCAL_ZONE) if each.state is DueState.DUE)
    orders = list_orders(connection, only_open=True)
    return replace(
        points,
        due=tuple(f"{each.device}: {each.zh} {each.en}" for each in due),
        work_orders=tuple(f"{order.number} {order.wanted.device}: {order.wanted.text}" for order in orders),
    )


def _handover(row: Row, taken: Row | None) -> Handover:
    detail = json.loads(row.detail)
    given = Handover(row.number, row.at, row.actor, detail["notes"], _POINTS.validate_python(detail["open"]))
    return given if taken is None else replace(given, taken_by=taken.actor, taken_at=taken.at)
