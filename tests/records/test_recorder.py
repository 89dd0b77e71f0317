"""The black box over hours of virtual time: ring, events, restarts, limits, disks that refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.black_box_settings import BlackBox
from swapstation.records.event_folders import EventState, damage, event_folders
from swapstation.records.recorder import AFTER_S, BEFORE_S, LONGEST_EVENT_S
from swapstation.records.trace import Moment
from tests.records.conftest import Make
from tests.records.disks import SmallDisk, refuse
from tests.records.moments import AT, lines, manifests, moment, only, raised, run, warmer


def _event(now_s: float, code: str = "BAY_SMOKE") -> Moment:
    return replace(warmer(now_s), records=(raised(code),))


def test_without_an_event_the_last_ten_minutes_are_kept_and_no_more(tmp_path: Path, make: Make) -> None:
    box = make()
    run(box, range(7200))
    kept = sorted((tmp_path / "ring").iterdir())
    assert 11 <= len(kept) <= 12, "ten minutes that are over, and the running one"
    assert manifests(tmp_path) == []


def test_an_event_has_ten_minutes_before_and_sixty_after(tmp_path: Path, make: Make) -> None:
    box = make()
    run(box, range(1800))
    box.take(_event(1800.0))
    running = only(tmp_path)
    assert (running.state, running.remaining_s) == (EventState.RUNNING, AFTER_S)
    run(box, range(1801, 5500))
    manifest = only(tmp_path)
    assert manifest.state is EventState.COMPLETE
    assert manifest.remaining_s == 0.0
    assert manifest.segments[0].first_t <= 1800.0 - BEFORE_S
    assert manifest.segments[0].first_t >= 1800.0 - BEFORE_S - 130.0
    assert manifest.segments[-1].last_t == pytest.approx(1800.0 + AFTER_S, abs=1.0)
    assert manifest.gaps == ()
    (cause,) = manifest.causes
    assert (cause.code, cause.source, cause.t, cause.boot) == ("BAY_SMOKE", "bay-1", 1800.0, 1)
    (boot,) = manifest.boots
    assert (boot.version, boot.configuration_hash) == ("0.1.0", "abc")
    assert damage(tmp_path / "events" / manifest.event) == []
    alarms = [line for line in lines(tmp_path, manifest) if line.get("record") == "AlarmChanged"]
    assert [line["body"]["alarm"]["code"] for line in alarms] == ["BAY_SMOKE"]


def test_each_segment_can_be_read_without_the_others(tmp_path: Path, make: Make) -> None:
    box = make()
    box.take(_event(0.0))
    run(box, range(1, 200))
    box.close()
    manifest = only(tmp_path)
    told = lines(tmp_path, manifest)
    starts = [at for at, line in enumerate(told) if line["kind"] == "segment"]
    assert len(starts) == len(manifest.segments) >= 4
    for at in starts:
        assert {line["name"] for line in told[at + 1 : at + 8]} >= {"station", "alarms", "robot", "safety"}


def test_a_further_event_extends_the_one_that_runs(tmp_path: Path, make: Make) -> None:
    box = make()
    box.take(_event(0.0))
    run(box, range(1, 3000))
    box.take(_event(3000.0, "TRUCK_MOVED"))
    run(box, range(3001, 6601))
    manifest = only(tmp_path)
    assert [cause.code for cause in manifest.causes] == ["BAY_SMOKE", "TRUCK_MOVED"]
    assert manifest.state is EventState.COMPLETE
    assert manifest.segments[-1].last_t == pytest.approx(3000.0 + AFTER_S, abs=1.0)


def test_an_event_that_never_ends_is_cut_and_the_next_has_its_own_folder(tmp_path: Path, make: Make) -> None:
    box = make()
    for second in range(0, 34_000, 10):
        box.take(_event(float(second)) if second % 600 == 0 else warmer(float(second)))
    first, *further = manifests(tmp_path)
    assert first.state is EventState.COMPLETE
    assert LONGEST_EVENT_S <= first.recorded_s <= LONGEST_EVENT_S + AFTER_S + 120.0
    assert len(further) == 1


def test_causes_beyond_hundreds_are_counted_only(tmp_path: Path, make: Make) -> None:
    box = make()
    for number in range(250):
        box.take(_event(number / 10))
    manifest = only(tmp_path)
    assert (len(manifest.causes), manifest.causes_not_listed) == (200, 50)


def test_an_event_goes_on_after_a_restart_and_names_the_gap(tmp_path: Path, make: Make) -> None:
    box = make()
    run(box, range(900))
    box.take(_event(900.0))
    run(box, range(901, 1500))
    box.close()
    remaining_s = only(tmp_path).remaining_s
    assert remaining_s == pytest.approx(AFTER_S - 600.0, abs=1.0)
    again = make(boot=2, version="0.2.0")
    run(again, range(5, 5 + round(remaining_s) + 2))  # the clock of another boot begins anywhere
    manifest = only(tmp_path)
    assert manifest.state is EventState.COMPLETE
    assert [boot.version for boot in manifest.boots] == ["0.1.0", "0.2.0"]
    (gap,) = manifest.gaps
    assert gap.reason == "the controller was started anew"
    assert manifest.recorded_s == pytest.approx(900.0 + AFTER_S, abs=330.0)
    assert damage(tmp_path / "events" / manifest.event) == []


def test_a_power_cut_costs_a_torn_line_at_most_and_is_named(tmp_path: Path, make: Make) -> None:
    box = make()
    run(box, range(30))
    box.take(_event(30.0))
    run(box, range(31, 45))
    (left,) = (tmp_path / "ring").glob("*.jsonl")
    left.write_bytes(left.read_bytes()[:-40])
    again = make(boot=2)
    run(again, range(100, 3800))
    manifest = only(tmp_path)
    assert [gap.reason for gap in manifest.gaps] == [
        "the last line was not written whole",
        "the controller was started anew",
    ]
    assert manifest.segments[0].torn
    assert manifest.segments[0].last_t >= 42.0
    assert damage(tmp_path / "events" / manifest.event) == []


def test_restarts_without_end_do_not_fill_the_disk(tmp_path: Path, make: Make) -> None:
    for boot in range(1, 90):
        box = make(boot=boot)
        run(box, range(2))
        box.close()
    assert len(list((tmp_path / "ring").iterdir())) <= 61


def test_a_full_disk_is_told_costs_cycles_and_nothing_else(tmp_path: Path, make: Make) -> None:
    disk = SmallDisk(100_000)
    box = make(open_file=disk.open)
    second = 0.0
    while not box.error:
        second += 1.0
        box.take(warmer(second))
        assert second < 3600.0
    assert "No space left" in box.error
    box.take(_event(second + 1.0))  # it comes while nothing can be written
    run(box, (second + 2.0 + each for each in range(60)))
    assert box.error
    assert event_folders(tmp_path) == [] or manifests(tmp_path) == []
    disk.room = 10_000_000
    run(box, (second + 70.0 + each for each in range(3700)))
    assert box.error == ""
    manifest = only(tmp_path)
    assert manifest.causes[0].t == second + 1.0
    assert manifest.state is EventState.COMPLETE
    lost = [gap for gap in manifest.gaps if gap.moments]
    assert len(lost) == 1
    assert "No space left" in lost[0].reason
    assert 60 <= (lost[0].moments or 0) <= 80
    assert (lost[0].since - AT).total_seconds() == pytest.approx(second, abs=1.0)
    assert damage(tmp_path / "events" / manifest.event) == []


def test_a_disk_that_is_read_only_from_the_start_raises_nothing(tmp_path: Path, make: Make) -> None:
    box = make(open_file=refuse)
    run(box, range(100))
    assert "Read-only" in box.error
    box.close()


def test_a_folder_that_cannot_be_made_raises_nothing(tmp_path: Path, make: Make) -> None:
    (tmp_path / "file").write_text("in the way")
    box = make(tmp_path / "file")
    run(box, range(10))
    assert box.error


def test_only_so_many_events_are_kept_the_oldest_go(tmp_path: Path, make: Make) -> None:
    box = make(limits=BlackBox(events=2))
    for start in (0, 5000, 10_000, 15_000):
        box.take(_event(float(start)))
        run(box, range(start + 10, start + 4990, 10))
    assert [manifest.causes[0].t for manifest in manifests(tmp_path)] == [10_000.0, 15_000.0]


def test_a_limit_that_is_reached_drops_old_events_then_tells(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swapstation.records.recorder.BYTES_PER_MB", 1_000)
    box = make(limits=BlackBox(limit_mb=200))
    box.take(_event(0.0))
    run(box, range(1, 4000))
    full = only(tmp_path)
    assert box.error == ""
    small = make(boot=2, limits=BlackBox(limit_mb=full.size // 1000 + 1))
    run(small, range(4100, 4200))
    assert manifests(tmp_path) == [], "the complete event made room"
    tiny = make(boot=3, limits=BlackBox(limit_mb=0))
    run(tiny, range(4300, 4310))
    assert "limit_mb" in tiny.error


def test_a_damaged_segment_of_the_ring_is_set_aside(tmp_path: Path, make: Make) -> None:
    box = make()
    run(box, range(130))
    box.close()
    first = min((tmp_path / "ring").iterdir())
    first.write_bytes(b"garbage")
    again = make(boot=2)
    again.take(_event(1.0))
    run(again, range(2, 70))
    assert first.name not in [segment.file for segment in only(tmp_path).segments]
    assert damage(event_folders(tmp_path)[0]) == []


@pytest.mark.parametrize("harm", ["cut", "flip", "gone", "swapped", "extra", "manifest"])
def test_verify_finds_every_kind_of_damage(tmp_path: Path, make: Make, harm: str) -> None:
    box = make()
    box.take(_event(0.0))
    run(box, range(1, 3800))
    (folder,) = event_folders(tmp_path)
    assert damage(folder) == []
    first, second = sorted(folder.glob("*.gz"))[:2]
    held = first.read_bytes()
    first.unlink()  # a second name of the same file must not be written through
    if harm == "cut":
        first.write_bytes(held[:-1])
    elif harm == "flip":
        first.write_bytes(held[:50] + bytes([held[50] ^ 1]) + held[51:])
    elif harm == "swapped":
        first.write_bytes(second.read_bytes())
    elif harm == "extra":
        first.write_bytes(held)
        (folder / "note.txt").write_text("hello")
    elif harm == "manifest":
        first.write_bytes(held)
        (folder / "manifest.json").write_text('{"format": 1}')
    found = damage(folder)
    assert len(found) == 1
    named = {"extra": "note.txt", "manifest": "manifest.json"}.get(harm, first.name)
    assert named in found[0]


def test_a_cycle_without_news_writes_next_to_nothing(tmp_path: Path, make: Make) -> None:
    box = make()
    for tenth in range(6000):
        box.take(moment(tenth / 10))
    box.close()
    assert sum(path.stat().st_size for path in (tmp_path / "ring").iterdir()) < 60_000
