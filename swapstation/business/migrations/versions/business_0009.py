"""Maintenance: what devices were used, work orders, movements of spare parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_COUNTERS = (
    *("swaps", "moves", "running_h", "travel_km", "load_distance_tkm"),
    *("matings", "charges", "charging_h", "energy_kwh"),
)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "device_use",
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("counter", _words("counter", *_COUNTERS), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("amount", sa.Double, nullable=False),
    )
    op.create_table(
        "work_orders",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", _words("state", "open", "begun", "done", "cancelled"), nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("kind", _words("kind", "corrective", "preventive", "other"), nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("alarm", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("opened_at", _UTC, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("readings", sa.JSON, nullable=False),
    )
    for column in ("state", "opened_at"):
        op.create_index(None, "work_orders", [column])
    op.create_table(
        "part_movements",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("work_order", sa.Integer, sa.ForeignKey("work_orders.number")),
        sa.CheckConstraint("change <> 0", name=op.f("ck_part_movements_change")),
    )
    op.create_index(None, "part_movements", ["part"])
