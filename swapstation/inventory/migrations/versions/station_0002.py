"""Keep the station's mode and its jobs; a job may hold batteries and places."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    kinds = ("move", "home", "stock_check", "locate", "grip", "lift", "put", "pick", "place", "ungrip", "park")
    op.create_table(
        "jobs",
        sa.Column("job", sa.String, nullable=False),
        sa.Column("kind", _words("kind", *kinds, "unlock", "lock"), nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("result", _words("result", "open", "completed", "failed"), nullable=False),
        sa.Column("battery", sa.String),
        sa.Column("origin", sa.String),
        sa.Column("destination", sa.String),
        sa.Column("vin", sa.String),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("opened_at", _UTC, nullable=False),
        sa.Column("closed_at", _UTC),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("differences", sa.JSON, nullable=False),
        sa.CheckConstraint("(result = 'open') = (closed_at IS NULL)", name=op.f("ck_jobs_closed")),
        sa.ForeignKeyConstraint(["battery"], ["batteries.battery"], name=op.f("fk_jobs_battery")),
        sa.ForeignKeyConstraint(["destination"], ["places.name"], name=op.f("fk_jobs_destination")),
        sa.ForeignKeyConstraint(["origin"], ["places.name"], name=op.f("fk_jobs_origin")),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_opened_at", "jobs", ["opened_at"])
    where = sa.text("result = 'open'")
    op.create_index("uq_jobs_open", "jobs", ["result"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "modes",
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("since", _UTC, nullable=False),
        sa.Column("mode", _words("mode", "automatic", "single_step", "maintenance", "fire"), nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_modes_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_modes")),
    )
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("job", sa.String))
        holds.create_foreign_key(op.f("fk_holds_job"), "jobs", ["job"], ["job"])
        holds.drop_constraint(op.f("ck_holds_kind"), type_="check")
        holds.create_check_constraint(op.f("ck_holds_kind"), "kind IN ('swap', 'job', 'booking', 'lock_out')")
