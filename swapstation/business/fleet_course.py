"""Derives the fleets' events from the station's: bookings move on, swaps of their trucks are told, each once.

The cursor into the station's events moves in the transaction that writes what was derived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business import cursors
from swapstation.business.booking_answers import promise_of, rejected, reserved
from swapstation.business.booking_course import FOLLOWED
from swapstation.business.fleet_bookings import (
    booking_of_hold,
    booking_of_id,
    booking_of_swap,
    change_booking,
    confidence_in,
)
from swapstation.business.fleet_events import add_event
from swapstation.config.settings import Config
from swapstation.model.booking import BookingState, KnownBooking, Rests
from swapstation.model.fleet_event import EventKind
from swapstation.model.inventory import SwapResult

CURSOR = "fleet"
ANSWERED = "RequestAnswered"
KINDS = (*FOLLOWED, ANSWERED)
"""The events that say something to fleets."""
_ASKED = "fleet:"
_SWAP_KINDS = {
    ("SwapOpened", None): EventKind.SWAP_OPENED,
    ("SwapClosed", SwapResult.COMPLETED.value): EventKind.SWAP_COMPLETED,
    ("SwapClosed", SwapResult.FAILED.value): EventKind.SWAP_FAILED,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the station: its kind, when, what it says; `vin` of the truck that it is about, empty: of none."""

    kind: str
    at: datetime
    body: dict[str, Any]
    vin: str = ""


FleetOf = Callable[[str, datetime], str | None]
"""The fleet of a truck at an instant."""


def follow(
    connection: sa.Connection, config: Config, happened: Iterable[Happened], until: int, fleet_of: FleetOf
) -> int:
    """Write what follows for the fleets, and that events `until` that number are done. Returns how many were told."""
    told = 0
    for each in happened:
        known = _booking(connection, each)
        if known is not None:
            told += _move_on(connection, config, each, known)
        told += _tell_swap(connection, each, fleet_of)
    cursors.move(connection, CURSOR, until)
    return told


def _move_on(connection: sa.Connection, config: Config, each: Happened, known: KnownBooking) -> bool:
    if each.kind == ANSWERED:
        return _settle(connection, config, each, known)
    course = FOLLOWED[each.kind](known.booking, each.body, each.at)
    if course is not None:
        change_booking(connection, known, lambda _: course[0], each.at, course[1])
    return course is not None


def _settle(connection: sa.Connection, config: Config, each: Happened, known: KnownBooking) -> bool:
    """The station's answer to a booking, where the server that asked has not recorded it."""
    if known.booking.reservation_status is not BookingState.PENDING:
        return False
    answer = each.body["answer"]
    if answer["status"] == "refused":
        told = answer["code"], answer["facts"].get("earliest_at", "")
        change_booking(connection, known, lambda now: rejected(now, *told), each.at, EventKind.BOOKING_REJECTED)
        return True
    rests_on = Rests.ESTIMATE
    promise = promise_of(config, known.booking.swap, rests_on, confidence_in(connection, rests_on))
    hold = answer["result"]["booking"]
    change_booking(connection, known, lambda now: reserved(now, promise), each.at, EventKind.BOOKING_RESERVED, hold)
    return True


def _booking(connection: sa.Connection, each: Happened) -> KnownBooking | None:
    """The booking that an event is about."""
    match each.kind:
        case "HoldChanged":
            return booking_of_hold(connection, each.body["hold"]["hold"])
        case "HoldEnded":
            return booking_of_hold(connection, each.body["hold"])
        case "SwapOpened":
            return booking_of_hold(connection, each.body["swap"]["booking"] or "")
        case kind if kind == ANSWERED:
            return booking_of_id(connection, each.body["request"]["key"].removeprefix(_ASKED))
        case _:
            return booking_of_swap(connection, each.body["swap"])


def request_key(booking: str) -> str:
    """The key under which the station is asked for a booking."""
    return f"{_ASKED}{booking}"


def _tell_swap(connection: sa.Connection, each: Happened, fleet_of: FleetOf) -> int:
    """Tell the fleet of a truck that its swap began or ended, booked or not."""
    kind = _SWAP_KINDS.get((each.kind, each.body.get("result")))
    fleet = fleet_of(each.vin, each.at) if kind is not None and each.vin else None
    if kind is None or fleet is None:
        return 0
    swap = each.body["swap"] if isinstance(each.body["swap"], str) else each.body["swap"]["swap"]
    add_event(connection, fleet, each.at, kind, swap, _summary(each.vin, swap, each.body))
    return 1


def _summary(vin: str, swap: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"swap": swap, "vin": vin, "result": body.get("result", SwapResult.OPEN.value)}
