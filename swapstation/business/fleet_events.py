"""Events of fleets in the business database: added in the transaction of what they tell of, read with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from swapstation.business.fleet_tables import fleet_events
from swapstation.model.fleet_event import EventKind, FleetEvent

_EVENTS = fleet_events.c
_COLUMNS = [_EVENTS[name] for name in ("number", "at", "kind", "subject", "data")]
KEPT = timedelta(days=30)
"""So far back events can be read and told again."""


def add_event(
    connection: sa.Connection, fleet: str, at: datetime, kind: EventKind, subject: str, data: dict[str, Any]
) -> None:
    """Add one event of a fleet."""
    row = {"fleet": fleet, "at": at, "kind": kind, "subject": subject, "data": data}
    connection.execute(sa.insert(fleet_events), row)


def events_after(
    connection: sa.Connection, fleet: str, after: int, limit: int = 100, kinds: Sequence[EventKind] = ()
) -> tuple[FleetEvent, ...]:
    """A fleet's events with a higher number, in order; of some kinds or all."""
    wanted = sa.select(*_COLUMNS).where(_EVENTS.fleet == fleet, _EVENTS.number > after)
    if kinds:
        wanted = wanted.where(_EVENTS.kind.in_(kinds))
    return tuple(FleetEvent(*row) for row in connection.execute(wanted.order_by(_EVENTS.number).limit(limit)))


def last_number(connection: sa.Connection, fleet: str) -> int:
    """The number of a fleet's last event, 0 before the first."""
    return connection.scalar(sa.select(sa.func.max(_EVENTS.number)).where(_EVENTS.fleet == fleet)) or 0


def forget_old(connection: sa.Connection, now: datetime) -> None:
    """Remove events that are too old; the newest stays, so that numbers go on from it."""
    newest = sa.select(sa.func.max(_EVENTS.number)).scalar_subquery()
    connection.execute(sa.delete(fleet_events).where(_EVENTS.at < now - KEPT, _EVENTS.number < newest))
