"""Old telemetry is thinned without its extremes being lost, kept five years at least, and its room foretold."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from swapstation.records.telemetry.archive import damage, description_of, path_of
from swapstation.records.telemetry.kinds import KINDS
from swapstation.records.telemetry.retention import (
    FIVE_YEARS_DAYS,
    RETENTION,
    Room,
    expire,
    forecast,
    storage,
    thin_due,
)
from tests.telemetry.days import DAY, START_S, archived, cells, pack, read, with_rows


def test_thinning_keeps_a_row_a_minute_and_the_extremes(tmp_path: Path) -> None:
    currents = [200.0] * 180
    currents[70], currents[100] = 250.0, -5.0
    store = with_rows(tmp_path, *(pack(START_S + t, current_a=current) for t, current in enumerate(currents)))
    store.add([cells(START_S, (3.3, 3.4))])
    archived(tmp_path, store)
    path = path_of(tmp_path, "pack", DAY)
    assert thin_due(tmp_path, DAY + timedelta(days=399)) == [], "too young"
    assert thin_due(tmp_path, DAY + timedelta(days=400)) == [path.name, "cells-2026-03-01.parquet"]
    kept = {row["t"] - START_S: float(row["current_a"]) for row in read(tmp_path, "pack")}
    assert kept == {0: 200.0, 60: 200.0, 70: 250.0, 100: -5.0, 120: 200.0}
    described, of_cells = (description_of(path_of(tmp_path, kind, DAY)) for kind in ("pack", "cells"))
    assert described is not None
    assert of_cells is not None
    assert (described.thinned_s, of_cells.thinned_s) == (60, 600)
    assert [each.rows for each in of_cells.spreads] == [1], "what the raw file said of its cells stays"
    assert damage(path) is None
    assert thin_due(tmp_path, DAY + timedelta(days=400)) == [], "once is enough"


def test_nothing_goes_before_five_years(tmp_path: Path) -> None:
    archived(tmp_path, with_rows(tmp_path, pack(START_S)))
    assert all(kind.keep_days >= FIVE_YEARS_DAYS for kind in KINDS.values())
    assert expire(tmp_path, DAY + timedelta(days=KINDS["pack"].keep_days)) == []
    assert expire(tmp_path, DAY + timedelta(days=KINDS["pack"].keep_days + 1)) == ["pack-2026-03-01.parquet"]
    assert not list(tmp_path.glob("archive/pack/*"))


def test_what_the_rules_name_is_kept_for_five_years_at_least() -> None:
    for kind in ("orders", "swaps", "alarms", "safety_events", "commands", "tariffs"):
        days = RETENTION[kind].days
        assert days is None or days >= FIVE_YEARS_DAYS


TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("per_day", "budget", "free", "full_on", "room"),
    [
        (10, 1000, 10_000, TODAY + timedelta(days=90), Room.ENOUGH),
        (10, 1000, 100, TODAY + timedelta(days=10), Room.EARLY),
        (10, 100, 10_000, TODAY, Room.REACHED),
        (10, 1000, 0, TODAY, Room.REACHED),
        (0, 1000, 1000, None, Room.ENOUGH),
        (10, 10**9, 10**9, None, Room.ENOUGH),
    ],
)
def test_the_day_that_budget_or_disk_is_full(
    per_day: int, budget: int, free: int, full_on: date | None, room: Room
) -> None:
    sizes = {TODAY - timedelta(days=back): per_day for back in range(1, 11)}
    found = forecast(sizes, 0, (budget, free), TODAY, early_days=60)
    assert found == (per_day, full_on, room)


def test_storage_counts_files_and_names_what_was_set_aside(tmp_path: Path) -> None:
    archived(tmp_path, with_rows(tmp_path, pack(START_S)))
    aside = tmp_path / "archive" / "pack" / "broken" / "pack-2026-02-01-1.parquet"
    aside.parent.mkdir()
    aside.write_bytes(b"x")
    found = storage(tmp_path, 10**12, 100.0, DAY, 60)
    assert (found.files, found.broken, found.room) == (1, (aside.name,), Room.ENOUGH)
    assert found.archive_bytes == path_of(tmp_path, "pack", DAY).stat().st_size
    assert found.hot_bytes > 0
