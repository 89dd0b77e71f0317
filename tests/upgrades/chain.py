"""Databases of earlier schemas with rows in them, and what a database holds, told so that it can be compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from swapstation.business import audit
from swapstation.business.audit import Entry
from swapstation.business.database import BUSINESS
from swapstation.database.store import Store
from swapstation.inventory.database import STATION
from tests.upgrades import rows

ROWS = {"station": rows.STATION, "business": rows.BUSINESS}
STORES: dict[str, Store] = {"station": STATION, "business": BUSINESS}
_RELEASES = Path(__file__).parent / "releases"


def revisions(name: str) -> list[str]:
    """Every revision of a database, the first first."""
    walked = ScriptDirectory(str(STORES[name].migrations)).walk_revisions()
    return [script.revision for script in walked][::-1]


def releases(name: str) -> list[Path]:
    """Dumps of the databases that released versions left."""
    return sorted(_RELEASES.glob(f"*/{name}.sql"))


def upgrade(name: str, file: Path, revision: str) -> None:
    """Bring a database file to a revision as a release of then would have."""
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(STORES[name].alembic_config(connection), revision)
    engine.dispose()


def first(name: str, file: Path) -> None:
    """A database of the first schema with its rows."""
    upgrade(name, file, revisions(name)[0])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        for table, row in ROWS[name]:
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    if name == "business":
        engine = sa.create_engine(f"sqlite:///{file}")
        with engine.begin() as audited:
            entries = [
                Entry("log_in", "li", "shift_lead", "127.0.0.1", detail={"note": "登录"}),
                Entry("log_out", "li"),
            ]
            audit.append(audited, entries, datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
        engine.dispose()


def held(file: Path, tables: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """What the tables hold, by column; all tables unless some are named."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        names = list(tables) or [row["name"] for row in connection.execute(asked)]
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


def load(dump: Path, file: Path) -> None:
    """A database from the dump of a release."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
