"""Tables of the supervision platform's link: the outbox and the receipts. Receipts are only ever added."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.platform_outbox import Direction, Lane, MessageState

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts by itself only in a column that is called INTEGER."""

platform_outbox = sa.Table(
    "platform_outbox",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("interface", sa.String, nullable=False),
    sa.Column("lane", words(Lane, "lane"), nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("once", sa.String),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("queued_at", UtcDateTime, nullable=False),
    sa.Column("state", words(MessageState, "state"), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
    sa.Column("done_at", UtcDateTime),
    sa.UniqueConstraint("once"),
    sa.Index(None, "state", "lane", "number"),
    sa.Index(None, "key", "state"),
)
"""`once`: the key of a record, of which there is one message; NULL for states and for what contradicts a record."""

platform_receipts = sa.Table(
    "platform_receipts",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("message", sa.ForeignKey(platform_outbox.c.number)),
    sa.Column("direction", words(Direction, "direction"), nullable=False),
    sa.Column("interface", sa.String, nullable=False),
    sa.Column("time_stamp", sa.String, nullable=False),
    sa.Column("seq", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("answered_at", UtcDateTime, nullable=False),
    sa.Column("ret", sa.Integer, nullable=False),
    sa.Column("msg", sa.String, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Index(None, "message"),
)
