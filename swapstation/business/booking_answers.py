"""What the station's answers make of a booking, and what it has promised then. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from swapstation.config.settings import Config
from swapstation.model.booking import (
    Booking,
    BookingRequest,
    BookingState,
    BookingTerms,
    Cancellation,
    CancelReason,
    Period,
    Promise,
    RequestStatus,
    Rests,
    SwapWish,
)

LANE = 1
"""A station has one lane."""
MOST_REQUESTS = 20
"""So many requests of a booking are kept with it, the first and the newest: a truck tells its arrival often."""


def terms_of(config: Config) -> BookingTerms:
    """What holds for a booking that is made now."""
    rules = config.bookings
    return BookingTerms(rules.change_until_minutes, rules.cancel_until_minutes, rules.bind_minutes, rules.late_minutes)


def promise_of(config: Config, wish: SwapWish, rests_on: Rests, confidence: float) -> Promise:
    """What the station has promised with its yes to a wish."""
    rules, ready_at = config.bookings, wish.eta
    return Promise(
        lane=LANE,
        ready_at=ready_at,
        battery_class=wish.model,
        soc_pct=config.limits.ready_soc_pct if wish.min_soc_pct is None else wish.min_soc_pct,
        held_from=ready_at - timedelta(minutes=rules.bind_minutes),
        released_at=ready_at + timedelta(minutes=rules.late_minutes),
        rests_on=rests_on,
        confidence=confidence,
    )


def reserved(booking: Booking, promise: Promise) -> Booking | None:
    """The station has said yes; None: that was known."""
    if booking.reservation_status is not BookingState.PENDING:
        return None
    return replace(accepted(booking), reservation_status=BookingState.RESERVED, promise=promise)


def rejected(booking: Booking, reason: str, earliest_at: str) -> Booking | None:
    """The station has said no; None: that was known."""
    if booking.reservation_status is not BookingState.PENDING:
        return None
    return replace(declined(booking, reason, earliest_at), reservation_status=BookingState.REJECTED)


def moved(booking: Booking, request: BookingRequest, wish: SwapWish, promise: Promise) -> Booking | None:
    """The promise is for another time now; None: the booking has ended meanwhile."""
    if booking.reservation_status is not BookingState.RESERVED:
        return None
    period = Period(promise.ready_at, promise.released_at)
    return replace(accepted(asked(booking, request)), swap=wish, promise=promise, period=period)


def canceled(booking: Booking) -> Booking | None:
    """The station has given the battery free; None: that was known."""
    if booking.reservation_status is not BookingState.RESERVED:
        return None
    return replace(booking, reservation_status=BookingState.CANCELED)


def cancel_asked(booking: Booking, reason: CancelReason, at: datetime) -> Booking:
    """The fleet gives it up, and says why, before the station is asked."""
    late = at > booking.may_until(booking.booking_terms.cancel_until_minutes)
    return replace(booking, canceled=Cancellation(reason, at, late))


def asked(booking: Booking, request: BookingRequest) -> Booking:
    """With one more request."""
    first, *others = booking.booking_requests
    return replace(booking, booking_requests=(first, *others[2 - MOST_REQUESTS :], request))


def accepted(booking: Booking) -> Booking:
    """With a yes to its last request."""
    *before, last = booking.booking_requests
    return replace(booking, booking_requests=(*before, replace(last, status=RequestStatus.ACCEPTED)))


def declined(booking: Booking, reason: str, earliest_at: str) -> Booking:
    """With a no to its last request."""
    *before, last = booking.booking_requests
    told = replace(last, status=RequestStatus.DECLINED, reason=reason, earliest_at=earliest_at)
    return replace(booking, booking_requests=(*before, told))
