"""Alembic environment: runs on the connection that `swapstation.business.database` hands over."""

from __future__ import annotations

from alembic import context

from swapstation.business import (  # noqa: F401  all with tables
    complaints,
    device_use,
    drill_results,
    fleet_tables,
    headquarters_tables,
    money_tables,
    payment_tables,
    platform_tables,
    queue_tables,
    spare_parts,
    tables,
    trips,
    work_orders,
)
from swapstation.business.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
