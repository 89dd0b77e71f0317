"""Alembic environment: runs on the connection that `swapstation.inventory.database` hands over."""

from __future__ import annotations

from alembic import context

from swapstation.inventory.energy_tables import energy_readings

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=energy_readings.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
