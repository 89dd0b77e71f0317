"""Keep the energy ledger: readings, settlements, records of chargers, cases; and what charges showed of batteries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_KINDS = ("conversion", "battery", "counters", "charger_record", "site")


def upgrade() -> None:
    op.add_column("charges", sa.Column("ac_kwh", sa.Double))
    op.add_column("charges", sa.Column("dc_kwh", sa.Double))
    op.add_column("charges", sa.Column("settlement", sa.JSON))
    counters = ("site_kwh", "ac_meter_kwh", "dc_meter_kwh", "charger_kwh", "process_kwh", "soc_pct")
    op.create_table(
        "energy_readings",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("bay", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("battery", sa.String),
        *(sa.Column(name, sa.Double) for name in counters),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_energy_readings_sequence")),
        sa.PrimaryKeyConstraint("sequence", "bay", name=op.f("pk_energy_readings")),
    )
    op.create_index(op.f("ix_energy_readings_bay_at"), "energy_readings", ["bay", "at"])
    op.create_table(
        "charger_records",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("bay", sa.Integer, nullable=False),
        sa.Column("received_at", _UTC, nullable=False),
        sa.Column("charger_id", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.String, nullable=False),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_charger_records_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_charger_records")),
        sa.UniqueConstraint(
            "charger_id",
            "number",
            "order_id",
            "started",
            name=op.f("uq_charger_records_charger_id_number_order_id_started"),
        ),
    )
    op.create_table(
        "energy_cases",
        sa.Column("case", sa.String, nullable=False),
        sa.Column(
            "kind", sa.Enum(*_KINDS, name="kind", native_enum=False, create_constraint=True, length=30), nullable=False
        ),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("opened_at", _UTC, nullable=False),
        sa.Column("difference_kwh", sa.Double, nullable=False),
        sa.Column("uncertainty_kwh", sa.Double, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("closed_at", _UTC),
        sa.Column("closed_by", sa.String, nullable=False, server_default=""),
        sa.Column("close_reason", sa.String, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_energy_cases")),
    )
    op.create_index(op.f("ix_energy_cases_opened_at"), "energy_cases", ["opened_at"])
    op.create_table(
        "battery_observations",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("observation", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_battery_observations_battery")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_battery_observations_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_battery_observations")),
    )
    op.create_index(op.f("ix_battery_observations_battery_at"), "battery_observations", ["battery", "at"])
