"""Rows of the hot store as a DuckDB table, decimals in the place of whole numbers; for archive and queries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from swapstation.records.telemetry import hot
from swapstation.records.telemetry.kinds import Array, Column, Kind
from swapstation.records.telemetry.sampling import NOT_AVAILABLE

MISSING = -(2**63)
MEMORY = "1GB"
Numbers = npt.NDArray[Any]


def engine() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory: one thread, bounded memory, no extension is ever fetched."""
    settings = {
        "threads": "1",
        "memory_limit": MEMORY,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    con = duckdb.connect(":memory:", config=dict(settings))
    con.execute("SET enable_progress_bar = false")
    return con


def create(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> None:
    """An empty table of series, second and these columns."""
    listed = "".join(f", {column.name} {column.sql_type}" for column in columns)
    con.execute(f"CREATE TABLE {table} (series VARCHAR, t BIGINT{listed})")


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    database: sqlite3.Connection,
    kind: Kind,
    columns: Sequence[Column],
    span: tuple[int, int],
    only: str | None = None,
) -> int:
    """Append the hot rows of a kind within a span of seconds, of one series or all; how many."""
    names = hot.series_names(database)
    rows = 0
    for series in hot.series_between(database, kind, *span):
        if only is None or names[series] == only:
            rows += _append(con, table, names, (series, hot_columns(database, kind, columns, series, span)), columns)
    return rows


def hot_columns(
    database: sqlite3.Connection, kind: Kind, columns: Sequence[Column], series: int, span: tuple[int, int]
) -> Mapping[str, Numbers]:
    """Second and columns of one series in whole numbers; `MISSING` where there is none."""
    plain = [column.name for column in columns if column in kind.columns]
    arrays = [array for array in kind.arrays if any(column.name.startswith(f"{array.name}_") for column in columns)]
    wanted = [*(f"ifnull({name}, {MISSING})" for name in plain), *(array.name for array in arrays)]
    rows = hot.rows_of(database, kind, wanted, series, *span)
    numbers = np.array([row[: 1 + len(plain)] for row in rows], np.int64).reshape(len(rows), 1 + len(plain))
    found: dict[str, Numbers] = {"t": numbers[:, 0]}
    found.update((name, numbers[:, at]) for at, name in enumerate(plain, 1))
    for at, array in enumerate(arrays, 1 + len(plain)):
        found.update(_elements(array, [row[at] for row in rows]))
    missing = np.full(len(rows), MISSING, np.int64)
    return {"t": found["t"], **{column.name: found.get(column.name, missing) for column in columns}}


def _elements(array: Array, blobs: Sequence[bytes]) -> Iterator[tuple[str, Numbers]]:
    """The columns of an array; shorter rows end in what is not available."""
    width = max(map(len, blobs), default=0)
    filler = NOT_AVAILABLE.to_bytes(2, "little", signed=True)
    whole = b"".join(blob + filler * ((width - len(blob)) // 2) for blob in blobs)
    elements = np.frombuffer(whole, "<i2").reshape(len(blobs), width // 2).astype(np.int64)
    elements[elements == NOT_AVAILABLE] = MISSING
    for number, column in enumerate(array.columns(width // 2)):
        yield column.name, elements[:, number]


def _append(
    con: duckdb.DuckDBPyConnection,
    table: str,
    names: Mapping[int, str],
    held: tuple[int, Mapping[str, Numbers]],
    columns: Sequence[Column],
) -> int:
    series, numbers = held
    con.register("chunk", {name: np.ascontiguousarray(each) for name, each in numbers.items()})
    con.register("words", {"id": np.array(list(names), np.int64), "word": np.array(list(names.values()), object)})
    chosen = ", ".join((f"'{_quoted(names[series])}'", "t", *map(_value, columns)))
    con.execute(f"INSERT INTO {table} SELECT {chosen} FROM chunk")
    con.unregister("chunk")
    con.unregister("words")
    return len(numbers["t"])


def _value(column: Column) -> str:
    """A stored number as SQL in the column's type, exactly."""
    if column.text:
        return f"(SELECT word FROM words WHERE id = chunk.{column.name})"
    unit = f"0.{'0' * (column.digits - 1)}1" if column.digits else "1"
    return f"(nullif({column.name}, {MISSING})::DECIMAL(18,0) * {unit})::{column.sql_type}"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
