"""Exports hold the rows that were asked for, in three formats, each with a schema that its rows satisfy."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from swapstation.errors import InputError
from swapstation.records.telemetry.archive import path_of
from swapstation.records.telemetry.export import Export, export, schema
from swapstation.records.telemetry.kinds import KINDS
from tests.telemetry.days import AT, DAY, NEXT_S, START_S, archived, cells, pack, with_rows

LAST = AT + timedelta(days=2)


def _exported(folder: Path, wanted: Export) -> tuple[bytes, dict[str, object]]:
    target = folder / "out.zip"
    export(folder, wanted, target)
    with zipfile.ZipFile(target) as packed:
        return packed.read(f"{wanted.kind}.{wanted.format}"), json.loads(packed.read("schema.json"))


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_rows_of_archive_and_hot_store_in_every_format(tmp_path: Path, form: str) -> None:
    store = with_rows(tmp_path, cells(START_S, (3.3, 3.4)), cells(NEXT_S, (3.3, None, 3.5)))
    archived(tmp_path, store)
    data, described = _exported(tmp_path, Export("cells", AT, LAST, form))
    rows: list[dict[str, Any]]
    if form == "csv":
        rows = [
            {name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(data.decode()))
        ]
    elif form == "json":
        rows = [json.loads(line) for line in data.decode().splitlines()]
    else:
        (tmp_path / "x.parquet").write_bytes(data)
        found = duckdb.execute(f"SELECT * FROM read_parquet('{tmp_path}/x.parquet')")
        names = [each[0] for each in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    told = [
        (int(row["t"]), *(row[f"cell_00{at}_v"] and float(row[f"cell_00{at}_v"]) for at in (1, 2, 3))) for row in rows
    ]
    assert told == [(START_S, 3.3, 3.4, None), (NEXT_S, 3.3, None, 3.5)]
    assert described["title"] == "cells"


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_column_is_in_the_schema(kind: str) -> None:
    told = schema(KINDS[kind])
    assert set(told["properties"]) == {"series", "t", *(column.name for column in KINDS[kind].columns)}
    if KINDS[kind].arrays:
        assert "^cell_[0-9]+_v$" in told["patternProperties"]


def test_one_series_within_its_time_and_a_broken_file_named(tmp_path: Path) -> None:
    store = with_rows(tmp_path, pack(START_S), pack(NEXT_S), pack(NEXT_S + 1), pack(NEXT_S, "X"))
    archived(tmp_path, store)
    path_of(tmp_path, "pack", DAY).write_bytes(b"broken")
    data, described = _exported(tmp_path, Export("pack", AT, LAST, "json", "LFP-001"))
    assert [json.loads(line)["t"] for line in data.decode().splitlines()] == [NEXT_S, NEXT_S + 1]
    assert described["x-left-out-as-broken"] == ["pack-2026-03-01.parquet"]


def test_nothing_recorded_gives_an_empty_table(tmp_path: Path) -> None:
    data, _ = _exported(tmp_path, Export("cells", AT, LAST))
    assert data.decode().splitlines() == ["series,t,bay,cmin_v,cmax_v,cavg_v"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Export("packs", AT, LAST), "kind"),
        (Export("pack", AT, LAST, "xls"), "format"),
        (Export("pack", AT, AT + timedelta(days=32)), "last"),
    ],
)
def test_what_cannot_be_exported_is_told(tmp_path: Path, wanted: Export, field: str) -> None:
    with pytest.raises(InputError, match=field):
        export(tmp_path, wanted, tmp_path / "out.zip")
