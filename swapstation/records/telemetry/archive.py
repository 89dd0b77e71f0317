"""The archive: one sorted Parquet file for each day and kind, zstd over delta-coded numbers, with a description beside.

A file is written under a temporary name, synced, read back and compared, and only then gets its name; what was there
before stays until that moment. So a process that is killed at any time loses nothing and leaves no half file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import msgspec

from swapstation.errors import SwapstationError
from swapstation.records.segments import sync_folder, write_durably
from swapstation.records.telemetry import hot
from swapstation.records.telemetry.columns import create, engine, load
from swapstation.records.telemetry.kinds import CELLS, DAY_S, KINDS, Column, Kind, day_start

FORMAT = 1
PART = ".part"
BROKEN = "broken"
WRITE = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1"
"""Without dictionaries the writer delta-codes: half the bytes for cells, a fifth less for packs."""


class ArchiveError(SwapstationError):
    """A file that was written is not what was to be written, or the disk refused."""


@dataclass(frozen=True, slots=True)
class Described:
    """One column of a file for people who have only the file: `type` in words of SQL."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class DaySpread:
    """How far the cells of a battery were apart on a day (V): kept here so that years are read at once."""

    battery: str
    mean_spread_v: float
    max_spread_v: float
    min_cell_v: float
    max_cell_v: float
    rows: int


@dataclass(frozen=True, slots=True)
class Description:
    """What stands beside a file, as JSON: what it holds, and by which SHA-256 it is whole.

    `thinned_s`: of how many seconds one row was kept. `spreads`: of a file of cells, before it was thinned.
    """

    kind: str
    day: date
    rows: int
    size: int
    sha256: str
    columns: tuple[Described, ...]
    thinned_s: int | None = None
    spreads: tuple[DaySpread, ...] = ()
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Thinned:
    """That a file has only one row in `every_s`, and what the raw one said of its cells."""

    every_s: int | None = None
    spreads: tuple[DaySpread, ...] = ()


RAW = Thinned()


@dataclass(frozen=True, slots=True)
class Archived:
    """A day that has its file now; `hot_rows` rows of the hot store are in it."""

    kind: str
    day: date
    hot_rows: int
    file: str
    size: int


def path_of(folder: Path, kind: str, day: date) -> Path:
    """The file of a kind and day below the telemetry's folder."""
    return folder / "archive" / kind / f"{kind}-{day.isoformat()}.parquet"


def files_of(folder: Path, kind: str) -> dict[date, Path]:
    """Every day's file of a kind, oldest first."""
    found = sorted((folder / "archive" / kind).glob(f"{kind}-????-??-??.parquet"))
    return {date.fromisoformat(path.stem.removeprefix(f"{kind}-")): path for path in found}


def description_of(path: Path) -> Description | None:
    """What stands beside a file; None where it cannot be read."""
    try:
        return msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=Description)
    except (OSError, msgspec.DecodeError):
        return None


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether this process is the one that changes the archive now."""
    (folder / "archive").mkdir(parents=True, exist_ok=True)
    with (folder / "archive" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def archive_due(folder: Path, before_s: int) -> list[Archived]:
    """Archive every whole day before a second; what another process does already is left to it.

    Raises ArchiveError, sqlite3.Error.
    """
    with alone(folder) as mine:
        if not mine:
            return []
        for part in (folder / "archive").glob(f"*/*{PART}"):
            part.unlink()
        with hot.reading(folder) as database:
            days = hot.due(database, before_s - before_s % DAY_S)
        return [archive_day(folder, KINDS[kind], day) for kind, day in days]


def archive_day(folder: Path, kind: Kind, day: date) -> Archived:
    """Write a day's file from the hot store and, where there is one, the file of an earlier run."""
    path = path_of(folder, kind.name, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    span = (day_start(day), day_start(day) + DAY_S)
    with engine() as con, hot.reading(folder) as database:
        known = file_columns(con, path)
        counted = {each.name: hot.longest(database, kind, each.name, *span) for each in kind.arrays}
        now = (*kind.columns, *(column for each in kind.arrays for column in each.columns(counted[each.name])))
        columns = (*now, *(column for column in _columns(kind, known) if column not in now))
        create(con, "rows", columns)
        rows = load(con, "rows", database, kind, columns, span)
        if known:
            con.execute("DELETE FROM rows USING read_parquet($1) AS f WHERE f.series = rows.series AND f.t = rows.t",
                        [str(path)])  # fmt: skip
            con.execute("INSERT INTO rows BY NAME SELECT * FROM read_parquet($1)", [str(path)])
        size = write(con, "rows", path, kind, day)
    return Archived(kind.name, day, rows, path.name, size)


def file_columns(con: duckdb.DuckDBPyConnection, path: Path) -> Sequence[tuple[str, str]]:
    """Name and type of a file's columns; nothing where there is none, or one that is broken, which is set aside."""
    if not path.exists():
        return ()
    try:
        con.execute("SELECT count(COLUMNS(*)) FROM read_parquet($1)", [str(path)]).fetchall()
        found = con.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(path)]).fetchall()
    except duckdb.Error:
        set_aside(path)
        return ()
    return [(str(row[0]), str(row[1])) for row in found]


