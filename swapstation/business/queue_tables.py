"""Tables of trucks that were taken on, and of those that came."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business.database import metadata
from swapstation.database.columns import UtcDateTime, words
from swapstation.model.queue import QueueState

known_trucks = sa.Table(
    "known_trucks",
    metadata,
    sa.Column("vin", sa.String, primary_key=True),
    sa.Column("truck_model", sa.String, nullable=False),
    sa.Column("plate", sa.String, nullable=False),
    sa.Column("rfid", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("taken_on_by", sa.String, nullable=False),
    sa.Column("taken_on_at", UtcDateTime, nullable=False),
)
sa.Index(
    "uq_known_trucks_plate",
    known_trucks.c.plate,
    unique=True,
    sqlite_where=known_trucks.c.plate != "",
    postgresql_where=known_trucks.c.plate != "",
)
sa.Index(
    "uq_known_trucks_rfid",
    known_trucks.c.rfid,
    unique=True,
    sqlite_where=known_trucks.c.rfid != "",
    postgresql_where=known_trucks.c.rfid != "",
)

queue_entries = sa.Table(
    "queue_entries",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("state", words(QueueState, "state"), nullable=False),
    sa.Column("came_at", UtcDateTime, nullable=False),
    sa.Column("turn_at", UtcDateTime, nullable=False),
    sa.Column("vin", sa.String, nullable=False),
    sa.Column("proofs", sa.JSON, nullable=False),
    sa.Column("skipped", sa.Integer, nullable=False),
    sa.Column("skip_reason", sa.String, nullable=False),
    sa.Column("swap", sa.String, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("gross_kg", sa.Float),
    sa.Column("weighed_at", UtcDateTime),
    sa.Index(None, "state"),
)
"""`vin` is what the proofs come to, "" as long as they do not."""
