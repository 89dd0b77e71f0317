"""The outbox to the supervision platform and the receipts of what it got."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "platform_outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("interface", sa.String, nullable=False),
        sa.Column("lane", _words("lane", "a_state", "b_record"), nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("once", sa.String),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("happened_at", _UTC, nullable=False),
        sa.Column("queued_at", _UTC, nullable=False),
        sa.Column(
            "state",
            _words("state", "pending", "delivered", "superseded", "discarded", "disputed", "dead"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_try_at", _UTC),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
        sa.Column("done_at", _UTC),
        sa.UniqueConstraint("once"),
    )
    op.create_index(None, "platform_outbox", ["state", "lane", "number"])
    op.create_index(None, "platform_outbox", ["key", "state"])
    op.create_table(
        "platform_receipts",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("message", _NUMBER, sa.ForeignKey("platform_outbox.number")),
        sa.Column("direction", _words("direction", "out", "in"), nullable=False),
        sa.Column("interface", sa.String, nullable=False),
        sa.Column("time_stamp", sa.String, nullable=False),
        sa.Column("seq", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("sent_at", _UTC, nullable=False),
        sa.Column("answered_at", _UTC, nullable=False),
        sa.Column("ret", sa.Integer, nullable=False),
        sa.Column("msg", sa.String, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_index(None, "platform_receipts", ["message"])
