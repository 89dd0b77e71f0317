"""Tables of the station database. The rows are the dataclasses of `swapstation.model`.

The database itself keeps the stock honest: every battery has one place (NOT NULL) and a place holds at most one battery
(UNIQUE), which is why each truck and each battery sent away has a place of its own.
"""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.database.columns import UtcDateTime, percent, words
from swapstation.inventory.database import metadata
from swapstation.model.alarm import AlarmState
from swapstation.model.bypass import MAX_BYPASS_MINUTES, BypassResult
from swapstation.model.dispatch import DispatchKind, DispatchSource
from swapstation.model.inventory import HoldKind, PlaceKind, SwapResult
from swapstation.model.job import JobKind, JobResult
from swapstation.model.journal import Outcome
from swapstation.model.mode import Mode

places = sa.Table(
    "places",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("kind", words(PlaceKind, "kind"), nullable=False),
)

batteries = sa.Table(
    "batteries",
    metadata,
    sa.Column("battery", sa.String, primary_key=True),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("place", sa.ForeignKey(places.c.name), nullable=False),
    sa.Column("soc_pct", sa.Double),
    sa.Column("soc_at", UtcDateTime),
    sa.Column("quarantined", sa.Boolean, nullable=False, default=False),
    sa.Column("doubtful", sa.Boolean, nullable=False, default=False),
    sa.Column("quarantine_reason", sa.String, nullable=False, server_default=""),
    sa.Column("doubt_reason", sa.String, nullable=False, server_default=""),
    sa.Column("release_asked_by", sa.String, nullable=False, server_default=""),
    sa.Column("release_reason", sa.String, nullable=False, server_default=""),
    sa.Column("release_asked_at", UtcDateTime),
    sa.Column("full_at", UtcDateTime),
    sa.Column("charges_since_full", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("place"),
    percent("soc_pct"),
)

pack_codes = sa.Table(
    "pack_codes",
    metadata,
    sa.Column("code", sa.String, primary_key=True),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.UniqueConstraint("battery", "position"),
    sa.CheckConstraint("length(code) = 24", name="code"),
)

trucks = sa.Table(
    "trucks",
    metadata,
    sa.Column("vin", sa.String, primary_key=True),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("vin_warning", sa.String, nullable=False, default=""),
    sa.Column("seat_x_mm", sa.Integer, nullable=False, server_default="0"),
    sa.Column("seat_y_mm", sa.Integer, nullable=False, server_default="0"),
    sa.Column("seat_z_mm", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("length(vin) = 17", name="vin"),
)

boots = sa.Table(
    "boots",
    metadata,
    sa.Column("boot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("configuration_hash", sa.String, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_by", sa.String),
    sa.Column("confirmed_at", UtcDateTime),
)

swaps = sa.Table(
    "swaps",
    metadata,
    sa.Column("swap", sa.String, primary_key=True),
    sa.Column("vin", sa.ForeignKey(trucks.c.vin), nullable=False),
    sa.Column("truck_model", sa.String, nullable=False),
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("recipe_hash", sa.String, nullable=False),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("result", words(SwapResult, "result"), nullable=False),
    sa.Column("fresh", sa.ForeignKey(batteries.c.battery)),
    sa.Column("returned", sa.ForeignKey(batteries.c.battery)),
    sa.Column("from_bay", sa.Integer),
    sa.Column("to_bay", sa.Integer),
    sa.Column("booking", sa.String),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False, default=""),
    sa.Column("step_seconds", sa.JSON, nullable=False, default=list),
    sa.Column("wanted_battery", sa.String),
    sa.Column("accept_soc_pct", sa.Double),
    sa.Column("attested", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("position", sa.Integer, nullable=False, server_default="1"),
    sa.Column("fresh_soc_pct", sa.Double),
    sa.Column("returned_soc_pct", sa.Double),
    sa.Column("exchanged", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("ahead", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("uneven_accepted_by", sa.String, nullable=False, server_default=""),
    sa.CheckConstraint("(result = 'open') = (closed_at IS NULL)", name="closed"),
    sa.Index(None, "opened_at"),
)
_swap_open = swaps.c.result == SwapResult.OPEN
sa.Index("uq_swaps_open", swaps.c.result, unique=True, sqlite_where=_swap_open, postgresql_where=_swap_open)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job", sa.String, primary_key=True),
    sa.Column("kind", words(JobKind, "kind"), nullable=False),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("result", words(JobResult, "result"), nullable=False),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery)),
    sa.Column("origin", sa.ForeignKey(places.c.name)),
    sa.Column("destination", sa.ForeignKey(places.c.name)),
    sa.Column("vin", sa.String),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False, default=""),
    sa.Column("differences", sa.JSON, nullable=False, default=list),
    sa.CheckConstraint("(result = 'open') = (closed_at IS NULL)", name="closed"),
    sa.Index(None, "opened_at"),
)
_job_open = jobs.c.result == JobResult.OPEN
sa.Index("uq_jobs_open", jobs.c.result, unique=True, sqlite_where=_job_open, postgresql_where=_job_open)

