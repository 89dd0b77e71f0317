"""The disk watch on a real file system, a small one of its own: levels, the ballast, a disk that is read-only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from swapstation.config.settings import Disk
from swapstation.controller.disk_watch import AGE_S, BALLAST, DiskWatch, level_of
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.seen import Quality
from tests.controller.conftest import SMALL_DISK_BYTES

MB = 1_000_000
BALLAST_MB = 2
SETTINGS = Disk(ballast_mb=BALLAST_MB)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def fill(disk: Path, free_pct: float) -> None:
    """Write until only so much is free, the ballast counted as used."""
    rest = disk / f"recording-{len(list(disk.iterdir()))}"
    info = os.statvfs(disk)
    owed = 0 if (disk / BALLAST).exists() else BALLAST_MB * MB
    left = info.f_bavail * info.f_frsize - owed - free_pct / 100.0 * info.f_blocks * info.f_frsize
    rest.write_bytes(b"x" * max(0, int(left)))


def space(watch: DiskWatch, now_s: float) -> DiskSpace:
    watch.look()
    found = watch.seen(now_s).good
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("free_pct", "level"),
    [(100.0, "enough"), (20.1, "enough"), (20.0, "low"), (10.1, "low"), (10.0, "shed"), (5.1, "shed"), (5.0, "stop")],
)
def test_levels_at_their_limits(free_pct: float, level: str) -> None:
    assert level_of(free_pct, False, Disk()) is DiskLevel(level)
    assert level_of(free_pct, True, Disk()) is DiskLevel.STOP


def test_the_ballast_is_given_up_at_the_stop_level_and_taken_back_when_there_is_room(small_disk: Path) -> None:
    clock = Clock()
    watch, ballast = DiskWatch(small_disk, SETTINGS, clock), small_disk / BALLAST
    assert space(watch, 100.0).level is DiskLevel.ENOUGH
    assert ballast.stat().st_blocks * 512 >= BALLAST_MB * MB, "real blocks, no hole"
    fill(small_disk, 15.0)
    assert (space(watch, 100.0).level, ballast.exists()) == (DiskLevel.LOW, True)
    fill(small_disk, 8.0)
    assert (space(watch, 100.0).level, space(watch, 100.0).sheds, ballast.exists()) == (DiskLevel.SHED, True, True)
    fill(small_disk, 3.0)
    before = space(watch, 100.0)
    assert (before.level, ballast.exists()) == (DiskLevel.STOP, False)
    (small_disk / "stop").write_bytes(b"x" * MB)
    after = space(watch, 100.0)
    assert after.level is DiskLevel.STOP, "what the ballast gave is not space that was won"
    assert after.free_pct < before.free_pct
    for file in small_disk.glob("recording-*"):
        file.unlink()
    assert (space(watch, 100.0).level, ballast.exists()) == (DiskLevel.ENOUGH, True)


def test_a_full_disk_has_room_for_the_journal_once_the_ballast_is_given_up(small_disk: Path) -> None:
    watch = DiskWatch(small_disk, SETTINGS)
    watch.look()
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "runaway").write_bytes(b"x" * SMALL_DISK_BYTES)
    watch.look()
    (small_disk / "journal").write_bytes(b"x" * MB)


def test_a_read_only_disk_is_full(small_disk: Path) -> None:
    watch = DiskWatch(small_disk, Disk(ballast_mb=0))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    watch.look()
    found = watch.seen(0.0).value
    assert found is not None
    assert (found.level, found.read_only) == (DiskLevel.STOP, True)


def test_what_was_seen_long_ago_or_never_is_not_good(tmp_path: Path) -> None:
    clock = Clock()
    watch = DiskWatch(tmp_path, Disk(ballast_mb=0), clock)
    assert watch.seen(100.0).quality is Quality.NEVER
    watch.look()
    assert watch.seen(100.0 + AGE_S).quality is Quality.GOOD
    assert watch.seen(100.1 + AGE_S).quality is Quality.STALE


def test_a_folder_that_cannot_be_looked_at_grows_stale(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "data"
    folder.mkdir()
    watch = DiskWatch(folder, Disk(ballast_mb=0), clock)
    watch.look()
    folder.rmdir()
    clock.now_s += AGE_S + 1.0
    watch.look()
    assert watch.seen(clock.now_s).quality is Quality.STALE


def test_without_a_ballast_nothing_is_written(tmp_path: Path) -> None:
    DiskWatch(tmp_path, Disk(ballast_mb=0)).look()
    assert list(tmp_path.iterdir()) == []


def test_a_ballast_that_cannot_be_made_whole_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    DiskWatch(tmp_path, Disk(low_pct=2.0, shed_pct=1.0, stop_pct=0.5, ballast_mb=1)).look()
    assert list(tmp_path.iterdir()) == []
