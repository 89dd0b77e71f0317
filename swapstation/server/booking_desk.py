"""Bookings of fleets: recorded first, then asked of the controller, which alone promises; the answer is recorded.

The controller is asked under a key made of the booking's id and version: asked again after a crash it answers the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus

from swapstation.business import fleet_bookings
from swapstation.business.booking_answers import asked as with_request
from swapstation.business.booking_answers import (
    cancel_asked,
    canceled,
    declined,
    moved,
    promise_of,
    rejected,
    reserved,
    terms_of,
)
from swapstation.business.booking_rules import Shortage, Wish, held_back, nearly_empty
from swapstation.business.database import Connection
from swapstation.business.fleet_course import request_key
from swapstation.contract.controller_link import ControllerAway
from swapstation.model.booking import (
    Booking,
    BookingRequest,
    BookingState,
    CancelReason,
    KnownBooking,
    Period,
    Promise,
    RequestStatus,
    Rests,
    SwapWish,
)
from swapstation.model.fleet_event import EventKind
from swapstation.model.fleet_view import Basis, FreeBatteries
from swapstation.model.request import CancelBooking, ChangeBooking, CreateBooking
from swapstation.server.actor import Actor
from swapstation.server.availability import free_at, free_batteries
from swapstation.server.context import Acting, ask
from swapstation.server.fleets import trucks_by_fleet
from swapstation.server.parts import Context
from swapstation.server.problems import Problem

WORTH_ASKING = timedelta(seconds=60)
"""A promise is not asked to move by less."""
WORTH_ASKING_PCT = 5.0
"""Nor for a smaller difference in what the truck brings (% SOC)."""
_RESTS = {Basis.PLAN: Rests.PLAN, Basis.ESTIMATE: Rests.ESTIMATE}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fleet asks: under which id, for which truck."""

    request_id: str
    wish: SwapWish


async def book(here: Context, actor: Actor, fleet: str, asked: Asked) -> KnownBooking:
    """Book, or find what was booked under this request before. PENDING while the controller is away. Raises Problem."""
    async with here.fleets.one_at_a_time[fleet]:
        query = partial(fleet_bookings.find_request, fleet=fleet, request_id=asked.request_id)
        known = await here.business.read(query)
        if known is None:
            known = await _record(here, actor, fleet, asked)
        elif known.booking.booking_requests[0].eta != asked.wish.eta or known.booking.swap.vin != asked.wish.vin:
            raise Problem(HTTPStatus.CONFLICT, "request_id_used", asked.request_id)
        if known.booking.reservation_status is BookingState.PENDING:
            known = await settle(here, actor, known)
    if known.booking.reservation_status is BookingState.REJECTED:
        raise _declined(known.booking)
    return known


async def _record(here: Context, actor: Actor, fleet: str, asked: Asked) -> KnownBooking:
    wish, rules, now = asked.wish, here.config.bookings, here.snapshot.at
    if await here.business.read(partial(fleet_bookings.booking_of_truck, vin=wish.vin)) is not None:
        raise Problem(HTTPStatus.CONFLICT, "already_booked", wish.vin)
    rows = await free_batteries(here, wish.model, wish.min_soc_pct)
    claims = await here.business.read(partial(fleet_bookings.claims, model=wish.model))
    shortage = Shortage(free_at(rows, wish.eta), claims, trucks_by_fleet(here.billing.book))
    priority = nearly_empty(wish.soc_on_arrival_pct, rules)
    why = held_back(Wish(fleet, wish.eta, priority), shortage, rules, now)
    request = BookingRequest(now, wish.eta, RequestStatus.PENDING, wish.min_soc_pct)
    if why is not None:
        request = replace(
            request,
            status=RequestStatus.DECLINED,
            reason=why,
            earliest_at=_free_from(rows, rules.kept_for_nearly_empty, wish),
        )
    booking = Booking(
        id=str(uuid.uuid4()),
        request_id=asked.request_id,
        location_id=here.config.name,
        reservation_status=BookingState.PENDING,
        period=Period(wish.eta, wish.eta + timedelta(minutes=rules.late_minutes)),
        swap=wish,
        booking_terms=terms_of(here.config),
        last_updated=now,
        booking_requests=(request,),
        priority=priority,
    )

    def add(connection: Connection) -> KnownBooking:
        added = fleet_bookings.add_booking(connection, fleet, actor.person, booking)
        if why is None:
            return added
        held = partial(replace, reservation_status=BookingState.REJECTED)
        return fleet_bookings.change_booking(connection, added, held, now, EventKind.BOOKING_REJECTED)

    entry = actor.entry("booking_asked", booking.id, {"fleet": fleet, "vin": wish.vin, "eta": wish.eta.isoformat()})
    return await here.business.write(add, entry)


async def settle(here: Context, actor: Actor, known: KnownBooking) -> KnownBooking:
    """Ask the station for a booking that it has not answered; it stays PENDING while the controller is away."""
    booking = known.booking
    wish = booking.swap
    needs = wish.eta, wish.min_soc_pct, wish.soc_on_arrival_pct
    payload = CreateBooking(wish.vin, wish.model, None, *needs)
    try:
        answer = await ask(here, Acting(request_key(booking.id), actor), payload)
    except ControllerAway:
        return known
    except Problem as refused:
        told = refused.details.code, refused.details.facts.get("earliest_at", "")
        return await _written(here, known, lambda now: rejected(now, *told), EventKind.BOOKING_REJECTED)
    promise = await _promise(here, wish)
    hold = answer.result["booking"]
    return await _written(here, known, lambda now: reserved(now, promise), EventKind.BOOKING_RESERVED, hold)


