"""Reasons of quarantine, doubt and lock-out, a release that waits, and what people agreed to in a swap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("quarantine_reason", "doubt_reason", "release_asked_by", "release_reason"):
        op.add_column("batteries", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.add_column("batteries", sa.Column("release_asked_at", sa.DateTime(timezone=True)))
    op.add_column("holds", sa.Column("reason", sa.String, nullable=False, server_default=""))
    op.add_column("swaps", sa.Column("wanted_battery", sa.String))
    op.add_column("swaps", sa.Column("accept_soc_pct", sa.Double))
    op.add_column("swaps", sa.Column("attested", sa.JSON, nullable=False, server_default="[]"))
