"""Trips: what fleets carried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trips",
        sa.Column("fleet", sa.String, primary_key=True),
        sa.Column("trip", sa.String, primary_key=True),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tonnes", sa.Double, nullable=False),
        sa.Column("distance_km", sa.Double, nullable=False),
        sa.Column("told_by", sa.String, nullable=False),
    )
    op.create_index(None, "trips", ["ended_at"])
