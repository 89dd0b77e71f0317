"""Questions to the telemetry: hot store and archive as one, by DuckDB. Runs in a process of its own, never in control.

A file that cannot be read is left out and named in the answer; the rest is answered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from swapstation.errors import InputError
from swapstation.records.telemetry import hot
from swapstation.records.telemetry.archive import DaySpread, description_of, files_of
from swapstation.records.telemetry.columns import create, engine, load
from swapstation.records.telemetry.downsampling import Told, buckets_of
from swapstation.records.telemetry.kinds import DAY_S, KINDS, Column, Kind, day_start, days_between

MOST_BUCKETS = 5000
YEARS = range(2000, 2101)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """One signal (`kind`, `series`, `column`) from `first` until before `last` (UTC), in at most `buckets` buckets."""

    kind: str
    series: str
    column: str
    first: datetime
    last: datetime
    buckets: int = 500


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket that has rows: when it begins, smallest, largest and mean value weighted by time, how many rows."""

    at: datetime
    min: float
    max: float
    mean: float
    rows: int


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal in buckets of `bucket_s`. A gap longer than `idle_s` is unknown. `broken` files are left out."""

    kind: str
    series: str
    column: str
    bucket_s: int
    idle_s: int
    buckets: tuple[Bucket, ...] = ()
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpreadMonth:
    """How far the cells of a battery were apart in a month: mean and largest spread, extremes (V), rows."""

    month: str
    mean_spread_v: float
    max_spread_v: float
    min_cell_v: float
    max_cell_v: float
    rows: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The cell spread of a battery over the months. `broken` files are left out."""

    battery: str
    months: tuple[SpreadMonth, ...] = ()
    broken: tuple[str, ...] = ()


def known_column(kind: str, column: str) -> Column:
    """A numeric column by its names. Raises InputError."""
    if kind not in KINDS:
        raise InputError("kind", kind, f"one of {', '.join(KINDS)}")
    found = KINDS[kind].find(column)
    if found is None or found.text:
        listed = [each.name for each in KINDS[kind].numbers] + [each.column(1).name for each in KINDS[kind].arrays]
        raise InputError("column", column, f"one of {', '.join(listed)}")
    return found


def span_of(first: datetime, last: datetime) -> tuple[int, int]:
    """Seconds since 1970 from and until before. Raises InputError."""
    for name, at in (("first", first), ("last", last)):
        if at.year not in YEARS:
            raise InputError(name, at.isoformat(), f"a year from {YEARS[0]} to {YEARS[-1]}")
    if first >= last:
        raise InputError("first", first.isoformat(), f"before last = {last.isoformat()}")
    return int(first.timestamp()), int(last.timestamp())


