"""The supervision platform: how the link is, what was told, what waits for a person, and the comparison of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from swapstation.contract.texts import text
from swapstation.errors import InputError
from swapstation.model.platform_outbox import FOR_PEOPLE, MessageState, OutboxFigures, OutboxMessage, Receipt
from swapstation.model.reasons import Reason
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared
from swapstation.server.uplinks.link_state import LinkCondition
from swapstation.server.uplinks.platform_client import LogInRefused, NoAnswer
from swapstation.server.uplinks.platform_link import PlatformLink
from swapstation.server.uplinks.reconciling import Reconciliation
from swapstation.supervision.envelope import UntrustedAnswer
from swapstation.supervision.wire_fields import CHINA

router = APIRouter(prefix="/platform", tags=["platform"])

MOST_DAYS = 31
KnownDay = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2199, 12, 31))]
Number = Annotated[int, Path(ge=1, le=2**53)]


@dataclass(frozen=True, slots=True)
class PlatformStatus:
    """How the link is. `alarms` are what people should look at, with texts; `reason` is what the last attempt met."""

    profile: str
    url: str
    operator_id: str
    condition: LinkCondition
    since: datetime | None
    reason: str
    next_try_at: datetime | None
    outbox: OutboxFigures
    alarms: list[Reason]


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message with every answer that it got."""

    message: OutboxMessage
    receipts: tuple[Receipt, ...]


class Days(BaseModel):
    """From the first day to the last, both included, in China."""

    model_config = ConfigDict(extra="forbid")
    first: KnownDay
    last: KnownDay


@router.get("", responses=declared(HTTPStatus.NOT_FOUND))
async def platform_status(here: Here) -> PlatformStatus:
    """How the link to the supervision platform is."""
    link = _link(here)
    state, figures = link.delivery.link, await run_in_threadpool(link.outbox.figures)
    codes = {
        "platform_stopped": bool(link.uplink.stopped),
        "platform_suspended": state.condition is LinkCondition.SUSPENDED,
        "platform_dead_letters": any(figures.counts[each] for each in FOR_PEOPLE),
    }
    return PlatformStatus(
        link.profile.name,
        link.platform.url,
        link.platform.operator_id,
        state.condition,
        state.since,
        link.uplink.stopped or state.reason,
        state.open_at,
        figures,
        [text(code) for code, stands in codes.items() if stands],
    )


@router.get("/messages", responses=declared(HTTPStatus.NOT_FOUND))
async def list_messages(
    here: Here,
    state: Annotated[list[MessageState] | None, Query(description="Only these states; all when absent.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="Only messages before this number.")] = None,
) -> tuple[OutboxMessage, ...]:
    """What was told to the platform or waits, newest first."""
    return await run_in_threadpool(_link(here).outbox.messages, tuple(state or ()), limit, before)


@router.get("/messages/{number}", responses=declared(HTTPStatus.NOT_FOUND))
async def get_message(here: Here, number: Number) -> ToldMessage:
    """One message with what the platform answered, and when."""
    outbox = _link(here).outbox
    message = await run_in_threadpool(outbox.message, number)
    if message is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_message", str(number))
    return ToldMessage(message, await run_in_threadpool(outbox.receipts, number))


@router.post("/messages/{number}/resend", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def resend_message(here: Here, who: Who, number: Number) -> OutboxMessage:
    """Send a message again that is dead, disputed or discarded."""
    outbox = _link(here).outbox
    await here.business.record(who.entry("platform_resend", str(number)))
    try:
        await run_in_threadpool(outbox.resend, number)
    except InputError as error:
        raise Problem(HTTPStatus.CONFLICT, "not_for_resending", str(error)) from error
    message = await run_in_threadpool(outbox.message, number)
    assert message is not None
    return message


@router.post("/retry", responses=declared(HTTPStatus.NOT_FOUND))
async def retry_now(here: Here, who: Who) -> PlatformStatus:
    """Try the platform at once, whatever the link waits for: the secrets were mended, the line is back."""
    link = _link(here)
    await here.business.record(who.entry("platform_retry"))
    link.delivery.link.open()
    return await platform_status(here)


@router.post("/reconcile", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.BAD_GATEWAY))
async def reconcile(here: Here, who: Who, days: Days) -> Reconciliation:
    """Compare the station's charges with what was told, and what was told with what the platform has."""
    link = _link(here)
    if not 0 <= (days.last - days.first).days < MOST_DAYS:
        raise InputError("last", days.last.isoformat(), f"first or at most {MOST_DAYS - 1} days after it")
    detail = {"first": days.first.isoformat(), "last": days.last.isoformat()}
    await here.business.record(who.entry("platform_reconcile", "", detail))
    try:
        return await link.reconciling.reconcile(_begin(days.first), _begin(days.last) + _TO_THE_END)
    except (NoAnswer, UntrustedAnswer, LogInRefused) as error:
        raise Problem(HTTPStatus.BAD_GATEWAY, "platform_away", str(error)) from error


_TO_THE_END = timedelta(days=1, seconds=-1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def _link(here: Context) -> PlatformLink:
    if here.platform is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_platform")
    return here.platform
