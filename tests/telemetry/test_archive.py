"""Compaction: what went in comes out, once, sorted; nothing is lost when files break or rows come late."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.records.telemetry import archive
from swapstation.records.telemetry.archive import ArchiveError, archive_due, damage, description_of, path_of
from swapstation.records.telemetry.kinds import DAY_S, HOT_S, KINDS, Kind
from swapstation.records.telemetry.sampling import Reading, Row, stored
from tests.telemetry.days import DAY, NEXT_S, START_S, archived, as_stored, cells, pack, read, with_rows

NUMBERS = st.none() | st.floats(-9e4, 9e4)
ARRAY = st.lists(st.none() | st.floats(-20.0, 20.0), max_size=12).map(tuple)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row of a kind on one of two days, with any of its values missing."""
    kind: Kind = draw(st.sampled_from([KINDS["pack"], KINDS["cells"]]))
    values = tuple(
        draw(st.none() | st.sampled_from(["a", "b'c", "充电"]) if each.text else NUMBERS) for each in kind.columns
    )
    series = draw(st.sampled_from(["LFP-1", "it's", "电池"]))
    reading = Reading(series, values, tuple(draw(ARRAY) for _ in kind.arrays))
    return Row(kind.name, series, START_S + draw(st.integers(0, 2 * DAY_S - 1)), stored(kind, reading))


@settings(max_examples=8, deadline=None)
@given(first=st.lists(rows(), max_size=20), late=st.lists(rows(), max_size=6))
def test_what_went_in_comes_out_also_when_rows_come_late(first: list[Row], late: list[Row]) -> None:
    wanted: dict[tuple[str, str, int], Row] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store = with_rows(folder, *first)
        archived(folder, store, NEXT_S + DAY_S)
        store.prune(NEXT_S + DAY_S)
        store.add(late)
        archived(folder, store, NEXT_S + DAY_S)
        assert archive_due(folder, NEXT_S + DAY_S) == [], "all of it is archived"
        store.close()
        for row in (*first, *late):
            wanted.setdefault((row.kind, row.series, row.t), row)
        for kind in KINDS:
            files = archive.files_of(folder, kind)
            found = [row for day in files for row in read(folder, kind, day)]
            assert all(damage(path) is None for path in files.values())
            expected = [as_stored(row) for (name, *_), row in sorted(wanted.items()) if name == kind]
            held = [{name: value for name, value in row.items() if value is not None} for row in found]
            asked = [{name: value for name, value in row.items() if value is not None} for row in expected]
            assert sorted(held, key=_place) == sorted(asked, key=_place)


def _place(row: dict[str, object]) -> tuple[str, str]:
    return str(row["series"]), str(row["t"])


def test_a_file_is_sorted_delta_coded_and_described(tmp_path: Path) -> None:
    store = with_rows(
        tmp_path, *(pack(START_S + at, series, 200.0 + at) for at in range(50) for series in ("LFP-2", "LFP-1"))
    )
    assert archived(tmp_path, store) == ["pack-2026-03-01.parquet"]
    path = path_of(tmp_path, "pack", DAY)
    found = read(tmp_path, "pack")
    assert [(row["series"], row["t"]) for row in found] == sorted((row["series"], row["t"]) for row in found)
    coded = f"SELECT encodings, compression FROM parquet_metadata('{path}') WHERE path_in_schema IN ('t', 'current_a')"
    assert set(duckdb.execute(coded).fetchall()) == {("DELTA_BINARY_PACKED", "ZSTD")}
    described = description_of(path)
    assert described is not None
    assert (described.rows, described.size) == (100, path.stat().st_size)
    assert [each.type for each in described.columns if each.name == "voltage_v"] == ["DECIMAL(9,1)"]


def test_hot_rows_go_only_when_they_are_old_and_archived(tmp_path: Path) -> None:
    store = with_rows(tmp_path, pack(START_S), pack(NEXT_S))
    assert store.prune(NEXT_S + HOT_S) == 0, "nothing is archived yet"
    archived(tmp_path, store)
    assert store.prune(NEXT_S + HOT_S - HOT_S - 1) == 0, "too young"
    store.add([pack(START_S + 5)])
    assert store.prune(NEXT_S + HOT_S) == 0, "a row came after the archive was written"
    archived(tmp_path, store)
    assert store.prune(NEXT_S + HOT_S) == 2
    assert [row["t"] for row in read(tmp_path, "pack")] == [START_S, START_S + 5]


def test_a_day_that_is_not_over_is_not_archived(tmp_path: Path) -> None:
    with_rows(tmp_path, pack(START_S))
    assert archive_due(tmp_path, NEXT_S - 1) == []


def test_a_broken_file_is_set_aside_before_late_rows_are_added(tmp_path: Path) -> None:
    store = with_rows(tmp_path, pack(START_S))
    archived(tmp_path, store)
    path = path_of(tmp_path, "pack", DAY)
    broken = path.read_bytes()[:-40]
    path.write_bytes(broken)
    assert damage(path) == "not what its description says"
    store.add([pack(START_S + 1)])
    archived(tmp_path, store)
    assert [row["t"] for row in read(tmp_path, "pack")] == [START_S, START_S + 1], "the hot store had it still"
    aside = path.parent / archive.BROKEN / "pack-2026-03-01-1.parquet"
    assert aside.read_bytes() == broken


def test_a_file_that_reads_back_otherwise_never_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = with_rows(tmp_path, pack(START_S), pack(START_S + 1))
    monkeypatch.setattr(archive, "WRITE", f"{archive.WRITE}) ; DELETE FROM rows WHERE (t = {START_S}")
    with pytest.raises(ArchiveError, match="read back"):
        archived(tmp_path, store)
    assert not list(tmp_path.glob("archive/pack/*.parquet*"))
    monkeypatch.undo()
    assert archived(tmp_path, store) == ["pack-2026-03-01.parquet"]


def test_two_archivers_do_not_meet(tmp_path: Path) -> None:
    with_rows(tmp_path, pack(START_S))
    with archive.alone(tmp_path) as mine:
        assert mine
        assert archive_due(tmp_path, NEXT_S) == []
    assert len(archive_due(tmp_path, NEXT_S)) == 1


def test_batteries_with_different_numbers_of_cells_share_a_file(tmp_path: Path) -> None:
    store = with_rows(tmp_path, cells(START_S, (3.3, 3.4), "A"), cells(START_S, (3.2, None, 3.6), "B"))
    archived(tmp_path, store)
    first, second = read(tmp_path, "cells")
    assert (first["cell_003_v"], second["cell_002_v"], float(second["cell_003_v"])) == (None, None, 3.6)
    described = description_of(path_of(tmp_path, "cells", DAY))
    assert described is not None
    assert [(each.battery, each.max_spread_v) for each in described.spreads] == [("A", 0.1), ("B", 0.4)]
