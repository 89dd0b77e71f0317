"""Reading a whole database and saying what is wrong with it: pages, rows that point nowhere, revision of the schema."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext

from swapstation.database.store import Database, DatabaseError, Store

_MOST_FINDINGS = 20


def examine(store: Store, engine: Database, *, older_too: bool = False) -> list[str]:
    """What is wrong with a database, one line each; nothing when it is whole. Every page is read.

    SQLite checks its own pages, indexes and foreign keys; PostgreSQL keeps keys itself, so each of its tables is read.
    `older_too`: a schema that can be migrated is right as well.
    """
    try:
        with store.errors(), engine.connect() as connection:
            faults = _sqlite_faults if connection.dialect.name == "sqlite" else _unread_tables
            found = faults(connection)
            revision = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        return [" ".join(str(error).split())]
    if revision != store.head() and not (older_too and store.knows(revision)):
        found.append(f"{store.en}: schema {revision}, this software needs {store.head()}")
    return found


def _sqlite_faults(connection: sa.Connection) -> list[str]:
    pages = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_FINDINGS})").scalars().all()
    found = [" ".join(str(each).split()) for each in pages if each != "ok"]
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_MOST_FINDINGS)
    return found + [f"table {table}, row {row}: points to no row of {parent}" for table, row, parent, _ in lost]


def _unread_tables(connection: sa.Connection) -> list[str]:
    names = sa.inspect(connection).get_table_names()
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in names]
    for name in quoted:
        connection.exec_driver_sql(f"SELECT count(t::text) FROM {name} AS t")  # reads every value of every row
    return [] if names else ["there is no table"]


def frozen_sqlite(store: Store, file: Path) -> Database:
    """An engine on a SQLite file that nobody writes, as one in a backup: it leaves no file beside it."""
    if not file.is_file():
        raise DatabaseError(f"there is no {store.en} {file}")
    url = sa.URL.create(
        "sqlite", database=file.absolute().as_uri(), query={"mode": "ro", "immutable": "1", "uri": "true"}
    )
    return sa.create_engine(url)
