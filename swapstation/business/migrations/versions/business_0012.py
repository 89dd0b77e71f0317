"""Payments of priced orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("reference", sa.String, primary_key=True),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("yuan", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", sa.String, nullable=False, server_default=""),
        sa.Column("receipt", sa.String, nullable=False, server_default=""),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('due', 'asked', 'paid', 'refused')", name=op.f("ck_payments_state")),
    )
    op.create_index("ix_payments_state", "payments", ["state"])
