"""A fleet's bookings, after OCPI 2.3 Bookings with a swap extension (docs/fleet.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.business import fleet_bookings
from swapstation.errors import InputError
from swapstation.model.booking import Booking, BookingState, CancelReason, KnownBooking, SwapWish
from swapstation.model.fleet_view import BookingPage
from swapstation.server import booking_desk
from swapstation.server.api.bodies import SocPct
from swapstation.server.api.fleet import fleet_of, own_truck
from swapstation.server.api.swaps import Vin
from swapstation.server.context import Context, Here, Who
from swapstation.server.etag import NOT_MODIFIED, IfNoneMatch, tagged
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/fleet/bookings", tags=["fleet"])

BookingId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
IfMatch = Annotated[str | None, Header(max_length=80, description="ETag of the booking that you know.")]
_REFUSED = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_CHANGED = declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


class BookingAsk(BaseModel):
    """A battery of `model` for a truck of the fleet that comes at `eta`.

    `request_id` is the fleet's own: sent again with the same it books once. Without it the Idempotency-Key is taken.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "request_id": "shift-1-truck-17",
                    "vin": "LFWSRXSJ7M1F00001",
                    "model": "LFP-282",
                    "eta": "2026-11-21T09:30:00+08:00",
                    "min_soc_pct": 90,
                    "soc_on_arrival_pct": 22,
                }
            ]
        },
    )
    request_id: Annotated[str | None, Field(pattern=r"^[!-~]{1,36}$")] = None
    vin: Vin
    model: Annotated[str, Field(min_length=1, max_length=60)]
    eta: AwareDatetime
    min_soc_pct: SocPct | None = None
    soc_on_arrival_pct: SocPct | None = None


class BookingEdit(BaseModel):
    """What is to be different; what is not told stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"eta": "2026-11-21T09:45:00+08:00"}]})
    eta: AwareDatetime | None = None
    min_soc_pct: SocPct | None = None
    soc_on_arrival_pct: SocPct | None = None


class Eta(BaseModel):
    """When the truck will come as it looks now, and what it will have left."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"eta": "2026-11-21T09:41:00+08:00"}]})
    eta: AwareDatetime
    soc_on_arrival_pct: SocPct | None = None


class Cancel(BaseModel):
    """Why the booking is given up."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "TRAFFIC"}]})
    reason: CancelReason = CancelReason.UNKNOWN


@router.get("", responses=declared())
async def list_bookings(
    here: Here,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(pattern=r"^[0-9]{0,18}$")] = "",
    state: Annotated[list[BookingState] | None, Query(max_length=9)] = None,
) -> BookingPage:
    """The fleet's bookings, of some states or all."""
    before = int(cursor) if cursor else None
    query = partial(fleet_bookings.list_bookings, fleet=fleet_of(who), limit=limit + 1, before=before)
    found = await here.business.read(partial(query, states=tuple(state or ())))
    page = found[:limit]
    return BookingPage(tuple(each.booking for each in page), str(page[-1].number) if len(found) > limit else "")


@router.post("", response_model=Booking, status_code=HTTPStatus.CREATED, responses=_REFUSED)
async def book(
    here: Here,
    who: Who,
    asked: BookingAsk,
    idempotency_key: Annotated[
        str | None, Header(pattern=r"^[!-~]{1,36}$", description="Stands for request_id where the body has none.")
    ] = None,
) -> Response:
    """Book a battery. Refused (409) where none can be promised; `facts.earliest_at` tells from when one could be.

    PENDING: the station has not answered yet; an event will tell.
    """
    request_id = asked.request_id or idempotency_key
    if request_id is None:
        raise InputError("request_id", None, "an id of 1 to 36 characters, here or as Idempotency-Key")
    own_truck(here, who, asked.vin)
    wish = SwapWish(asked.vin, asked.model, _utc(asked.eta), asked.min_soc_pct, asked.soc_on_arrival_pct)
    known = await booking_desk.book(here, who, fleet_of(who), booking_desk.Asked(request_id, wish))
    return _told(known, status=HTTPStatus.CREATED)


@router.get("/{booking}", response_model=Booking, responses=declared(HTTPStatus.NOT_FOUND) | NOT_MODIFIED)
async def read_booking(here: Here, who: Who, booking: BookingId, if_none_match: IfNoneMatch = None) -> Response:
    """One booking of the fleet."""
    return _told(await _own(here, fleet_of(who), booking), if_none_match)


@router.patch("/{booking}", response_model=Booking, responses=_CHANGED)
async def change_booking(
    here: Here, who: Who, booking: BookingId, edit: BookingEdit, if_match: IfMatch = None
) -> Response:
    """Change a booking, until `change_until_minutes` before it. Refused (409): the promise stands as it was."""
    async with here.fleets.one_at_a_time[fleet_of(who)]:
        known = await _own(here, fleet_of(who), booking)
        if if_match is not None and if_match != f'"{_tag(known)}"':
            raise Problem(HTTPStatus.PRECONDITION_FAILED, "changed_meanwhile", if_match)
        wish = known.booking.swap
        wish = replace(
            wish,
            eta=wish.eta if edit.eta is None else _utc(edit.eta),
            min_soc_pct=wish.min_soc_pct if edit.min_soc_pct is None else edit.min_soc_pct,
            soc_on_arrival_pct=_either(edit.soc_on_arrival_pct, wish.soc_on_arrival_pct),
        )
        return _told(await booking_desk.change(here, who, known, wish, told=False))


@router.post("/{booking}/eta", response_model=Booking, responses=_REFUSED)
async def tell_eta(here: Here, who: Who, booking: BookingId, told: Eta) -> Response:
    """Tell when the truck will come, as often as you like. The promise follows where it can, else it stands.

    `promise.ready_at` says what is promised now, and `promise.released_at` when it is lost.
    """
    async with here.fleets.one_at_a_time[fleet_of(who)]:
        known = await _own(here, fleet_of(who), booking)
        left_pct = _either(told.soc_on_arrival_pct, known.booking.swap.soc_on_arrival_pct)
        wish = replace(known.booking.swap, eta=_utc(told.eta), soc_on_arrival_pct=left_pct)
        return _told(await booking_desk.change(here, who, known, wish, told=True))


@router.post("/{booking}/cancel", response_model=Booking, responses=_REFUSED)
async def cancel_booking(here: Here, who: Who, booking: BookingId, why: Cancel) -> Response:
    """Give a booking up. After `cancel_until_minutes` it is on record as late."""
    async with here.fleets.one_at_a_time[fleet_of(who)]:
        known = await _own(here, fleet_of(who), booking)
        return _told(await booking_desk.cancel(here, who, known, why.reason))


async def _own(here: Context, fleet: str, booking: str) -> KnownBooking:
    known = await here.business.read(partial(fleet_bookings.find_booking, fleet=fleet, booking=booking))
    if known is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_booking", booking)
    return known


def _tag(known: KnownBooking) -> str:
    return f"{known.booking.id}.{known.booking.version}"


def _told(known: KnownBooking, if_none_match: str | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    answer = tagged(known.booking, if_none_match, _tag(known))
    if status is HTTPStatus.CREATED:
        answer.status_code = status
    return answer


def _either(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InputError("eta", at.isoformat(), "an instant that exists in UTC") from None
