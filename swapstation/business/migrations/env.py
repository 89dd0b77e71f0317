"""Alembic environment: runs on the connection that `swapstation.business.database` hands over."""

from __future__ import annotations

from alembic import context

from swapstation.business.tables import audit

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=audit.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
