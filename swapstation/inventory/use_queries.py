"""What wears devices, counted from the station database for a span from `first` until before `last` (UTC)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.inventory import tables
from swapstation.maintenance.register import ROBOT, STATION
from swapstation.model.inventory import SwapResult
from swapstation.model.maintenance import Counter


def counted_between(
    connection: sa.Connection, config: Config, first: datetime, last: datetime
) -> dict[tuple[str, Counter], float]:
    """Swaps, batteries carried and put into bays, charges with their hours and energy; by device and counter.

    A swap and a charge count when they end.
    """
    found: dict[tuple[str, Counter], float] = defaultdict(float)
    swaps, facts, charges = tables.swaps.c, tables.facts.c, tables.charges.c
    ended = sa.select(sa.func.count()).where(
        swaps.result == SwapResult.COMPLETED, swaps.closed_at >= first, swaps.closed_at < last
    )
    found[STATION, Counter.SWAPS] = float(connection.scalar(ended) or 0)
    places = {bay.place for bay in config.bays}
    arrived = sa.select(facts.destination, sa.func.count()).where(facts.at >= first, facts.at < last)
    for place, count in connection.execute(arrived.group_by(facts.destination)):
        found[ROBOT, Counter.MOVES] += count
        if place in places:
            found[place, Counter.MATINGS] += count
    by_bay = {bay.number: bay.place for bay in config.bays}
    within = sa.select(charges.bay, charges.started_at, charges.ended_at, charges.dc_kwh, charges.energy_kwh)
    for bay, started_at, ended_at, dc_kwh, energy_kwh in connection.execute(
        within.where(charges.ended_at >= first, charges.ended_at < last)
    ):
        place = by_bay.get(bay)
        if place is None:
            continue
        found[place, Counter.CHARGES] += 1
        found[place, Counter.ENERGY_KWH] += (energy_kwh if dc_kwh is None else dc_kwh) or 0.0
        if started_at is not None:
            found[place, Counter.CHARGING_H] += (ended_at - started_at).total_seconds() / 3600.0
    return {key: amount for key, amount in found.items() if amount > 0.0}


def first_event_at(connection: sa.Connection) -> datetime | None:
    """When the oldest event was written."""
    events = tables.events.c
    return connection.scalar(sa.select(events.at).order_by(events.sequence).limit(1))
