"""Bookings of fleets in the business database: each change is a new version, and an event in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.booking_rules import Claim, confidence
from swapstation.business.fleet_events import add_event
from swapstation.business.fleet_tables import fleet_bookings
from swapstation.model.booking import STANDING, Booking, BookingState, KnownBooking, Rests
from swapstation.model.fleet_event import EventKind

BOOKING: TypeAdapter[Booking] = TypeAdapter(Booking)
_BOOKINGS = fleet_bookings.c


def told(booking: Booking) -> dict[str, Any]:
    """A booking as JSON."""
    found: dict[str, Any] = BOOKING.dump_python(booking, mode="json")
    return found


def add_booking(connection: sa.Connection, fleet: str, asked_by: str, booking: Booking) -> KnownBooking:
    """Record a new booking, before the station is asked."""
    row = {"booking": booking.id, "fleet": fleet, "request_id": booking.request_id, "asked_by": asked_by}
    connection.execute(sa.insert(fleet_bookings), row | _columns(booking))
    found = find_booking(connection, fleet, booking.id)
    assert found is not None
    return found


def change_booking(
    connection: sa.Connection,
    known: KnownBooking,
    change: Callable[[Booking], Booking | None],
    at: datetime,
    kind: EventKind | None,
    hold: str = "",
) -> KnownBooking:
    """Change a booking as it is now and tell its fleet, unless `kind` is None. Returns it as it is then.

    `change` gives None where there is nothing to change: what happened meanwhile was written by somebody else.
    """
    now = find_booking(connection, known.fleet, known.booking.id)
    assert now is not None
    wanted = change(now.booking)
    if wanted is None:
        return now
    changed = replace(wanted, version=now.booking.version + 1, last_updated=at)
    row = sa.update(fleet_bookings).where(_BOOKINGS.number == known.number)
    connection.execute(row.values(**_columns(changed), **({"hold": hold} if hold else {})))
    if kind is not None:
        add_event(connection, known.fleet, at, kind, changed.id, told(changed))
    return replace(now, booking=changed, hold=hold or now.hold)


def confidence_in(connection: sa.Connection, rests_on: Rests) -> float:
    """The chance that a promise that rests on this is kept, by those before it (0 to 1)."""
    mine = _BOOKINGS.rests_on == rests_on.value, _BOOKINGS.kept.is_not(None)
    rows = connection.execute(sa.select(_BOOKINGS.kept, sa.func.count()).where(*mine).group_by(_BOOKINGS.kept))
    counts: dict[bool, int] = {bool(kept): count for kept, count in rows}
    return confidence(counts.get(True, 0), sum(counts.values()))


def find_booking(connection: sa.Connection, fleet: str, booking: str) -> KnownBooking | None:
    """A booking of a fleet by its id."""
    return _one(connection, _BOOKINGS.fleet == fleet, _BOOKINGS.booking == booking)


def booking_of_id(connection: sa.Connection, booking: str) -> KnownBooking | None:
    """A booking of any fleet by its id."""
    return _one(connection, _BOOKINGS.booking == booking)


def find_request(connection: sa.Connection, fleet: str, request_id: str) -> KnownBooking | None:
    """A booking of a fleet by the id that the fleet gave it."""
    return _one(connection, _BOOKINGS.fleet == fleet, _BOOKINGS.request_id == request_id)


def booking_of_hold(connection: sa.Connection, hold: str) -> KnownBooking | None:
    """The booking that a hold of the station belongs to."""
    return _one(connection, _BOOKINGS.hold == hold) if hold else None


def booking_of_swap(connection: sa.Connection, swap: str) -> KnownBooking | None:
    """The booking that a swap is made for."""
    return _one(connection, _BOOKINGS.swap == swap) if swap else None


def booking_of_truck(connection: sa.Connection, vin: str) -> KnownBooking | None:
    """The booking of a truck that has not ended."""
    if not vin:
        return None
    return _one(connection, _BOOKINGS.vin == vin, _BOOKINGS.state.in_(STANDING))


def list_bookings(
    connection: sa.Connection,
    fleet: str,
    limit: int,
    before: int | None = None,
    states: Sequence[BookingState] = (),
) -> tuple[KnownBooking, ...]:
    """Bookings of a fleet, the newest first; `before` a number gives the next page."""
    wanted = sa.select(fleet_bookings).where(_BOOKINGS.fleet == fleet)
    if before is not None:
        wanted = wanted.where(_BOOKINGS.number < before)
    if states:
        wanted = wanted.where(_BOOKINGS.state.in_(states))
    rows = connection.execute(wanted.order_by(_BOOKINGS.number.desc()).limit(limit))
    return tuple(map(_known, rows))


def pending(connection: sa.Connection) -> tuple[KnownBooking, ...]:
    """Bookings that the station has not answered, oldest first."""
    wanted = sa.select(fleet_bookings).where(_BOOKINGS.state == BookingState.PENDING).order_by(_BOOKINGS.number)
    return tuple(map(_known, connection.execute(wanted)))


def claims(connection: sa.Connection, model: str) -> tuple[Claim, ...]:
    """What all fleets were promised of a battery model and have not got yet."""
    rows = connection.execute(sa.select(fleet_bookings).where(_BOOKINGS.state.in_(STANDING)))
    known = map(_known, rows)
    return tuple(
        Claim(each.fleet, each.booking.period.start_date_time) for each in known if each.booking.swap.model == model
    )


def _columns(booking: Booking) -> dict[str, object]:
    rests_on = "" if booking.promise is None else booking.promise.rests_on.value
    state = booking.reservation_status
    return {
        "state": state,
        "vin": booking.swap.vin,
        "swap": booking.swap_id,
        "rests_on": rests_on,
        "kept": booking.kept,
        "body": told(booking),
    }


def _one(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> KnownBooking | None:
    row = connection.execute(sa.select(fleet_bookings).where(*which)).first()
    return None if row is None else _known(row)


def _known(row: Any) -> KnownBooking:
    return KnownBooking(row.number, row.fleet, row.hold, row.asked_by, BOOKING.validate_python(row.body))
