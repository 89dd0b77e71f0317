"""Know promises: holds for a time to come, without a battery until one is set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = "(battery IS NULL) <> (place IS NULL) OR (needed_at IS NOT NULL AND place IS NULL)"
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("needed_at", sa.DateTime(timezone=True)))
        holds.add_column(sa.Column("soc_pct", sa.Double))
        holds.drop_constraint(op.f("ck_holds_one_target"), type_="check")
        holds.create_check_constraint(op.f("ck_holds_one_target"), held)
        holds.create_check_constraint(op.f("ck_holds_soc_pct"), "soc_pct BETWEEN 0 AND 100")