def set_aside(path: Path) -> Path:
    """Move a broken file out of the way of queries; nothing is deleted."""
    broken = path.parent / BROKEN
    broken.mkdir(exist_ok=True)
    number = 1 + sum(1 for _ in broken.glob(f"{path.stem}*.parquet"))
    target = broken / f"{path.stem}-{number}.parquet"
    path.rename(target)
    sync_folder(path.parent)
    return target


def _columns(kind: Kind, known: Sequence[tuple[str, str]]) -> Iterator[Column]:
    for name, _ in known:
        column = kind.find(name)
        if column is not None:
            yield column


def write(con: duckdb.DuckDBPyConnection, table: str, path: Path, kind: Kind, day: date, thinned: Thinned = RAW) -> int:
    """Write a table as a day's file, durable and verified before it has its name; its bytes. Raises ArchiveError."""
    part = path.with_name(path.name + PART)
    try:
        con.execute(f"COPY (SELECT * FROM {table} ORDER BY series, t) TO '{_quoted(part)}' ({WRITE})")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        rows = _verified(con, table, part)
        content = part.read_bytes()
        columns = tuple(Described(row[0], row[1]) for row in con.execute(f"DESCRIBE {table}").fetchall())
        digest, spreads = hashlib.sha256(content).hexdigest(), thinned.spreads or _spreads(con, table, kind)
        description = Description(kind.name, day, rows, len(content), digest, columns, thinned.every_s, spreads)
        write_durably(path.with_suffix(".json"), msgspec.json.format(msgspec.json.encode(description)) + b"\n")
        part.rename(path)
    except (OSError, duckdb.Error) as error:
        part.unlink(missing_ok=True)
        raise ArchiveError(f"{path.name}: {error}") from error
    sync_folder(path.parent)
    return len(content)


def _spreads(con: duckdb.DuckDBPyConnection, table: str, kind: Kind) -> tuple[DaySpread, ...]:
    if kind is not CELLS:
        return ()
    found = con.execute(
        f"""SELECT series, avg(cmax_v - cmin_v), max(cmax_v - cmin_v), min(cmin_v), max(cmax_v), count(*)
        FROM {table} WHERE cmax_v - cmin_v IS NOT NULL GROUP BY series ORDER BY series"""
    ).fetchall()
    return tuple(
        DaySpread(battery, round(mean, 4), float(widest), float(lowest), float(highest), rows)
        for battery, mean, widest, lowest, highest, rows in found
    )


def _verified(con: duckdb.DuckDBPyConnection, table: str, part: Path) -> int:
    """Read the file back: the same rows, no more, no fewer."""
    counts = f"SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM read_parquet($1))"
    wanted, found = con.execute(counts, [str(part)]).fetchone() or (0, -1)
    lost = con.execute(
        f"SELECT count(*) FROM (SELECT * FROM {table} EXCEPT ALL SELECT * FROM read_parquet($1))", [str(part)]
    ).fetchone()
    if wanted != found or lost != (0,):
        part.unlink()
        raise ArchiveError(f"{part.name}: {wanted} rows to write, {found} read back, {lost} differ")
    return int(wanted)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def damage(path: Path) -> str | None:
    """What is wrong with a file against its description; None where it is whole."""
    described = description_of(path)
    if described is None:
        return "no description beside it"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return error.strerror or str(error)
    return None if digest == described.sha256 else "not what its description says"
