"""Orders, their corrections, monthly statements, accounts of fleets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("statement", sa.String, primary_key=True),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("issued_at", _UTC, nullable=False),
        sa.Column("total_yuan", sa.BigInteger, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.UniqueConstraint("fleet", "month", name=op.f("uq_statements_fleet_month")),
    )
    op.create_table(
        "orders",
        sa.Column("swap", sa.String, primary_key=True),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("supplied", sa.JSON, nullable=False),
        sa.Column("recorded_at", _UTC, nullable=False),
        sa.Column("fleet", sa.String),
        sa.Column("open_because", sa.String(30)),
        sa.Column("money", sa.JSON),
        sa.Column("total_yuan", sa.BigInteger),
        sa.Column("priced_at", _UTC),
        sa.Column("statement", sa.String, sa.ForeignKey("statements.statement", name=op.f("fk_orders_statement"))),
        sa.CheckConstraint(
            "open_because IN ('no_fleet', 'no_contract', 'no_tariff', 'no_energy', 'no_distance')",
            name=op.f("ck_orders_open_because"),
        ),
        sa.CheckConstraint("(priced_at IS NULL) = (total_yuan IS NULL)", name=op.f("ck_orders_priced")),
        sa.CheckConstraint("statement IS NULL OR priced_at IS NOT NULL", name=op.f("ck_orders_stated")),
    )
    op.create_index("ix_orders_at", "orders", ["at"])
    op.create_index("ix_orders_fleet_at", "orders", ["fleet", "at"])
    op.create_table(
        "corrections",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("swap", sa.String, sa.ForeignKey("orders.swap", name=op.f("fk_corrections_swap")), nullable=False),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("electricity_yuan", sa.BigInteger, nullable=False),
        sa.Column("service_yuan", sa.BigInteger, nullable=False),
        sa.Column("statement", sa.String, sa.ForeignKey("statements.statement", name=op.f("fk_corrections_statement"))),
    )
    op.create_index("ix_corrections_swap", "corrections", ["swap"])
    op.create_table(
        "entries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("yuan", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String, nullable=False, server_default=""),
        sa.Column("note", sa.String, nullable=False, server_default=""),
        sa.CheckConstraint("kind IN ('deposit', 'order', 'correction', 'monthly')", name=op.f("ck_entries_kind")),
        sa.UniqueConstraint("reference", name=op.f("uq_entries_reference")),
    )
    op.create_index("ix_entries_fleet_at", "entries", ["fleet", "at"])
