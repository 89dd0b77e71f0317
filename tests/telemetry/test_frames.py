"""Rows for a replay: the last of each step, of every series, hot and archived alike, also before the beginning."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from swapstation.errors import InputError
from swapstation.records.telemetry.frames import Frames, frames
from swapstation.records.telemetry.kinds import DAY_S, KINDS
from swapstation.records.telemetry.sampling import Sampler
from tests.server import station_sample
from tests.telemetry.days import AT, START_S, archived, pack, with_rows


def _at(second: int) -> datetime:
    return AT + timedelta(seconds=second)


def _currents(told: Frames, series: str = "LFP-001") -> list[tuple[float | str | None, float | str | None]]:
    column = told.columns.index("current_a")
    return [(row[0], row[1 + column]) for row in told.series[series]]


def test_each_step_has_its_last_row_and_what_held_before_is_told(tmp_path: Path) -> None:
    told = {-30: 10.0, 0: 20.0, 3: 30.0, 9: 40.0, 19: 50.0, 20: 60.0}
    with_rows(tmp_path, *(pack(START_S + DAY_S + t, current_a=value) for t, value in told.items()))
    found = frames(tmp_path, "pack", _at(DAY_S), _at(DAY_S + 20), most=2)
    start = START_S + DAY_S
    assert (found.step_s, found.idle_s) == (10, 60)
    assert _currents(found) == [(start - 30, 10.0), (start + 9, 40.0), (start + 19, 50.0)], "the end is outside"
    assert found.series["LFP-001"][0][1:3] == ("bay-1", "charging"), "words are told as words"


def test_hot_and_archived_rows_are_told_alike(tmp_path: Path) -> None:
    store = with_rows(tmp_path, *(pack(START_S + t, name) for t in range(100, 110) for name in ("LFP-001", "LFP-002")))
    hot = frames(tmp_path, "pack", _at(100), _at(110))
    assert (len(hot.series["LFP-001"]), len(hot.series["LFP-002"])) == (10, 10)
    archived(tmp_path, store)
    assert frames(tmp_path, "pack", _at(100), _at(110)) == hot


def test_truck_and_safety_chain_of_a_snapshot_come_back(tmp_path: Path) -> None:
    with_rows(tmp_path, *Sampler().rows(station_sample.station()))
    at = station_sample.AT
    truck = frames(tmp_path, "truck", at, at + timedelta(seconds=10))
    (row,) = truck.series["lane"]
    shown = dict(zip(truck.columns, row[1:], strict=True))
    assert (shown["vin"], shown["lock_state"], shown["soc_pct"]) == (station_sample.VIN, "unlocked", 17.0)
    assert (shown["parking_brake_set"], shown["in_position"], shown["pose_y_mm"]) == (1.0, 1.0, -14.0)
    safety = frames(tmp_path, "safety", at, at + timedelta(seconds=10))
    assert [row[1:] for row in safety.series["station"]] == [(1.0,) * 5]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_was_recorded(tmp_path: Path, kind: str) -> None:
    assert frames(tmp_path, kind, _at(0), _at(60)).series == {}


@pytest.mark.parametrize(
    ("kind", "last_s", "most", "field"),
    [("weather", 60, 10, "kind"), ("pack", -1, 10, "first"), ("pack", 13 * 3600, 10, "last"), ("pack", 60, 0, "most")],
)
def test_a_wrong_question_is_told(tmp_path: Path, kind: str, last_s: int, most: int, field: str) -> None:
    with pytest.raises(InputError) as told:
        frames(tmp_path, kind, _at(0), _at(last_s), most)
    assert told.value.field == field
