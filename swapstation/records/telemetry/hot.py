"""The last two days of telemetry in SQLite: one table for each kind, whole numbers, sorted by series and second.

WAL with synchronous=NORMAL: a killed process loses nothing, a power cut the last seconds. One thread writes; everybody
else opens it read only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from swapstation.records.telemetry.kinds import DAY_S, KINDS, Kind, day_of, day_start
from swapstation.records.telemetry.sampling import Row

NAME = "hot.sqlite"
BUSY_TIMEOUT_S = 5.0
_log = structlog.get_logger("telemetry")


def fields(kind: Kind) -> tuple[str, ...]:
    """The stored columns of a kind after series and second."""
    return (*(column.name for column in kind.columns), *(array.name for array in kind.arrays))


def _schema() -> Iterator[str]:
    yield "CREATE TABLE IF NOT EXISTS names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"
    yield (
        "CREATE TABLE IF NOT EXISTS archived (kind TEXT NOT NULL, day TEXT NOT NULL, hot_rows INTEGER NOT NULL, "
        "PRIMARY KEY (kind, day)) WITHOUT ROWID"
    )
    for kind in KINDS.values():
        columns = ", ".join(fields(kind))
        key = "series INTEGER NOT NULL, t INTEGER NOT NULL"  # typed, else a join with names does not seek
        yield f"CREATE TABLE IF NOT EXISTS {kind.name} ({key}, {columns}, PRIMARY KEY (series, t)) WITHOUT ROWID"


class HotStore:
    """The writer's connection. All methods raise sqlite3.Error, as of a full disk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / NAME, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        with self._db:
            for statement in _schema():
                self._db.execute(statement)
        self._names = {name: number for number, name in self._db.execute("SELECT id, name FROM names")}

    def add(self, rows: Iterable[Row]) -> int:
        """Store rows in one transaction; of two for the same series and second the first stays. How many were new."""
        before = self._db.total_changes
        by_kind: dict[str, list[tuple[Any, ...]]] = {}
        names = dict(self._names)
        for row in rows:
            values = [self._number(names, each) if isinstance(each, str) else each for each in row.values]
            by_kind.setdefault(row.kind, []).append((self._number(names, row.series), row.t, *values))
        new = [(number, name) for name, number in names.items() if name not in self._names]
        with self._db:
            self._db.executemany("INSERT INTO names VALUES (?, ?)", new)
            for kind, held in by_kind.items():
                marks = ", ".join("?" * len(held[0]))
                self._db.executemany(f"INSERT OR IGNORE INTO {kind} VALUES ({marks})", held)
        self._names = names
        return self._db.total_changes - before - len(new)

    @staticmethod
    def _number(names: dict[str, int], name: str) -> int:
        return names.setdefault(name, len(names) + 1)

    def note_archived(self, kind: str, day: date, rows: int) -> None:
        """A day's file is whole and has its name; so many rows of it are here."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO archived VALUES (?, ?, ?)", (kind, day.isoformat(), rows))

    def prune(self, before_s: int) -> int:
        """Delete rows of archived days that end before a second; how many."""
        gone = 0
        for name, day, noted in self._db.execute("SELECT kind, day, hot_rows FROM archived").fetchall():
            start = day_start(date.fromisoformat(day))
            if start + DAY_S <= before_s and noted:
                with self._db:
                    self._db.execute("BEGIN IMMEDIATE")
                    gone += self._forget(name, day, noted, start)
        return gone

    def _forget(self, kind: str, day: str, noted: int, start: int) -> int:
        """Nothing goes while there is a row that the archive may not have."""
        within = f"FROM {kind} WHERE t >= ? AND t < ?"
        if self._db.execute(f"SELECT count(*) {within}", (start, start + DAY_S)).fetchone()[0] != noted:
            return 0
        self._db.execute("UPDATE archived SET hot_rows = 0 WHERE kind = ? AND day = ?", (kind, day))
        return self._db.execute(f"DELETE {within}", (start, start + DAY_S)).rowcount

    def close(self) -> None:
        self._db.close()


def open_hot(folder: Path) -> HotStore:
    """Open the store; a file that is no database any more is set aside, and named in the log. Raises sqlite3.Error."""
    try:
        return HotStore(folder)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
    number = 1 + sum(1 for _ in folder.glob("hot.broken-*.sqlite"))
    for suffix in ("", "-wal", "-shm"):
        left = folder / f"{NAME}{suffix}"
        if left.exists():
            left.rename(folder / f"hot.broken-{number}.sqlite{suffix}")
    _log.error("the hot store is broken and was set aside", file=f"hot.broken-{number}.sqlite")
    return HotStore(folder)


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads. Raises sqlite3.Error, also where nothing was written yet."""
    database = sqlite3.connect(f"{(folder / NAME).absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
    try:
        database.execute("BEGIN")
        yield database
    finally:
        database.close()


def due(database: sqlite3.Connection, before_s: int) -> list[tuple[str, date]]:
    """Kind and day of all rows before a second that are in no archive yet, oldest first."""
    noted = {(kind, day): rows for kind, day, rows in database.execute("SELECT kind, day, hot_rows FROM archived")}
    found = []
    for name in KINDS:
        counted = database.execute(f"SELECT t / {DAY_S}, count(*) FROM {name} WHERE t < ? GROUP BY 1", (before_s,))
        for number, rows in counted:
            day = day_of(number * DAY_S)
            if noted.get((name, day.isoformat())) != rows:
                found.append((name, day))
    return sorted(found, key=lambda each: each[1])


def series_names(database: sqlite3.Connection) -> dict[int, str]:
    """The words behind the numbers of series and text columns."""
    return dict(database.execute("SELECT id, name FROM names"))


def rows_of(
    database: sqlite3.Connection, kind: Kind, wanted: Sequence[str], series: int, first_s: int, last_s: int
) -> list[tuple[Any, ...]]:
    """Second and stored columns of one series from `first_s` until before `last_s`, in order of time."""
    columns = ", ".join(("t", *wanted))
    where = "series = ? AND t >= ? AND t < ? ORDER BY t"
    return database.execute(f"SELECT {columns} FROM {kind.name} WHERE {where}", (series, first_s, last_s)).fetchall()


def series_between(database: sqlite3.Connection, kind: Kind, first_s: int, last_s: int) -> list[int]:
    """The numbers of the series that have rows from `first_s` until before `last_s`; one seek for each name."""
    held = f"EXISTS (SELECT 1 FROM {kind.name} WHERE series = id AND t >= ? AND t < ?)"
    return [number for (number,) in database.execute(f"SELECT id FROM names WHERE {held}", (first_s, last_s))]


def extent(database: sqlite3.Connection, kind: Kind) -> tuple[int, int] | None:
    """The first and the last second that a kind has rows of; seeks, no scan."""
    ends = (f"(SELECT {end}(t) FROM {kind.name} WHERE series = id)" for end in ("min", "max"))
    first, last = database.execute("SELECT min({}), max({}) FROM names".format(*ends)).fetchone()
    return None if first is None else (first, last)


def longest(database: sqlite3.Connection, kind: Kind, array: str, first_s: int, last_s: int) -> int:
    """How many elements an array has at most from `first_s` until before `last_s`."""
    asked = f"SELECT ifnull(max(length({array})), 0) / 2 FROM {kind.name} WHERE t >= ? AND t < ?"
    return int(database.execute(asked, (first_s, last_s)).fetchone()[0])
