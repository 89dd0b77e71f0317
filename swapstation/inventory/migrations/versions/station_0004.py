"""Keep the bypasses; at most one is open, none is longer than half an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    results = ("open", "ended", "expired", "restarted", "mode_left")
    result = sa.Enum(*results, name="result", native_enum=False, create_constraint=True, length=30)
    op.create_table(
        "bypasses",
        sa.Column("bypass", sa.String, nullable=False),
        sa.Column("input", sa.String, nullable=False),
        sa.Column("bay", sa.Integer),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("set_at", _UTC, nullable=False),
        sa.Column("result", result, nullable=False),
        sa.Column("ended_at", _UTC),
        sa.Column("ended_by", sa.String, nullable=False),
        sa.CheckConstraint("(result = 'open') = (ended_at IS NULL)", name=op.f("ck_bypasses_ended")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 30", name=op.f("ck_bypasses_minutes")),
        sa.PrimaryKeyConstraint("bypass", name=op.f("pk_bypasses")),
    )
    op.create_index("ix_bypasses_set_at", "bypasses", ["set_at"])
    where = sa.text("result = 'open'")
    op.create_index("uq_bypasses_open", "bypasses", ["result"], unique=True, sqlite_where=where, postgresql_where=where)
