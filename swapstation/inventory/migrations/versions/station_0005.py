"""Swaps of trucks with several batteries: the exchange of each position; completed swaps have exchanged their one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_swaps = sa.table(
    "swaps",
    *(sa.column(name) for name in ("swap", "result", "fresh", "returned", "from_bay", "to_bay")),
    sa.column("exchanged", sa.JSON),
)


def upgrade() -> None:
    op.add_column("swaps", sa.Column("position", sa.Integer, nullable=False, server_default="1"))
    op.add_column("swaps", sa.Column("fresh_soc_pct", sa.Double))
    op.add_column("swaps", sa.Column("returned_soc_pct", sa.Double))
    op.add_column("swaps", sa.Column("exchanged", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("swaps", sa.Column("ahead", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("swaps", sa.Column("uneven_accepted_by", sa.String, nullable=False, server_default=""))
    connection, swaps = op.get_bind(), _swaps.c
    bays = swaps.from_bay.is_not(None) & swaps.to_bay.is_not(None)
    done = sa.select(_swaps).where(swaps.result == "completed", swaps.fresh.is_not(None), bays)
    for row in connection.execute(done).all():
        exchange = {"position": 1, "fresh": row.fresh, "returned": row.returned}
        exchange |= {"from_bay": row.from_bay, "to_bay": row.to_bay}
        exchange |= {"fresh_soc_pct": None, "returned_soc_pct": None}
        connection.execute(sa.update(_swaps).where(swaps.swap == row.swap).values(exchanged=[exchange]))