HELD = "(battery IS NULL) <> (place IS NULL) OR (needed_at IS NOT NULL AND place IS NULL)"
"""A hold is of one battery or one place; a promise holds no battery until one is set aside for it."""
holds = sa.Table(
    "holds",
    metadata,
    sa.Column("hold", sa.String, primary_key=True),
    sa.Column("kind", words(HoldKind, "kind"), nullable=False),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery)),
    sa.Column("place", sa.ForeignKey(places.c.name)),
    sa.Column("swap", sa.ForeignKey(swaps.c.swap)),
    sa.Column("vin", sa.String),
    sa.Column("model", sa.String),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_reason", sa.String),
    sa.Column("reason", sa.String, nullable=False, server_default=""),
    sa.Column("job", sa.ForeignKey(jobs.c.job)),
    sa.Column("needed_at", UtcDateTime),
    sa.Column("soc_pct", sa.Double),
    sa.Column("return_soc_pct", sa.Double),
    sa.CheckConstraint(HELD, name="one_target"),
    percent("soc_pct"),
    percent("return_soc_pct"),
    sa.Index(None, "swap"),
)
hold_open = holds.c.ended_at.is_(None)
sa.Index("uq_holds_open_battery", holds.c.battery, unique=True, sqlite_where=hold_open, postgresql_where=hold_open)
sa.Index("uq_holds_open_place", holds.c.place, unique=True, sqlite_where=hold_open, postgresql_where=hold_open)

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("boot", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index(None, "at"),
)

event_batteries = sa.Table(
    "event_batteries",
    metadata,
    sa.Column("battery", sa.ForeignKey(batteries.c.battery), primary_key=True),
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
)

