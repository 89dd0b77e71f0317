"""Lists of who may swap, permits, the outbox to a headquarters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BASES = ("headquarters", "block_list", "allow_list", "known_truck", "any_truck", "expired", "not_known")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "access_rules",
        sa.Column("vin", sa.String, primary_key=True),
        sa.Column("keeper", _words("keeper", "station", "headquarters"), primary_key=True),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("until", _UTC),
    )
    op.create_table(
        "permits",
        sa.Column("request_id", sa.String, primary_key=True),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("basis", _words("basis", *_BASES), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("offline", sa.String, nullable=False),
    )
    op.create_index(None, "permits", ["at"])
    op.create_table(
        "headquarters_outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("record_id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("happened_at", _UTC, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", _words("state", "pending", "delivered", "dead"), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_try_at", _UTC),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
        sa.Column("done_at", _UTC),
    )
    op.create_index(None, "headquarters_outbox", ["state", "number"])
