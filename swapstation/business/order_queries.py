"""What the business database says of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.money_tables import corrections, order_open, orders
from swapstation.model.money import OrderMoney, SwapFacts
from swapstation.model.order import Correction, Order, Supplied

FACTS: TypeAdapter[SwapFacts] = TypeAdapter(SwapFacts)
MONEY: TypeAdapter[OrderMoney] = TypeAdapter(OrderMoney)
SUPPLIED: TypeAdapter[tuple[Supplied, ...]] = TypeAdapter(tuple[Supplied, ...])


def find_order(connection: sa.Connection, swap: str) -> Order | None:
    """The order of a swap."""
    row = connection.execute(sa.select(orders).where(orders.c.swap == swap)).first()
    return None if row is None else _order(row)


def list_orders(
    connection: sa.Connection,
    limit: int = 200,
    before: datetime | None = None,
    fleet: str | None = None,
    only_open: bool = False,
) -> list[Order]:
    """Orders, newest swap first; of one fleet, or only those without a price."""
    wanted = sa.select(orders).order_by(orders.c.at.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(orders.c.at < before)
    if fleet is not None:
        wanted = wanted.where(orders.c.fleet == fleet)
    if only_open:
        wanted = wanted.where(order_open)
    return list_of(connection, wanted)


def list_of(connection: sa.Connection, wanted: sa.Select[Any]) -> list[Order]:
    """The orders that a query of whole rows finds."""
    return [_order(row) for row in connection.execute(wanted)]


def corrections_of(connection: sa.Connection, swap: str) -> tuple[Correction, ...]:
    """The corrections of an order, oldest first."""
    rows = connection.execute(sa.select(corrections).where(corrections.c.swap == swap).order_by(corrections.c.number))
    return tuple(Correction(**row._mapping) for row in rows)


def _order(row: sa.Row[Any]) -> Order:
    return Order(
        facts=FACTS.validate_python(row.facts),
        recorded_at=row.recorded_at,
        fleet=row.fleet,
        money=None if row.money is None else MONEY.validate_python(row.money),
        priced_at=row.priced_at,
        open_because=row.open_because,
        supplied=SUPPLIED.validate_python(row.supplied),
        statement=row.statement,
    )
