"""Up to which of the station's events something was derived (swapstation/business/tables.py)."""

from __future__ import annotations

import sqlalchemy as sa

from swapstation.business import tables

_CURSORS = tables.cursors.c


def cursor(connection: sa.Connection, name: str) -> int:
    """The sequence number of the last event that counts as done, 0 at first."""
    return connection.scalar(sa.select(_CURSORS.sequence).where(_CURSORS.name == name)) or 0


def move(connection: sa.Connection, name: str, sequence: int) -> None:
    """Move a cursor, in the transaction that writes what was derived from the events up to it."""
    moved = connection.execute(sa.update(tables.cursors).where(_CURSORS.name == name).values(sequence=sequence))
    if moved.rowcount == 0:
        connection.execute(sa.insert(tables.cursors), {"name": name, "sequence": sequence})
