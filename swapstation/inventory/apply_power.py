"""What the records about the site's power do to the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.writing import Contradiction, Entry, insert, one, put
from swapstation.model.journal import Record
from swapstation.model.power_record import DispatchEnded, DispatchPut, QuarterMeasured


def _dispatch_put(entry: Entry, record: DispatchPut) -> tuple[str, ...]:
    """A record that has ended stays so, whatever arrives late."""
    known = sa.select(tables.dispatches.c.ended_at).where(tables.dispatches.c.dispatch == record.dispatch.dispatch)
    if entry.connection.scalar(known) is not None:
        raise Contradiction(f"dispatch {record.dispatch.dispatch} has ended")
    put(entry, tables.dispatches, "dispatch", {**asdict(record.dispatch), "person": record.person})
    return ()


def _dispatch_ended(entry: Entry, record: DispatchEnded) -> tuple[str, ...]:
    dispatches = tables.dispatches
    still_open = sa.update(dispatches).where(dispatches.c.dispatch == record.dispatch, tables.dispatch_open)
    end = {"ended_at": entry.at, "end_reason": record.reason, "ended_by": record.person}
    one(entry, still_open, f"dispatch {record.dispatch} is unknown or has ended", **end)
    return ()


def _quarter_measured(entry: Entry, record: QuarterMeasured) -> tuple[str, ...]:
    """A quarter that comes twice, after the clock was set back, counts with its higher mean."""
    quarters, row = tables.quarters, asdict(record.quarter)
    known_kw = entry.connection.scalar(sa.select(quarters.c.demand_kw).where(quarters.c.at == record.quarter.at))
    if known_kw is None:
        insert(entry, quarters, **row)
    else:
        put(entry, quarters, "at", {**row, "demand_kw": max(known_kw, record.quarter.demand_kw)})
    return ()


POWER_EFFECTS: dict[type[Record], Callable[[Entry, Any], tuple[str, ...]]] = {
    DispatchPut: _dispatch_put,
    DispatchEnded: _dispatch_ended,
    QuarterMeasured: _quarter_measured,
}
