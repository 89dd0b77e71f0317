"""What the station's events make of a booking: set aside, arrived, swapping, done, given free. Pure.

A truck has arrived when its swap is opened, and is swapping once that has its batteries. A promise was kept when they
were found within `KEPT_WITHIN` of the later of the promised time and the arrival, with the promised charge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from swapstation.model.booking import Booking, BookingState, Cancellation, CancelReason, Rests
from swapstation.model.fleet_event import EventKind
from swapstation.model.inventory import Hold, SwapResult

KEPT_WITHIN = timedelta(minutes=5)
SOC_TOLERANCE_PCT = 0.5
Course = tuple[Booking, EventKind]
"""A booking as it is now, and what its fleet is told."""

_HOLD = TypeAdapter(Hold)


def hold_changed(booking: Booking, body: Mapping[str, Any], at: datetime) -> Course | None:
    """A battery was set aside for a promise or given free again; a changed time is told by who changed it."""
    hold, promise = _HOLD.validate_python(body["hold"]), booking.promise
    if promise is None or booking.reservation_status is not BookingState.RESERVED:
        return None
    set_aside = hold.battery is not None
    if set_aside is (promise.rests_on is Rests.SET_ASIDE):
        return None
    rests_on = Rests.SET_ASIDE if set_aside else Rests.ESTIMATE
    return replace(booking, promise=replace(promise, rests_on=rests_on)), EventKind.BOOKING_READY


def hold_ended(booking: Booking, body: Mapping[str, Any], at: datetime) -> Course | None:
    """The station ended a hold: by a person, because nobody came, or because its battery is no longer sound."""
    if booking.reservation_status is not BookingState.RESERVED or body["reason"] == "used":
        return None
    if body["reason"] == "cancelled":
        by = booking.canceled or Cancellation(CancelReason.UNKNOWN, at, late=False)
        return replace(booking, canceled=by, reservation_status=BookingState.CANCELED), EventKind.BOOKING_CANCELED
    if body["reason"] == "expired" and booking.arrived_at is None:
        return replace(booking, reservation_status=BookingState.NO_SHOW), EventKind.BOOKING_NO_SHOW
    if body["reason"] == "expired":  # the truck was there, its swap failed
        return replace(booking, reservation_status=BookingState.FAILED), EventKind.BOOKING_FAILED
    return replace(booking, reservation_status=BookingState.FAILED, kept=False), EventKind.BOOKING_FAILED


def swap_opened(booking: Booking, body: Mapping[str, Any], at: datetime) -> Course | None:
    """The truck stands in the lane and its swap begins."""
    if booking.reservation_status is not BookingState.RESERVED:
        return None
    arrived = replace(booking, swap_id=body["swap"]["swap"], arrived_at=booking.arrived_at or at)
    return replace(arrived, reservation_status=BookingState.ARRIVED), EventKind.BOOKING_ARRIVED


def swap_allocated(booking: Booking, body: Mapping[str, Any], at: datetime) -> Course | None:
    """The truck has its battery: the promise was kept, or was not."""
    if booking.reservation_status is not BookingState.ARRIVED:
        return None
    kept, promise = None, booking.promise
    if promise is not None:
        due_at = max(promise.ready_at, booking.arrived_at or promise.ready_at)
        soc_pct = body.get("fresh_soc_pct")
        kept = at <= due_at + KEPT_WITHIN and (soc_pct is None or soc_pct >= promise.soc_pct - SOC_TOLERANCE_PCT)
    return replace(booking, reservation_status=BookingState.SWAPPING, kept=kept), EventKind.BOOKING_SWAPPING


def swap_closed(booking: Booking, body: Mapping[str, Any], at: datetime) -> Course | None:
    """The swap ended; one that failed before it had a battery leaves the booking as it was."""
    state = booking.reservation_status
    if state not in (BookingState.ARRIVED, BookingState.SWAPPING):
        return None
    if body["result"] == SwapResult.COMPLETED:
        return replace(booking, reservation_status=BookingState.FULFILLED), EventKind.BOOKING_FULFILLED
    if state is BookingState.ARRIVED:
        again = replace(booking, reservation_status=BookingState.RESERVED, swap_id="")
        return again, EventKind.BOOKING_CHANGED
    return replace(booking, reservation_status=BookingState.FAILED), EventKind.BOOKING_FAILED


FOLLOWED: Mapping[str, Callable[[Booking, Mapping[str, Any], datetime], Course | None]] = {
    "HoldChanged": hold_changed,
    "HoldEnded": hold_ended,
    "SwapOpened": swap_opened,
    "SwapAllocated": swap_allocated,
    "SwapClosed": swap_closed,
}
"""Kind of the station's event -> what it makes of a booking."""
