"""Whether the station's events are all there: their numbers have no gap."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from swapstation.inventory import tables


def missing_events(connection: sa.Connection) -> list[tuple[int, int]]:
    """First and last number of every gap; events are counted from 1."""
    number = tables.events.c.sequence
    before = sa.func.lag(number, 1, 0).over(order_by=number).label("before")
    walked = sa.select(number, before).subquery()
    gaps = sa.select(walked.c.before + 1, walked.c.sequence - 1).where(walked.c.sequence > walked.c.before + 1)
    return [(first, last) for first, last in connection.execute(gaps.order_by(walked.c.sequence))]


def newest_event_at(connection: sa.Connection) -> datetime | None:
    """UTC time of the newest event, None before the first."""
    events = tables.events.c
    return connection.scalar(sa.select(events.at).order_by(events.sequence.desc()).limit(1))
