"""What was counted of each device, by local day: a day is counted again as long as it may change, then it stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import words
from swapstation.model.maintenance import Counter

device_use = sa.Table(
    "device_use",
    metadata,
    sa.Column("device", sa.String, primary_key=True),
    sa.Column("counter", words(Counter, "counter"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("amount", sa.Double, nullable=False),
)
CURSOR = "device_use"
"""Of `swapstation.business.cursors`: the last day, as its ordinal, that is counted for good."""

Amounts = Mapping[tuple[str, Counter], float]
"""What was counted, by device and counter."""


def count_day(connection: sa.Connection, day: date, amounts: Amounts) -> None:
    """Write a day down as it is known now, in the place of what was known before."""
    connection.execute(sa.delete(device_use).where(device_use.c.day == day))
    rows = [
        {"device": device, "counter": counter, "day": day, "amount": amount}
        for (device, counter), amount in amounts.items()
        if amount > 0.0
    ]
    if rows:
        connection.execute(sa.insert(device_use), rows)


def use_of_devices(
    connection: sa.Connection, until: date | None = None
) -> dict[tuple[str, Counter], dict[date, float]]:
    """What was counted of each device, by day; up to and with a day."""
    found: dict[tuple[str, Counter], dict[date, float]] = defaultdict(dict)
    wanted = sa.select(device_use)
    if until is not None:
        wanted = wanted.where(device_use.c.day <= until)
    for device, counter, day, amount in connection.execute(wanted):
        found[device, counter][day] = amount
    return dict(found)


def readings_of(connection: sa.Connection, device: str) -> dict[str, float]:
    """The counters of a device now."""
    columns = device_use.c
    summed = sa.select(columns.counter, sa.func.sum(columns.amount)).where(columns.device == device)
    rows = connection.execute(summed.group_by(columns.counter))
    return {counter.value: round(float(total), 3) for counter, total in rows}
