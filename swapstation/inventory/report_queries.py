"""What a report reads from the station database. Spans are from `first` until before `last`, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.queries import Event, list_swaps
from swapstation.model.inventory import HoldKind, Swap
from swapstation.model.journal import BootStarted, ModeChanged, StartUpConfirmed, StateChanged
from swapstation.model.power import Quarter

_COURSE = tuple(each.__name__ for each in (BootStarted, StartUpConfirmed, StateChanged, ModeChanged))
_PAGE = 1000
_EVENT = [tables.events.c[name] for name in ("sequence", "boot", "at", "kind", "body")]


@dataclass(frozen=True, slots=True)
class KnownPromise:
    """A booking with a time. `swap`: the one that used it, and when that was opened; None where none did."""

    booking: str
    vin: str
    created_at: datetime
    needed_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    swap: str | None
    swap_opened_at: datetime | None


def swaps_between(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Swap, ...]:
    """Swaps that were opened in the span, oldest first."""
    found: list[Swap] = []
    before = last
    while page := [swap for swap in list_swaps(connection, _PAGE, before) if _opened(swap) >= first]:
        found += page
        before = _opened(page[-1])
    return tuple(reversed(found))


def _opened(swap: Swap) -> datetime:
    assert swap.opened_at is not None  # the column is not null
    return swap.opened_at


def course_between(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Event, ...]:
    """What the station did as a whole: boots, confirmations, states and modes, and the last of each before the span."""
    events = tables.events.c
    of_kind = sa.select(*_EVENT).where(events.kind.in_(_COURSE))
    within = connection.execute(of_kind.where(events.at >= first, events.at < last).order_by(events.sequence))
    before = [
        connection.execute(
            sa.select(*_EVENT).where(events.kind == kind, events.at < first).order_by(events.sequence.desc()).limit(1)
        ).one_or_none()
        for kind in _COURSE
    ]
    known = sorted((Event(*row) for row in before if row is not None), key=lambda event: event.sequence)
    return (*known, *(Event(*row) for row in within))


def times_of(connection: sa.Connection, kind: str, first: datetime, last: datetime) -> tuple[datetime, ...]:
    """When events of a kind happened in the span."""
    events = tables.events.c
    found = sa.select(events.at).where(events.kind == kind, events.at >= first, events.at < last)
    return tuple(connection.scalars(found.order_by(events.sequence)))


def events_between(connection: sa.Connection, first: datetime, last: datetime, limit: int) -> tuple[Event, ...]:
    """The first events from `first` until before `last` (UTC), in the order of their writing."""
    events = tables.events.c
    within = sa.select(*_EVENT).where(events.at >= first, events.at < last)
    return tuple(Event(*row) for row in connection.execute(within.order_by(events.sequence).limit(limit)))


def last_event_before(connection: sa.Connection, sequence: int) -> datetime | None:
    """When the event before a sequence number was written."""
    return connection.scalar(sa.select(tables.events.c.at).where(tables.events.c.sequence == sequence - 1))


def last_event_at(connection: sa.Connection) -> datetime | None:
    """When the newest event was written."""
    newest = sa.select(tables.events.c.at).order_by(tables.events.c.sequence.desc()).limit(1)
    return connection.scalar(newest)


def promises_between(connection: sa.Connection, first: datetime, last: datetime) -> tuple[KnownPromise, ...]:
    """Bookings whose promised time is in the span, in its order, with the swap that used each."""
    holds, swaps = tables.holds.c, tables.swaps.c
    promised: sa.Select[Any] = (
        sa.select(
            holds.hold,
            holds.vin,
            holds.created_at,
            holds.needed_at,
            holds.ended_at,
            holds.end_reason,
            swaps.swap,
            swaps.opened_at,
        )
        .join_from(tables.holds, tables.swaps, swaps.booking == holds.hold, isouter=True)
        .where(holds.kind == HoldKind.BOOKING, holds.needed_at >= first, holds.needed_at < last)
        .order_by(holds.needed_at, holds.hold)
    )
    return tuple(KnownPromise(*row) for row in connection.execute(promised))


def quarters_between(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Quarter, ...]:
    """Quarters of an hour of the span, oldest first."""
    quarters = tables.quarters.c
    rows = connection.execute(
        sa.select(tables.quarters).where(quarters.at >= first, quarters.at < last).order_by(quarters.at)
    )
    return tuple(Quarter(*row) for row in rows)
