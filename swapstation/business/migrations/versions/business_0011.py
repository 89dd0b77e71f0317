"""What the weighbridge showed as a truck came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue_entries", sa.Column("gross_kg", sa.Float))
    op.add_column("queue_entries", sa.Column("weighed_at", sa.DateTime(timezone=True)))
