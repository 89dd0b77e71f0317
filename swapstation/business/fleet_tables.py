"""Tables of the fleets' dispatch: bookings, events, webhooks. A webhook's secret must be known to sign with it."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.booking import BookingState
from swapstation.model.fleet_event import EventKind

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts by itself only in a column that is called INTEGER."""

fleet_bookings = sa.Table(
    "fleet_bookings",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("booking", sa.String(36), nullable=False, unique=True),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("request_id", sa.String(36), nullable=False),
    sa.Column("vin", sa.String, nullable=False),
    sa.Column("state", words(BookingState, "state"), nullable=False),
    sa.Column("hold", sa.String, nullable=False, server_default=""),
    sa.Column("swap", sa.String, nullable=False, server_default=""),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("rests_on", sa.String, nullable=False, server_default=""),
    sa.Column("kept", sa.Boolean),
    sa.Column("body", sa.JSON, nullable=False),
    sa.UniqueConstraint("fleet", "request_id"),
    sa.Index(None, "fleet", "number"),
    sa.Index(None, "state"),
    sa.Index(None, "hold"),
    sa.Index(None, "swap"),
    sa.Index(None, "vin", "state"),
)
"""`hold` is the station's, empty until it has answered; `body` is the booking, the other columns are to find it by."""

fleet_events = sa.Table(
    "fleet_events",
    metadata,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", words(EventKind, "kind"), nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Index(None, "fleet", "number"),
)
"""Written in the transaction of what they tell of: the outbox of webhooks and feed."""

fleet_webhooks = sa.Table(
    "fleet_webhooks",
    metadata,
    sa.Column("fleet", sa.String, primary_key=True),
    sa.Column("webhook", sa.String(40), primary_key=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("secret_id", sa.String, nullable=False),
    sa.Column("secret", sa.String, nullable=False),
    sa.Column("previous", sa.String, nullable=False, server_default=""),
    sa.Column("previous_until", UtcDateTime),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
)
