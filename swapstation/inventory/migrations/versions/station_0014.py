"""Keep how far the battery seat of each truck is off the nominal one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trucks") as trucks:
        for name in ("seat_x_mm", "seat_y_mm", "seat_z_mm"):
            trucks.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))
