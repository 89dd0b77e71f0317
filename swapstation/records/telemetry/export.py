"""Telemetry for others: rows as CSV, Parquet or JSON lines, always with a file that describes their columns."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from swapstation.errors import InputError
from swapstation.records.telemetry import hot
from swapstation.records.telemetry.archive import description_of, files_of
from swapstation.records.telemetry.kinds import KINDS, MOST_ELEMENTS, Column, Kind, days_between
from swapstation.records.telemetry.query import Source, asked, span_of

FORMATS: Mapping[str, str] = {
    "csv": "FORMAT csv, HEADER true",
    "parquet": "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1",
    "json": "FORMAT json",
}
"""Format -> how DuckDB writes it; `json` is JSON lines."""
MOST_DAYS = 31
UNITS: Mapping[str, str] = {
    "v": "V",
    "a": "A",
    "c": "°C",
    "pct": "%",
    "kw": "kW",
    "kwh": "kWh",
    "mm": "mm",
    "kg": "kg",
    "kpa": "kPa",
    "lpm": "l/min",
    "total": "count since the process started",
}


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked for: a kind, one series or all, from `first` until before `last` (UTC), as which format."""

    kind: str
    first: datetime
    last: datetime
    format: str = "csv"
    series: str | None = None


def schema(kind: Kind) -> dict[str, Any]:
    """The columns of a kind as a JSON schema of one row (draft 2020-12); arrays by the pattern of their columns."""
    properties: dict[str, Any] = {
        "series": {"type": "string", "description": "battery, device or link that the row is about"},
        "t": {"type": "integer", "description": "seconds since 1970-01-01T00:00:00Z; not monotonic if a clock was set"},
    }
    properties.update((column.name, _property(column)) for column in kind.columns)
    patterns = {f"^{each.name}_[0-9]+_{each.unit}$": _property(each.column(1)) for each in kind.arrays}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.name,
        "description": f"every {kind.period_s} s; while idle on change, and every {kind.idle_s} s",
        "type": "object",
        "properties": properties,
        **({"patternProperties": patterns} if patterns else {}),
        "required": ["series", "t"],
        "additionalProperties": False,
    }


def _property(column: Column) -> dict[str, Any]:
    if column.text:
        return {"type": ["string", "null"]}
    unit = UNITS.get(column.name.rsplit("_", 1)[-1], "")
    said = f"unit {unit}, " if unit else ""
    return {"type": ["number", "null"], "description": f"{said}resolution {10.0**-column.digits:g}"}


def export(folder: Path, wanted: Export, target: Path) -> tuple[str, ...]:
    """Write a zip of the data and `schema.json` to `target`; the names of broken files that are left out.

    Raises InputError for what is not known, or more than a month.
    """
    if wanted.kind not in KINDS:
        raise InputError("kind", wanted.kind, f"one of {', '.join(KINDS)}")
    if wanted.format not in FORMATS:
        raise InputError("format", wanted.format, f"one of {', '.join(FORMATS)}")
    kind, span = KINDS[wanted.kind], span_of(wanted.first, wanted.last)
    if span[1] - span[0] > MOST_DAYS * 86_400:
        raise InputError("last", wanted.last.isoformat(), f"{MOST_DAYS} days after first at most")
    data = f"{kind.name}.{wanted.format}"
    with TemporaryDirectory(dir=target.parent) as place:
        broken = write_rows(folder, wanted, Path(place) / data)
        described = {**schema(kind), "x-left-out-as-broken": list(broken)}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(Path(place) / data, data)
            packed.writestr("schema.json", msgspec.json.format(msgspec.json.encode(described)))
    return broken


def write_rows(folder: Path, wanted: Export, target: Path) -> tuple[str, ...]:
    """Write the rows that are asked for, sorted; the names of broken files that are left out."""
    kind, span = KINDS[wanted.kind], span_of(wanted.first, wanted.last)

    def ask(source: Source) -> None:
        path = str(target).replace("'", "''")
        source.con.execute(f"COPY (SELECT * FROM rows ORDER BY series, t) TO '{path}' ({FORMATS[wanted.format]})")

    return asked(folder, kind, _all_columns(folder, kind, span), span, wanted.series, ask)[1]


def _all_columns(folder: Path, kind: Kind, span: tuple[int, int]) -> tuple[Column, ...]:
    """The columns of a kind with as many elements of its arrays as there are within the span."""
    if not kind.arrays:
        return kind.columns
    days = set(days_between(*span))
    names: set[str] = set()
    for day, path in files_of(folder, kind.name).items():
        described = description_of(path) if day in days else None
        if described is not None:
            names.update(column.name for column in described.columns)
    counts = _hot_counts(folder, kind, span)
    columns = (
        column
        for array in kind.arrays
        for number, column in enumerate(array.columns(MOST_ELEMENTS), 1)
        if column.name in names or number <= counts[array.name]
    )
    return (*kind.columns, *columns)


def _hot_counts(folder: Path, kind: Kind, span: tuple[int, int]) -> dict[str, int]:
    if not (folder / hot.NAME).exists():
        return {each.name: 0 for each in kind.arrays}
    with hot.reading(folder) as database:
        return {each.name: hot.longest(database, kind, each.name, *span) for each in kind.arrays}
