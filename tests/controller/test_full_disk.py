"""The journal on a disk that is really full: it waits, goes on by itself, and the ballast lets it write the stop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from swapstation.config.settings import Disk
from swapstation.controller import journal as controller_journal
from swapstation.controller.disk_watch import BALLAST, DiskWatch
from swapstation.controller.journal import ThreadedJournal, Written
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.model.disk import DiskLevel
from swapstation.model.inventory import Inventory
from swapstation.model.journal import Record, StateChanged
from swapstation.station.memory import Batch
from tests.station.situations import AT, config

DEADLINE_S = 20.0
STOP = Batch((StateChanged("execute", "held", "DISK_FULL " * 3000),))
"""Large enough that it does not fit into pages that are there already."""
BALLAST_MB = 2
LEFT_BYTES, BATCHES = 1_200_000, 60
"""A little above the stop limit; so many batches are more than that and less than the ballast besides."""


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


@contextmanager
def on(disk: Path, ballast_mb: int) -> Iterator[tuple[ThreadedJournal, DiskWatch]]:
    settings = replace(config(data=disk), disk=Disk(ballast_mb=ballast_mb))
    database = open_station_database(settings)
    start_boot(database, "test", "test", AT)

    def write_batch(records: tuple[Record, ...], at: datetime) -> Inventory:
        return write(database, records, at, 1)

    watch = DiskWatch(disk, settings.disk)
    journal = ThreadedJournal(write_batch, lambda: None, watch.look)
    try:
        eventually(lambda: level(watch) is not None)
        yield journal, watch
    finally:
        journal.close()
        database.dispose()


def level(watch: DiskWatch) -> DiskLevel | None:
    space = watch.seen(time.monotonic()).value
    return space.level if space else None


def fill(disk: Path, leave_bytes: int = 0) -> Path:
    """Take what is left but for so much."""
    runaway, info = disk / "runaway", os.statvfs(disk)
    runaway.write_bytes(b"x" * (info.f_bavail * info.f_frsize - leave_bytes))
    return runaway


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def taken_now(journal: ThreadedJournal, taken: list[Written]) -> bool:
    taken += (written := journal.take_written())
    return bool(written)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_journal, "RETRY_S", 0.01)
    monkeypatch.setattr(controller_journal, "BESIDE_S", 0.01)


def test_without_a_ballast_the_journal_waits_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    with on(small_disk, ballast_mb=0) as (journal, watch):
        runaway = fill(small_disk)
        for _ in range(20):
            journal.submit(STOP, AT)
        eventually(lambda: "full" in journal.error)
        eventually(lambda: level(watch) is DiskLevel.STOP)
        assert journal.pending == 20
        runaway.unlink()
        taken: list[Written] = []
        while len(taken) < 20:
            eventually(lambda: taken_now(journal, taken))
        assert (journal.error, journal.pending) == ("", 0)
        eventually(lambda: level(watch) is DiskLevel.ENOUGH)


def test_with_the_ballast_the_stop_is_written_on_a_full_disk(small_disk: Path) -> None:
    with on(small_disk, ballast_mb=BALLAST_MB) as (journal, watch):
        eventually(lambda: _size(small_disk / BALLAST) == BALLAST_MB * 1_000_000)
        fill(small_disk, LEFT_BYTES)
        taken: list[Written] = []
        for _ in range(BATCHES):
            journal.submit(STOP, AT)
            eventually(lambda: taken_now(journal, taken))
        assert level(watch) is DiskLevel.STOP
        assert not (small_disk / BALLAST).exists()
