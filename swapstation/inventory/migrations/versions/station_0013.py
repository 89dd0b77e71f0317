"""Know what the truck of a promise expects to bring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("holds") as holds:
        holds.add_column(sa.Column("return_soc_pct", sa.Double))
        holds.create_check_constraint(op.f("ck_holds_return_soc_pct"), "return_soc_pct BETWEEN 0 AND 100")
