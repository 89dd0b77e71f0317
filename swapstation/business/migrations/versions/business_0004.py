"""Complaints and inquiries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("assigned_to", sa.String, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.CheckConstraint("state IN ('recorded', 'assigned', 'answered', 'closed')", name=op.f("ck_complaints_state")),
    )
    op.create_index("ix_complaints_state", "complaints", ["state"])
