"""Tables of orders and money: what is priced or issued stays as it is, a correction is a row of its own."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.money import Unpriced
from swapstation.model.order import EntryKind

_HUNDREDTHS = Decimal(100)


class Hundredths(sa.TypeDecorator[Decimal]):
    """Decimal yuan with two places as whole cents: no database rounds them."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        if value is None:
            return None
        whole = value * _HUNDREDTHS
        if whole != whole.to_integral_value():
            raise ValueError(f"{value} yuan is not in whole cents")
        return int(whole)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / _HUNDREDTHS


statements = sa.Table(
    "statements",
    metadata,
    sa.Column("statement", sa.String, primary_key=True),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("total_yuan", Hundredths, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.UniqueConstraint("fleet", "month"),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("swap", sa.String, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("vin", sa.String, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("supplied", sa.JSON, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("fleet", sa.String),
    sa.Column("open_because", words(Unpriced, "open_because")),
    sa.Column("money", sa.JSON),
    sa.Column("total_yuan", Hundredths),
    sa.Column("priced_at", UtcDateTime),
    sa.Column("statement", sa.ForeignKey(statements.c.statement)),
    sa.CheckConstraint("(priced_at IS NULL) = (total_yuan IS NULL)", name="priced"),
    sa.CheckConstraint("statement IS NULL OR priced_at IS NOT NULL", name="stated"),
    sa.Index(None, "at"),
    sa.Index(None, "fleet", "at"),
)
order_open = orders.c.priced_at.is_(None)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("swap", sa.ForeignKey(orders.c.swap), nullable=False),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("electricity_yuan", Hundredths, nullable=False),
    sa.Column("service_yuan", Hundredths, nullable=False),
    sa.Column("statement", sa.ForeignKey(statements.c.statement)),
    sa.Index(None, "swap"),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", words(EntryKind, "kind"), nullable=False),
    sa.Column("reference", sa.String, nullable=False, unique=True),
    sa.Column("yuan", Hundredths, nullable=False),
    sa.Column("person", sa.String, nullable=False, server_default=""),
    sa.Column("note", sa.String, nullable=False, server_default=""),
    sa.Index(None, "fleet", "at"),
)
