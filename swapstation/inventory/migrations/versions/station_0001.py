"""Create the station database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "boots",
        sa.Column("boot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("configuration_hash", sa.String, nullable=False),
        sa.Column("started_at", _UTC, nullable=False),
        sa.Column("confirmed_by", sa.String),
        sa.Column("confirmed_at", _UTC),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_boots")),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("boot", sa.Integer, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
    )
    op.create_table(
        "places",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", _words("kind", "bay", "isolation", "robot", "truck", "away"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_places")),
    )
    op.create_table(
        "requests",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("payload_hash", sa.String, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("answered_at", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_requests")),
    )
    op.create_table(
        "trucks",
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("vin_warning", sa.String, nullable=False),
        sa.CheckConstraint("length(vin) = 17", name=op.f("ck_trucks_vin")),
        sa.PrimaryKeyConstraint("vin", name=op.f("pk_trucks")),
    )
    op.create_table(
        "alarms",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("alarm", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column(
            "state", _words("state", "unacknowledged", "acknowledged", "returned_unacknowledged"), nullable=False
        ),
        sa.Column("raised_at", _UTC, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("acknowledged_by", sa.String, nullable=False),
        sa.Column("gone_at", _UTC),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name=op.f("ck_alarms_priority")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_alarms_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_alarms")),
    )
    where = sa.text("gone_at IS NULL")
    op.create_index("uq_alarms_standing", "alarms", ["alarm"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "batteries",
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("soc_pct", sa.Double),
        sa.Column("soc_at", _UTC),
        sa.Column("quarantined", sa.Boolean, nullable=False),
        sa.Column("doubtful", sa.Boolean, nullable=False),
        sa.CheckConstraint("soc_pct BETWEEN 0 AND 100", name=op.f("ck_batteries_soc_pct")),
        sa.ForeignKeyConstraint(["place"], ["places.name"], name=op.f("fk_batteries_place")),
        sa.PrimaryKeyConstraint("battery", name=op.f("pk_batteries")),
        sa.UniqueConstraint("place", name=op.f("uq_batteries_place")),
    )
    op.create_table(
        "charges",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("bay", sa.Integer, nullable=False),
        sa.Column("started_at", _UTC),
        sa.Column("start_soc_pct", sa.Double),
        sa.Column("target_soc_pct", sa.Double),
        sa.Column("ended_at", _UTC),
        sa.Column("end_soc_pct", sa.Double),
        sa.Column("energy_kwh", sa.Double),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.CheckConstraint("end_soc_pct BETWEEN 0 AND 100", name=op.f("ck_charges_end_soc_pct")),
        sa.CheckConstraint("start_soc_pct BETWEEN 0 AND 100", name=op.f("ck_charges_start_soc_pct")),
        sa.CheckConstraint("target_soc_pct BETWEEN 0 AND 100", name=op.f("ck_charges_target_soc_pct")),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_charges_battery")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_charges_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_charges")),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_charges_open_battery", "charges", ["battery"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "event_batteries",
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_event_batteries_battery")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_batteries_sequence")),
        sa.PrimaryKeyConstraint("battery", "sequence", name=op.f("pk_event_batteries")),
    )
    op.create_table(
        "pack_codes",
        sa.Column("code", sa.String, nullable=False),
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.CheckConstraint("length(code) = 24", name=op.f("ck_pack_codes_code")),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_pack_codes_battery")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pack_codes")),
        sa.UniqueConstraint("battery", "position", name=op.f("uq_pack_codes_battery_position")),
    )
    op.create_table(
        "swaps",
        sa.Column("swap", sa.String, nullable=False),
        sa.Column("vin", sa.String, nullable=False),
        sa.Column("truck_model", sa.String, nullable=False),
        sa.Column("recipe", sa.String, nullable=False),
        sa.Column("recipe_hash", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("result", _words("result", "open", "completed", "failed"), nullable=False),
        sa.Column("fresh", sa.String),
        sa.Column("returned", sa.String),
        sa.Column("from_bay", sa.Integer),
        sa.Column("to_bay", sa.Integer),
        sa.Column("booking", sa.String),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("opened_at", _UTC, nullable=False),
        sa.Column("closed_at", _UTC),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("step_seconds", sa.JSON, nullable=False),
        sa.CheckConstraint("(result = 'open') = (closed_at IS NULL)", name=op.f("ck_swaps_closed")),
        sa.ForeignKeyConstraint(["fresh"], ["batteries.battery"], name=op.f("fk_swaps_fresh")),
        sa.ForeignKeyConstraint(["returned"], ["batteries.battery"], name=op.f("fk_swaps_returned")),
        sa.ForeignKeyConstraint(["vin"], ["trucks.vin"], name=op.f("fk_swaps_vin")),
        sa.PrimaryKeyConstraint("swap", name=op.f("pk_swaps")),
    )
    op.create_index("ix_swaps_opened_at", "swaps", ["opened_at"])
    where = sa.text("result = 'open'")
    op.create_index("uq_swaps_open", "swaps", ["result"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "holds",
        sa.Column("hold", sa.String, nullable=False),
        sa.Column("kind", _words("kind", "swap", "booking", "lock_out"), nullable=False),
        sa.Column("battery", sa.String),
        sa.Column("place", sa.String),
        sa.Column("swap", sa.String),
        sa.Column("vin", sa.String),
        sa.Column("model", sa.String),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("expires_at", _UTC),
        sa.Column("ended_at", _UTC),
        sa.Column("end_reason", sa.String),
        sa.CheckConstraint("(battery IS NULL) <> (place IS NULL)", name=op.f("ck_holds_one_target")),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_holds_battery")),
        sa.ForeignKeyConstraint(["place"], ["places.name"], name=op.f("fk_holds_place")),
        sa.ForeignKeyConstraint(["swap"], ["swaps.swap"], name=op.f("fk_holds_swap")),
        sa.PrimaryKeyConstraint("hold", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_swap", "holds", ["swap"])
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_holds_open_battery", "holds", ["battery"], unique=True, sqlite_where=where, postgresql_where=where
    )
    where = sa.text("ended_at IS NULL")
    op.create_index("uq_holds_open_place", "holds", ["place"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "intents",
        sa.Column("command_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("boot", sa.Integer, nullable=False),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("parameters", sa.String, nullable=False),
        sa.Column("swap", sa.String),
        sa.Column("recorded_at", _UTC, nullable=False),
        sa.Column("outcome", _words("outcome", "done", "refused", "failed", "dropped")),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("resolved_at", _UTC),
        sa.ForeignKeyConstraint(["boot"], ["boots.boot"], name=op.f("fk_intents_boot")),
        sa.ForeignKeyConstraint(["swap"], ["swaps.swap"], name=op.f("fk_intents_swap")),
        sa.PrimaryKeyConstraint("command_id", name=op.f("pk_intents")),
    )
    where = sa.text("outcome IS NULL")
    op.create_index("ix_intents_open", "intents", ["command_id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "facts",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("battery", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("command_id", sa.Integer),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_facts_battery")),
        sa.ForeignKeyConstraint(["command_id"], ["intents.command_id"], name=op.f("fk_facts_command_id")),
        sa.ForeignKeyConstraint(["destination"], ["places.name"], name=op.f("fk_facts_destination")),
        sa.ForeignKeyConstraint(["origin"], ["places.name"], name=op.f("fk_facts_origin")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_facts_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_battery", "facts", ["battery"])
