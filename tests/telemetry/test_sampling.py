"""What of a snapshot becomes rows: everything that is good, each second while it works, on change while it rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from swapstation.model.device import BatteryCells
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot
from swapstation.records.telemetry.hot import reading, rows_of, series_between, series_names
from swapstation.records.telemetry.kinds import DAY_S, KINDS
from swapstation.records.telemetry.recorder import TelemetryRecorder
from swapstation.records.telemetry.sampling import Row, Sampler
from tests.server.station_sample import good, station
from tests.telemetry.days import AT, START_S

NOW = replace(station(), at=AT)


def _later(seconds: float, now: Snapshot = NOW) -> Snapshot:
    return replace(now, at=AT + timedelta(seconds=seconds))


def _of(rows: list[Row], kind: str) -> dict[str, Row]:
    return {row.series: row for row in rows if row.kind == kind}


def test_a_charging_battery_is_told_each_second_a_resting_one_when_it_changes() -> None:
    sampler = Sampler()
    first = _of(sampler.rows(NOW), "pack")
    assert {"B001", "B003"} <= set(first)
    assert "B003" in _of(sampler.rows(_later(1.2)), "pack"), "it charges"
    assert "B001" not in _of(sampler.rows(_later(2.2)), "pack"), "it rests"
    assert "B001" in _of(sampler.rows(_later(60.0)), "pack"), "it is there still"
    bay = NOW.bays[0]
    assert bay.charge.value is not None
    warmer = replace(bay, charge=good(replace(bay.charge.value, max_temperature_c=31.6)))
    assert "B001" in _of(sampler.rows(_later(61.0, replace(NOW, bays=(warmer, *NOW.bays[1:])))), "pack")


def test_the_same_second_is_told_once_and_a_clock_that_was_set_back_is_believed() -> None:
    sampler = Sampler()
    assert sampler.rows(NOW)
    assert sampler.rows(_later(0.4)) == []
    back = sampler.rows(_later(-3600))
    assert {row.t for row in back} == {START_S - 3600}


def test_what_is_stale_has_no_row() -> None:
    stale = replace(NOW, robot=Seen(NOW.robot.value, 9.0, Quality.STALE), meter=Seen())
    rows = Sampler().rows(stale)
    assert not _of(rows, "robot")
    assert not _of(rows, "meter")
    assert _of(Sampler().rows(NOW), "robot")["robot"].t == START_S


def test_cells_have_their_extremes_and_keep_what_is_not_available() -> None:
    told = BatteryCells((3.3, None, 3.42), (25.0,))
    bays = (replace(NOW.bays[2], cells=good(told)),)
    row = _of(Sampler().rows(replace(NOW, bays=bays)), "cells")["B003"]
    assert row.values[1:4] == (3300, 3420, 3360)
    assert row.values[4] == b"\xe4\x0c\x00\x80\x5c\x0d"
    sampler = Sampler()
    told_at = [t for t in range(25) if _of(sampler.rows(_later(t, replace(NOW, bays=bays))), "cells")]
    assert told_at == [0, 10, 20]


def test_numbers_that_no_column_holds_are_not_available() -> None:
    column = KINDS["pack"].find("voltage_v")
    assert column is not None
    assert [column.whole(each) for each in (float("nan"), float("inf"), 1e12, 12.34)] == [None, None, None, 123]


def test_the_recorder_writes_beside_and_ends_with_everything_written(tmp_path: Path) -> None:
    recorder = TelemetryRecorder(tmp_path)
    recorder.start()
    for second in range(30):
        recorder.take(_later(second))
    recorder.take(_later(31, replace(NOW, disk=good(DiskSpace(DiskLevel.SHED, 4.0)))))
    recorder.close()
    assert (recorder.error, recorder.lost) == ("", 1)
    with reading(tmp_path) as database:
        names = series_names(database)
        numbers = series_between(database, KINDS["pack"], START_S, START_S + DAY_S)
        (charging,) = [number for number in numbers if names[number] == "B003"]
        rows = rows_of(database, KINDS["pack"], ("current_a",), charging, START_S, START_S + DAY_S)
    assert rows == [(START_S + second, 2500) for second in range(30)]


def test_a_hot_store_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "hot.sqlite").write_bytes(b"no database at all" * 100)
    recorder = TelemetryRecorder(tmp_path)
    recorder.start()
    recorder.take(NOW)
    recorder.close()
    assert recorder.error == ""
    assert (tmp_path / "hot.broken-1.sqlite").read_bytes().startswith(b"no database")
    with reading(tmp_path) as database:
        assert series_between(database, KINDS["robot"], START_S, START_S + 1)


def test_a_disk_that_refuses_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "telemetry").write_text("a file where the folder should be")
    recorder = TelemetryRecorder(tmp_path / "telemetry")
    recorder.start()
    recorder.take(NOW)
    recorder.close()
    assert "telemetry" in recorder.error