intents = sa.Table(
    "intents",
    metadata,
    sa.Column("command_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("boot", sa.ForeignKey(boots.c.boot), nullable=False),
    sa.Column("command", sa.String, nullable=False),
    sa.Column("parameters", sa.String, nullable=False),
    sa.Column("swap", sa.ForeignKey(swaps.c.swap)),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("outcome", words(Outcome, "outcome")),
    sa.Column("detail", sa.String, nullable=False, default=""),
    sa.Column("resolved_at", UtcDateTime),
)
intent_open = intents.c.outcome.is_(None)
sa.Index("ix_intents_open", intents.c.command_id, sqlite_where=intent_open, postgresql_where=intent_open)

modes = sa.Table(
    "modes",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("mode", words(Mode, "mode"), nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
)

bypasses = sa.Table(
    "bypasses",
    metadata,
    sa.Column("bypass", sa.String, primary_key=True),
    sa.Column("input", sa.String, nullable=False),
    sa.Column("bay", sa.Integer),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("set_at", UtcDateTime, nullable=False),
    sa.Column("result", words(BypassResult, "result"), nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_by", sa.String, nullable=False, default=""),
    sa.CheckConstraint("(result = 'open') = (ended_at IS NULL)", name="ended"),
    sa.CheckConstraint(f"minutes BETWEEN 1 AND {MAX_BYPASS_MINUTES}", name="minutes"),
    sa.Index(None, "set_at"),
)
_bypass_open = bypasses.c.result == BypassResult.OPEN
sa.Index("uq_bypasses_open", bypasses.c.result, unique=True, sqlite_where=_bypass_open, postgresql_where=_bypass_open)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery), nullable=False),
    sa.Column("origin", sa.ForeignKey(places.c.name), nullable=False),
    sa.Column("destination", sa.ForeignKey(places.c.name), nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("command_id", sa.ForeignKey(intents.c.command_id)),
    sa.Index(None, "battery"),
)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("alarm", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", words(AlarmState, "state"), nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("acknowledged_by", sa.String, nullable=False),
    sa.Column("gone_at", UtcDateTime),
    sa.CheckConstraint("priority BETWEEN 1 AND 4", name="priority"),
)
alarm_stands = alarms.c.gone_at.is_(None)
sa.Index("uq_alarms_standing", alarms.c.alarm, unique=True, sqlite_where=alarm_stands, postgresql_where=alarm_stands)

charges = sa.Table(
    "charges",
    metadata,
    sa.Column("sequence", sa.ForeignKey(events.c.sequence), primary_key=True),
    sa.Column("battery", sa.ForeignKey(batteries.c.battery), nullable=False),
    sa.Column("bay", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("start_soc_pct", sa.Double),
    sa.Column("target_soc_pct", sa.Double),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_soc_pct", sa.Double),
    sa.Column("energy_kwh", sa.Double),
    sa.Column("reasons", sa.JSON, nullable=False, default=list),
    sa.Column("ac_kwh", sa.Double),
    sa.Column("dc_kwh", sa.Double),
    sa.Column("settlement", sa.JSON(none_as_null=True)),
    percent("start_soc_pct"),
    percent("end_soc_pct"),
    percent("target_soc_pct"),
)
charge_open = charges.c.ended_at.is_(None)
sa.Index(
    "uq_charges_open_battery", charges.c.battery, unique=True, sqlite_where=charge_open, postgresql_where=charge_open
)

dispatches = sa.Table(
    "dispatches",
    metadata,
    sa.Column("dispatch", sa.String, primary_key=True),
    sa.Column("source", words(DispatchSource, "source"), nullable=False),
    sa.Column("kind", words(DispatchKind, "kind"), nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("ramp_kw_per_min", sa.Double),
    sa.Column("fallback_kw", sa.Double),
    sa.Column("signature", sa.String, nullable=False, server_default=""),
    sa.Column("renew_s", sa.Double),
    sa.Column("node", sa.String, nullable=False),
    sa.Column("issued_at", UtcDateTime),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_reason", sa.String),
    sa.Column("ended_by", sa.String, nullable=False, server_default=""),
    sa.CheckConstraint("starts_at < ends_at", name="times"),
)
dispatch_open = dispatches.c.ended_at.is_(None)
sa.Index("ix_dispatches_open", dispatches.c.dispatch, sqlite_where=dispatch_open, postgresql_where=dispatch_open)

quarters = sa.Table(
    "quarters",
    metadata,
    sa.Column("at", UtcDateTime, primary_key=True),
    sa.Column("demand_kw", sa.Double, nullable=False),
    sa.Column("estimated", sa.Boolean, nullable=False),
    sa.Column("counter_kwh", sa.Double),
    sa.Column("peak_kw", sa.Double, nullable=False),
    sa.Column("peak_at", UtcDateTime),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("payload_hash", sa.String, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("answered_at", UtcDateTime, nullable=False),
)
