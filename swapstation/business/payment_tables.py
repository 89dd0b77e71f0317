"""The table of payments: one row for each priced order that costs something."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.business.money_tables import Hundredths
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.payment import PaymentState

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("reference", sa.String, primary_key=True),
    sa.Column("fleet", sa.String, nullable=False),
    sa.Column("yuan", Hundredths, nullable=False),
    sa.Column("state", words(PaymentState, "state"), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("service", sa.String, nullable=False, server_default=""),
    sa.Column("receipt", sa.String, nullable=False, server_default=""),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ended_at", UtcDateTime),
    sa.Index(None, "state"),
)
