"""Tables of the energy ledger and of the batteries' health, in the station database."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.database.columns import UtcDateTime, words
from swapstation.inventory.database import metadata
from swapstation.inventory.tables import batteries, events
from swapstation.model.energy import BalanceKind

SITE_BAY = 0
"""Row of the site meter among the readings of the bays."""

energy_readings = sa.Table(
    "energy_readings",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("bay", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("battery", sa.String),
    sa.Column("site_kwh", sa.Double),
    sa.Column("ac_meter_kwh", sa.Double),
    sa.Column("dc_meter_kwh", sa.Double),
    sa.Column("charger_kwh", sa.Double),
    sa.Column("process_kwh", sa.Double),
    sa.Column("soc_pct", sa.Double),
    sa.Index(None, "bay", "at"),
)

charger_records = sa.Table(
    "charger_records",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("bay", sa.Integer, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("charger_id", sa.String, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("order_id", sa.String, nullable=False),
    sa.Column("started", sa.String, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
    sa.UniqueConstraint("charger_id", "number", "order_id", "started"),
)

energy_cases = sa.Table(
    "energy_cases",
    metadata,
    sa.Column("case", sa.String, primary_key=True),
    sa.Column("kind", words(BalanceKind, "kind"), nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("battery", sa.String, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("difference_kwh", sa.Double, nullable=False),
    sa.Column("uncertainty_kwh", sa.Double, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", sa.String, nullable=False, server_default=""),
    sa.Column("close_reason", sa.String, nullable=False, server_default=""),
    sa.Index(None, "opened_at"),
)
case_open = energy_cases.c.closed_at.is_(None)

battery_observations = sa.Table(
    "battery_observations",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("observation", sa.JSON, nullable=False),
    sa.Index(None, "battery", "at"),
)
