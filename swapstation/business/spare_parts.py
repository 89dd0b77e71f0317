"""Spare parts in the business database: movements are added, never changed; the stock is their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.business.work_orders import work_orders
from swapstation.database.columns import UtcDateTime
from swapstation.errors import InputError
from swapstation.model.maintenance import Part, PartMovement, Stock

part_movements = sa.Table(
    "part_movements",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("part", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("change", sa.Integer, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("work_order", sa.ForeignKey(work_orders.c.number)),
    sa.CheckConstraint("change <> 0", name="change"),
    sa.Index(None, "part"),
)
MOST = 1_000_000


def move(connection: sa.Connection, parts: Sequence[Part], movement: PartMovement) -> Stock:
    """Write down that parts came or went, under the next number. Raises InputError for more than there are."""
    part = _known(parts, movement.part)
    stock = _stock(connection, part)
    if not 0 <= stock.stock + movement.change <= MOST:
        raise InputError("change", movement.change, f"{-stock.stock} to {MOST - stock.stock}: there are {stock.stock}")
    columns = part_movements.c
    order = movement.work_order
    if order is not None and not connection.scalar(
        sa.select(work_orders.c.number).where(work_orders.c.number == order)
    ):
        raise InputError("work_order", order, "the number of a work order")
    number = int(connection.scalar(sa.select(sa.func.max(columns.number))) or 0) + 1
    row = {column.name: getattr(movement, column.name) for column in columns} | {"number": number}
    connection.execute(sa.insert(part_movements).values(row))
    return replace(stock, stock=stock.stock + movement.change)


def stocks(connection: sa.Connection, parts: Sequence[Part]) -> list[Stock]:
    """How many there are of each part of the plan."""
    return [_stock(connection, part) for part in parts]


def movements(connection: sa.Connection, part: str, limit: int, before: int | None = None) -> list[PartMovement]:
    """Movements of a part, newest first."""
    columns = part_movements.c
    wanted = sa.select(part_movements).where(columns.part == part).order_by(columns.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(columns.number < before)
    return [PartMovement(*row) for row in connection.execute(wanted)]


def _known(parts: Sequence[Part], name: str) -> Part:
    found = next((part for part in parts if part.part == name), None)
    if found is None:
        listed = ", ".join(part.part for part in parts) or "-"
        raise InputError("part", name, f"one of {listed}")
    return found


def _stock(connection: sa.Connection, part: Part) -> Stock:
    total = sa.select(sa.func.sum(part_movements.c.change)).where(part_movements.c.part == part.part)
    return Stock(part.part, part.zh, part.en, int(connection.scalar(total) or 0), part.least)
