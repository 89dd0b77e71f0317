"""Jobs that the station begins by itself: the transfer of an abnormal battery to isolation."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KINDS = ("move", "home", "stock_check", "locate", "grip", "lift", "put", "pick", "place", "ungrip", "park", "unlock")


def upgrade() -> None:
    words = ", ".join(f"'{kind}'" for kind in (*_KINDS, "lock", "isolate"))
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("ck_jobs_kind"), type_="check")
        jobs.create_check_constraint(op.f("ck_jobs_kind"), f"kind IN ({words})")
