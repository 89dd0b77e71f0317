"""Know the transit place, and the job that stores its battery."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLACES = "'bay', 'isolation', 'transit', 'robot', 'truck', 'away'"
_JOBS = (
    "'move', 'store', 'home', 'stock_check', 'locate', 'grip', 'lift', 'put', 'pick', 'place', 'ungrip', 'park', "
    "'unlock', 'lock', 'isolate'"
)


def upgrade() -> None:
    for table, words in (("places", _PLACES), ("jobs", _JOBS)):
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
            changed.create_check_constraint(op.f(f"ck_{table}_kind"), f"kind IN ({words})")
