"""Keep when a battery was last charged full with a rest, and count its charges since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batteries", sa.Column("full_at", sa.DateTime(timezone=True)))
    op.add_column("batteries", sa.Column("charges_since_full", sa.Integer, nullable=False, server_default="0"))
