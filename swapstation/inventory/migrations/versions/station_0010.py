"""Dispatch records, and the site's demand by quarters of an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_SOURCES = "'safety', 'grid_emergency', 'operator', 'vpp', 'openadr', 'ocpp'"
_KINDS = "'import_cap', 'export_cap', 'setpoint', 'soc_target', 'shed_level'"


def upgrade() -> None:
    op.create_table(
        "dispatches",
        sa.Column("dispatch", sa.String, primary_key=True),
        sa.Column("source", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("starts_at", _UTC, nullable=False),
        sa.Column("ends_at", _UTC, nullable=False),
        sa.Column("received_at", _UTC, nullable=False),
        sa.Column("ramp_kw_per_min", sa.Double),
        sa.Column("fallback_kw", sa.Double),
        sa.Column("signature", sa.String, nullable=False, server_default=""),
        sa.Column("renew_s", sa.Double),
        sa.Column("node", sa.String, nullable=False),
        sa.Column("issued_at", _UTC),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("ended_at", _UTC),
        sa.Column("end_reason", sa.String),
        sa.Column("ended_by", sa.String, nullable=False, server_default=""),
        sa.CheckConstraint(f"source IN ({_SOURCES})", name=op.f("ck_dispatches_source")),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_dispatches_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_dispatches_times")),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index("ix_dispatches_open", "dispatches", ["dispatch"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "quarters",
        sa.Column("at", _UTC, primary_key=True),
        sa.Column("demand_kw", sa.Double, nullable=False),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("counter_kwh", sa.Double),
        sa.Column("peak_kw", sa.Double, nullable=False),
        sa.Column("peak_at", _UTC),
    )
