"""The business database: migrations match the tables, one writer, an audit that the database itself keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from swapstation.business.database import BUSINESS, Database, DatabaseError, DatabaseOwned
from swapstation.business.tables import accounts, audit

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
ROW = {
    "number": 1,
    "at": AT,
    "kind": "log_in",
    "actor": "li",
    "role": "operator",
    "address": "127.0.0.1",
    "subject": "",
    "detail": "{}",
    "previous": "0" * 64,
    "hash": "1" * 64,
}


def test_migrating_twice_changes_nothing_and_matches_the_tables(empty_url: str) -> None:
    BUSINESS.migrate(empty_url)
    BUSINESS.migrate(empty_url)
    engine = BUSINESS.open_writer(empty_url)
    with engine.connect() as connection:
        command.check(BUSINESS.alembic_config(connection))
    engine.dispose()


def test_a_second_writer_is_refused_by_the_name_of_the_database(empty_url: str, engine: Database) -> None:
    with pytest.raises(DatabaseOwned, match="another process owns the business database"):
        BUSINESS.open_writer(empty_url)


def test_the_database_refuses_to_change_or_delete_a_row_of_the_audit(engine: Database) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(audit), ROW)
    for change in (sa.update(audit).values(actor="wang"), sa.delete(audit)):
        with pytest.raises(DatabaseError, match="append-only"), BUSINESS.errors(), engine.begin() as connection:
            connection.execute(change)
    with engine.connect() as connection:
        assert dict(connection.execute(sa.select(audit)).mappings().one()) == ROW


def test_a_role_that_does_not_exist_cannot_be_stored(engine: Database) -> None:
    statement = sa.text(
        "INSERT INTO accounts (account, display, role, created_at) VALUES ('li', '', 'boss', '2026-12-01')"
    )
    with pytest.raises(DatabaseError, match="role"), BUSINESS.errors(), engine.begin() as connection:
        connection.execute(statement)
    with engine.connect() as connection:
        assert connection.execute(sa.select(accounts)).all() == []