async def change(here: Context, actor: Actor, known: KnownBooking, wish: SwapWish, *, told: bool) -> KnownBooking:
    """Another time of arrival or need. `told`: it only says when the truck comes, and the promise follows if it can.

    Raises Problem where a change is asked that the station refuses, or that comes too late: the old promise stands.
    """
    booking, now = known.booking, here.snapshot.at
    if booking.reservation_status is not BookingState.RESERVED or booking.promise is None:
        raise Problem(HTTPStatus.CONFLICT, "booking_not_open", booking.reservation_status)
    if not told and now > booking.may_until(booking.booking_terms.change_until_minutes):
        raise Problem(HTTPStatus.CONFLICT, "too_late_to_change", f"/fleet/bookings/{booking.id}/eta")
    if not _worth_asking(booking.promise.ready_at, booking.swap, wish):
        return await _written(here, known, lambda now: replace(now, swap=wish), EventKind.BOOKING_CHANGED)
    request = BookingRequest(now, wish.eta, RequestStatus.PENDING, wish.min_soc_pct)
    key = f"fleet:{booking.id}:{booking.version}:{wish.eta.timestamp():.0f}:{wish.min_soc_pct}"
    try:
        await ask(
            here, Acting(key, actor), ChangeBooking(known.hold, wish.eta, wish.min_soc_pct, wish.soc_on_arrival_pct)
        )
    except Problem as refused:
        no = refused.details.code, refused.details.facts.get("earliest_at", "")
        eta = wish.eta if told else booking.swap.eta

        def stands(now: Booking) -> Booking:
            return replace(declined(with_request(now, request), *no), swap=replace(now.swap, eta=eta))

        written = await _written(here, known, stands, EventKind.BOOKING_CHANGED)
        if not told:
            raise
        return written
    promise = await _promise(here, wish)
    return await _written(here, known, lambda now: moved(now, request, wish, promise), EventKind.BOOKING_CHANGED)


def _worth_asking(ready_at: datetime, old: SwapWish, new: SwapWish) -> bool:
    """Whether what a truck tells now makes a difference to the charging plan."""
    brings_pct = abs((new.soc_on_arrival_pct or 0.0) - (old.soc_on_arrival_pct or 0.0))
    moves, needs = abs(new.eta - ready_at) >= WORTH_ASKING, new.min_soc_pct != old.min_soc_pct
    return moves or needs or brings_pct >= WORTH_ASKING_PCT


async def cancel(here: Context, actor: Actor, known: KnownBooking, reason: CancelReason) -> KnownBooking:
    """Give a booking up; one that is given up already stays as it is. Raises Problem for one that has ended."""
    if known.booking.reservation_status is BookingState.PENDING:
        known = await settle(here, actor, known)
    booking, at = known.booking, here.snapshot.at
    if booking.reservation_status is BookingState.CANCELED:
        return known
    if booking.reservation_status is not BookingState.RESERVED:
        raise Problem(HTTPStatus.CONFLICT, "booking_not_open", booking.reservation_status)
    await _written(here, known, lambda now: cancel_asked(now, reason, at), None)
    try:
        await ask(here, Acting(f"fleet:{booking.id}:{booking.version}:cancel", actor), CancelBooking(known.hold))
    except (Problem, ControllerAway):
        await _written(here, known, lambda now: replace(now, canceled=None) if now.stands else None, None)
        raise
    return await _written(here, known, canceled, EventKind.BOOKING_CANCELED)


async def _written(
    here: Context,
    known: KnownBooking,
    change: Callable[[Booking], Booking | None],
    kind: EventKind | None,
    hold: str = "",
) -> KnownBooking:
    """Change a booking as it is now: the station's events may have moved it on meanwhile."""
    at = datetime.now(UTC)

    def work(connection: Connection) -> KnownBooking:
        return fleet_bookings.change_booking(connection, known, change, at, kind, hold)

    written = await here.business.write(work)
    here.fleets.bell.ring()
    return written


async def _promise(here: Context, wish: SwapWish) -> Promise:
    """What the station has promised, with the share of such promises that were kept so far."""
    rows = await free_batteries(here, wish.model, wish.min_soc_pct)
    rests_on = _RESTS[rows[0].rests_on] if rows else Rests.ESTIMATE
    chance = await here.business.read(partial(fleet_bookings.confidence_in, rests_on=rests_on))
    return promise_of(here.config, wish, rests_on, chance)


def _declined(booking: Booking) -> Problem:
    last = booking.booking_requests[-1]
    facts = {"booking": booking.id} | ({"earliest_at": last.earliest_at} if last.earliest_at else {})
    return Problem(HTTPStatus.CONFLICT, last.reason, "", (last.reason,), facts)


def _free_from(rows: Sequence[FreeBatteries], least: int, wish: SwapWish) -> str:
    """From when on more batteries are free than are kept back; empty: not as far as is known."""
    found = next((row.at for row in rows if row.at > wish.eta and row.free > least), None)
    return "" if found is None else f"{found:%Y-%m-%dT%H:%M:%SZ}"
