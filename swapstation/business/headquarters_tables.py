"""Tables of the link to a headquarters: lists of who may swap, permits, the outbox of records."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.headquarters import Keeper, PermitBasis, RecordState

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts by itself only in a column that is called INTEGER."""

access_rules = sa.Table(
    "access_rules",
    metadata,
    sa.Column("vin", sa.String, primary_key=True),
    sa.Column("keeper", words(Keeper, "keeper"), primary_key=True),
    sa.Column("allowed", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("until", UtcDateTime),
)
"""The station and its headquarters each keep a list of their own."""

permits = sa.Table(
    "permits",
    metadata,
    sa.Column("request_id", sa.String, primary_key=True),
    sa.Column("vin", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("basis", words(PermitBasis, "basis"), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("offline", sa.String, nullable=False),
    sa.Index(None, "at"),
)

headquarters_outbox = sa.Table(
    "headquarters_outbox",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("record_id", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("state", words(RecordState, "state"), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
    sa.Column("done_at", UtcDateTime),
    sa.Index(None, "state", "number"),
)
