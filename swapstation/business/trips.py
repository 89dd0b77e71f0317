"""Trips in the business database, by fleet and the fleet's own id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime
from swapstation.errors import InputError
from swapstation.model.trip import MOST_KM, MOST_TONNES, Trip

trips = sa.Table(
    "trips",
    metadata,
    sa.Column("fleet", sa.String, primary_key=True),
    sa.Column("trip", sa.String, primary_key=True),
    sa.Column("vin", sa.String, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("tonnes", sa.Double, nullable=False),
    sa.Column("distance_km", sa.Double, nullable=False),
    sa.Column("told_by", sa.String, nullable=False),
    sa.Index(None, "ended_at"),
)
YEARS = range(2000, 2101)


def check_trips(told: Sequence[Trip]) -> None:
    """Raises InputError for a value that cannot be, and for an id that is told twice at once."""
    seen: set[tuple[str, str]] = set()
    for index, trip in enumerate(told):
        where = f"trips[{index}]"
        if trip.ended_at.year not in YEARS:
            raise InputError(f"{where}.ended_at", trip.ended_at.isoformat(), f"a year from {YEARS[0]} to {YEARS[-1]}")
        for name, most, unit in (("tonnes", MOST_TONNES, "t"), ("distance_km", MOST_KM, "km")):
            if not 0.0 <= getattr(trip, name) <= most:
                raise InputError(f"{where}.{name}", getattr(trip, name), f"0 to {most:g} {unit}")
        if (trip.fleet, trip.trip) in seen:
            raise InputError(f"{where}.trip", trip.trip, "each id once")
        seen.add((trip.fleet, trip.trip))


def keep_trips(connection: sa.Connection, told: Sequence[Trip], person: str) -> int:
    """Keep trips, in the place of those of the same fleet and id; how many were new. Raises InputError."""
    check_trips(told)
    columns, replaced = trips.c, 0
    for trip in told:
        same = sa.and_(columns.fleet == trip.fleet, columns.trip == trip.trip)
        replaced += connection.execute(sa.delete(trips).where(same)).rowcount
    if told:
        connection.execute(sa.insert(trips), [{**asdict(trip), "told_by": person} for trip in told])
    return len(told) - replaced


def trips_between(connection: sa.Connection, first: datetime, last: datetime, limit: int | None = None) -> list[Trip]:
    """Trips that ended from `first` until before `last` (UTC), oldest first."""
    columns = trips.c
    wanted = sa.select(
        columns.trip, columns.vin, columns.ended_at, columns.tonnes, columns.distance_km, columns.fleet
    ).where(columns.ended_at >= first, columns.ended_at < last)
    ordered = wanted.order_by(columns.ended_at, columns.fleet, columns.trip).limit(limit)
    return [Trip(*row) for row in connection.execute(ordered)]