def signal(folder: Path, window: Window) -> Signal:
    """A signal, down-sampled. Raises InputError."""
    column = known_column(window.kind, window.column)
    first_s, last_s = span_of(window.first, window.last)
    if not 1 <= window.buckets <= MOST_BUCKETS:
        raise InputError("buckets", str(window.buckets), f"1 to {MOST_BUCKETS}")
    kind = KINDS[window.kind]
    width_s = max(kind.period_s, -(-(last_s - first_s) // window.buckets))
    told = Signal(window.kind, window.series, window.column, width_s, kind.idle_s)

    def ask(source: Source) -> list[Told]:
        return list(buckets_of(source.con, kind, column.name, first_s, width_s))

    rows, broken = asked(folder, kind, (column,), (first_s, last_s), window.series, ask)
    buckets = (
        Bucket(datetime.fromtimestamp(first_s + bucket * width_s, UTC), low, high, mean, count)
        for bucket, low, high, mean, count in rows
    )
    return replace(told, buckets=tuple(buckets), broken=broken)


def spread(folder: Path, battery: str, first: datetime, last: datetime) -> Spread:
    """The cell spread of a battery by month (UTC), over years: of the days that are archived, from their descriptions.

    Raises InputError.
    """
    days = set(days_between(*span_of(first, last)))
    by_month: dict[str, list[DaySpread]] = {}
    broken = []
    for day, path in files_of(folder, "cells").items():
        if day not in days:
            continue
        described = description_of(path)
        if described is None:
            broken.append(path.name)
            continue
        by_month.setdefault(f"{day:%Y-%m}", []).extend(each for each in described.spreads if each.battery == battery)
    months = tuple(_month(month, held) for month, held in sorted(by_month.items()) if held)
    return Spread(battery, months, tuple(broken))


def _month(month: str, days: Sequence[DaySpread]) -> SpreadMonth:
    rows = sum(day.rows for day in days)
    return SpreadMonth(
        month,
        mean_spread_v=round(sum(day.mean_spread_v * day.rows for day in days) / rows, 4),
        max_spread_v=max(day.max_spread_v for day in days),
        min_cell_v=min(day.min_cell_v for day in days),
        max_cell_v=max(day.max_cell_v for day in days),
        rows=rows,
    )


def series_listed(folder: Path, kind: Kind, first: datetime, last: datetime) -> tuple[str, ...]:
    """The series of a kind that have rows in a span of time."""
    rows, _ = asked(folder, kind, (), span_of(first, last), None, _series)
    return tuple(name for (name,) in rows)


def _series(source: Source) -> list[tuple[Any, ...]]:
    return source.con.execute("SELECT DISTINCT series FROM rows ORDER BY series").fetchall()


@dataclass(frozen=True, slots=True)
class Source:
    """A connection that has the asked rows as `rows` (series, t, columns)."""

    con: duckdb.DuckDBPyConnection


def asked(
    folder: Path,
    kind: Kind,
    columns: Sequence[Column],
    span: tuple[int, int],
    series: str | None,
    ask: Callable[[Source], T],
) -> tuple[T, tuple[str, ...]]:
    """Put a question to the rows of a kind; the answer, and the names of the files that were left out as broken."""
    days = set(days_between(*span))
    files = {day: path for day, path in files_of(folder, kind.name).items() if day in days}
    with engine() as con:
        create(con, "hot", columns)
        _load_hot(con, folder, (kind, columns), files, span, series)
        try:
            _view(con, list(files.values()), columns, span, series)
            return ask(Source(con)), ()
        except duckdb.Error:
            broken = [path for path in files.values() if not _readable(con, path)]
            if not broken:
                raise
            _view(con, [path for path in files.values() if path not in broken], columns, span, series)
            return ask(Source(con)), tuple(path.name for path in broken)


def recorded_days(folder: Path, kind: Kind, span: tuple[int, int]) -> list[date]:
    """The days (UTC) of a span of seconds that have rows of a kind, or a file at least."""
    days = set(files_of(folder, kind.name))
    if (folder / hot.NAME).exists():
        with hot.reading(folder) as database:
            days |= set(_hot_days(database, kind))
    return sorted(day for day in days if span[0] < day_start(day) + DAY_S and day_start(day) < span[1])


def _load_hot(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    what: tuple[Kind, Sequence[Column]],
    files: dict[date, Path],
    span: tuple[int, int],
    series: str | None,
) -> None:
    """The rows of the days that have no file."""
    kind, columns = what
    if not (folder / hot.NAME).exists():
        return
    with hot.reading(folder) as database:
        for day in _hot_days(database, kind):
            start = day_start(day)
            within = max(span[0], start), min(span[1], start + DAY_S)
            if day not in files and within[0] < within[1]:
                load(con, "hot", database, kind, columns, within, series)


def _hot_days(database: sqlite3.Connection, kind: Kind) -> list[date]:
    extent = hot.extent(database, kind)
    return [] if extent is None else list(days_between(extent[0], extent[1] + 1))


def _view(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    columns: Sequence[Column],
    span: tuple[int, int],
    series: str | None,
) -> None:
    """`rows`: what the files and the hot store have."""
    wanted = ", ".join(("series", "t", *(column.name for column in columns)))
    where = f"t >= {span[0]} AND t < {span[1]}" + ("" if series is None else f" AND series = '{_quoted(series)}'")
    from_hot = f"SELECT {wanted} FROM hot"
    if not files:
        con.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {from_hot}")
        return
    listed = ", ".join(f"'{_quoted(str(path))}'" for path in files)
    source = f"read_parquet([{listed}], union_by_name = true)"
    present = {str(row[0]) for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    told = ", ".join(("series", "t", *(_known(column, present) for column in columns)))
    con.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {from_hot} UNION ALL SELECT {told} FROM {source} WHERE {where}")


def _known(column: Column, present: Set[str]) -> str:
    """A column as SQL; one that no file has is unknown."""
    return column.name if column.name in present else f"NULL::{column.sql_type} AS {column.name}"


def _readable(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    try:
        con.execute("SELECT count(COLUMNS(*)) FROM read_parquet($1)", [str(path)]).fetchall()
    except duckdb.Error:
        return False
    return True


def _quoted(text: str) -> str:
    return text.replace("'", "''")
