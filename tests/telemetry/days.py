"""Rows of telemetry for tests: made by hand, stored, archived, read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from swapstation.records.telemetry.archive import archive_due, path_of
from swapstation.records.telemetry.columns import engine
from swapstation.records.telemetry.hot import HotStore, open_hot
from swapstation.records.telemetry.kinds import DAY_S, KINDS, day_start
from swapstation.records.telemetry.sampling import Reading, Row, stored

DAY = date(2026, 3, 1)
START_S = day_start(DAY)
AT = datetime(2026, 3, 1, tzinfo=UTC)
NEXT_S = START_S + DAY_S


def pack(t: int, series: str = "LFP-001", current_a: float | None = 200.0, voltage_v: float | None = 650.0) -> Row:
    """A row of a charging battery."""
    values = ("bay-1", "charging", voltage_v, current_a, 40.0, 30.0, 28.0, 3.4, 3.3, 700.0, 250.0, voltage_v, current_a)
    return Row("pack", series, t, stored(KINDS["pack"], Reading(series, (*values, 12.34))))


def cells(t: int, voltages_v: tuple[float | None, ...], series: str = "LFP-001") -> Row:
    known = [each for each in voltages_v if each is not None] or [3.0]
    figures = min(known), max(known), sum(known) / len(known)
    return Row("cells", series, t, stored(KINDS["cells"], Reading(series, ("bay-1", *figures), (voltages_v, (25.0,)))))


def archived(folder: Path, store: HotStore, before_s: int = NEXT_S) -> list[str]:
    """Archive what is due and note it, as the server does."""
    days = archive_due(folder, before_s)
    for each in days:
        store.note_archived(each.kind, each.day, each.hot_rows)
    return [each.file for each in days]


def with_rows(folder: Path, *rows: Row) -> HotStore:
    store = open_hot(folder)
    store.add(rows)
    return store


def read(folder: Path, kind: str, day: date = DAY) -> list[dict[str, Any]]:
    """Every row of a day's file."""
    with engine() as con:
        found = con.execute("SELECT * FROM read_parquet($1)", [str(path_of(folder, kind, day))])
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def as_stored(row: Row) -> dict[str, Any]:
    """What an archive is to hold of a row."""
    kind = KINDS[row.kind]
    told: dict[str, Any] = {"series": row.series, "t": row.t}
    for column, value in zip(kind.columns, row.values, strict=False):
        told[column.name] = Decimal(value).scaleb(-column.digits) if isinstance(value, int) else value
    for array, blob in zip(kind.arrays, row.values[len(kind.columns) :], strict=True):
        assert isinstance(blob, bytes)
        whole = [int.from_bytes(blob[at : at + 2], "little", signed=True) for at in range(0, len(blob), 2)]
        for column, number in zip(array.columns(len(whole)), whole, strict=True):
            told[column.name] = None if number == -32768 else Decimal(number).scaleb(-array.digits)
    return told
