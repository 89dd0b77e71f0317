"""Bookings of fleets, their events and webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_STATES = ("PENDING", "RESERVED", "ARRIVED", "SWAPPING", "FULFILLED", "CANCELED", "NO_SHOW", "REJECTED", "FAILED")
_KINDS = (
    *("booking.reserved", "booking.rejected", "booking.changed", "booking.ready", "booking.arrived"),
    *("booking.swapping", "booking.fulfilled", "booking.canceled", "booking.no_show", "booking.failed"),
    *("swap.opened", "swap.completed", "swap.failed"),
)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "fleet_bookings",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("booking", sa.String(36), nullable=False, unique=True),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("state", _words("state", *_STATES), nullable=False),
        sa.Column("hold", sa.String, nullable=False, server_default=""),
        sa.Column("swap", sa.String, nullable=False, server_default=""),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("rests_on", sa.String, nullable=False, server_default=""),
        sa.Column("kept", sa.Boolean),
        sa.Column("body", sa.JSON, nullable=False),
        sa.UniqueConstraint("fleet", "request_id"),
    )
    for columns in (["fleet", "number"], ["state"], ["hold"], ["swap"], ["vin", "state"]):
        op.create_index(None, "fleet_bookings", columns)
    op.create_table(
        "fleet_events",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("fleet", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("kind", _words("kind", *_KINDS), nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index(None, "fleet_events", ["fleet", "number"])
    op.create_table(
        "fleet_webhooks",
        sa.Column("fleet", sa.String, primary_key=True),
        sa.Column("webhook", sa.String(40), primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("secret_id", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=False, server_default=""),
        sa.Column("previous_until", _UTC),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_try_at", _UTC),
        sa.Column("delivered_at", _UTC),
        sa.Column("reason", sa.String, nullable=False, server_default=""),
    )
