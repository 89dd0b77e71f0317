"""Trucks that were taken on, and the queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATES = "state IN ('waiting', 'called', 'swapping', 'done', 'left')"


def upgrade() -> None:
    op.create_table(
        "known_trucks",
        sa.Column("vin", sa.String, primary_key=True),
        sa.Column("truck_model", sa.String, nullable=False),
        sa.Column("plate", sa.String, nullable=False),
        sa.Column("rfid", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("taken_on_by", sa.String, nullable=False),
        sa.Column("taken_on_at", sa.DateTime(timezone=True), nullable=False),
    )
    for name in ("plate", "rfid"):
        given = sa.text(f"{name} != ''")
        op.create_index(
            f"uq_known_trucks_{name}", "known_trucks", [name], unique=True, sqlite_where=given, postgresql_where=given
        )
    op.create_table(
        "queue_entries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("skip_reason", sa.String, nullable=False),
        sa.Column("swap", sa.String, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(_STATES, name=op.f("ck_queue_entries_state")),
    )
    op.create_index("ix_queue_entries_state", "queue_entries", ["state"])
