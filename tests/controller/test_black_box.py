"""The thread of the black box: it takes what the cycle leaves, loses by count what is too much, and never raises."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from swapstation.controller.black_box import MOST_WAITING, BlackBox
from swapstation.records.event_folders import read_manifest
from swapstation.records.recorder import Recorder
from swapstation.records.trace import Moment
from tests.records.moments import lines, only, raised, recorder, warmer


def test_what_a_cycle_leaves_is_on_disk_after_the_end(tmp_path: Path) -> None:
    box = BlackBox(recorder(tmp_path))
    for second in range(50):
        box.take(warmer(float(second)))
    box.take(Moment(warmer(50.0).snapshot, warmer(50.0).state, records=(raised("BAY_SMOKE"),)))
    box.close()
    assert box.error == ""
    manifest = only(tmp_path)
    assert manifest.causes[0].t == 50.0
    assert [line["t"] for line in lines(tmp_path, manifest) if line.get("name") == "bay-1.io"][-1] == 50.0
    assert read_manifest(tmp_path / "events" / manifest.event) == manifest


class _Stuck(Recorder):
    """A recorder whose disk does not come back before it is told to."""

    go_on: threading.Event

    def take(self, moment: Moment) -> None:
        self.go_on.wait()
        super().take(moment)


def test_cycles_beyond_the_queue_are_lost_by_count_and_the_cycle_never_waits(tmp_path: Path) -> None:
    stuck = recorder(tmp_path)
    stuck.__class__ = _Stuck
    assert isinstance(stuck, _Stuck)
    stuck.go_on = threading.Event()
    box = BlackBox(stuck)
    for second in range(MOST_WAITING + 50):
        box.take(warmer(float(second)))
    stuck.go_on.set()
    while box._moments.qsize():
        time.sleep(0.001)
    box.take(Moment(warmer(1000.0).snapshot, warmer(1000.0).state, records=(raised("BAY_SMOKE"),)))
    box.close()
    (gap,) = [gap for gap in only(tmp_path).gaps if gap.moments]
    assert gap.reason == "the recorder was too slow"
    assert 45 <= (gap.moments or 0) <= 50


class _Broken(Recorder):
    def take(self, moment: Moment) -> None:
        raise KeyError("a bug")


def test_a_bug_of_the_recorder_is_told_and_ends_nothing_else(tmp_path: Path) -> None:
    broken = recorder(tmp_path)
    broken.__class__ = _Broken
    box = BlackBox(broken)
    box.take(warmer(0.0))
    box.close()
    assert "KeyError" in box.error
    for second in range(3):
        box.take(warmer(float(second)))
