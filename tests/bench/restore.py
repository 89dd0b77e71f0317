"""Backup, verification and restore of a station of five years, beside copying and reading the same files plainly.

The station's database is made as large as so many days of so many swaps with so many events each leave it; the audit
gets two rows a swap. Bodies are as long as those of a real intent (about 250 bytes).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from swapstation.business import audit
from swapstation.business.audit import Entry
from swapstation.business.database import open_business_database
from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database
from swapstation.operations.backup import back_up, verify_backup, verify_live
from swapstation.operations.restore import restore
from tests.bench.figures import Figure, at_most
from tests.inventory.stock import station_config, stocked

SINCE = datetime(2021, 12, 1, tzinfo=UTC)
DAYS, SWAPS, EVENTS = 1826, 50, 40
BODY = json.dumps({"command": "PickBattery", "parameters": "x" * 180, "swap": "S-000000", "command_id": 1234567})
Told = TypeVar("Told")


def fill(config: Config, days: int, swaps: int, events: int) -> None:
    """A station with stock and a past."""
    engine = open_station_database(config)
    stocked(engine)
    engine.dispose()
    with sqlite3.connect(config.data / "station.db") as station:
        station.execute("PRAGMA synchronous=OFF")
        (first,) = station.execute("SELECT max(sequence) + 1 FROM events").fetchone()
        count = days * swaps * events
        pause = timedelta(days=days) / count
        times = (f"{SINCE + number * pause:%F %T.%f}" for number in range(count))
        rows = ((first + number, at, BODY) for number, at in enumerate(times))
        station.executemany("INSERT INTO events VALUES (?, 1, ?, 'IntentRecorded', ?)", rows)
    engine = open_business_database(config)
    for _ in range(days):
        with engine.begin() as connection:
            audit.append(connection, [Entry("request", "li", subject="request_swap")] * (2 * swaps), SINCE)
    engine.dispose()


def timed(work: Callable[[], Told]) -> tuple[float, Told]:
    """Seconds that a piece of work took, and what it told."""
    started_s = time.perf_counter()
    told = work()
    return time.perf_counter() - started_s, told


def _copy(source: Path, target: Path) -> None:
    """What a person would do without us: copy the folder, sync it, compare what was copied."""
    shutil.copytree(source, target)
    for file in target.rglob("*.db"):
        with file.open("rb") as copied:
            os.fsync(copied.fileno())
            copy = hashlib.file_digest(copied, "sha256").digest()
        with (source / file.relative_to(target)).open("rb") as original:
            assert hashlib.file_digest(original, "sha256").digest() == copy


def measure(days: int = DAYS, swaps: int = SWAPS, events: int = EVENTS) -> list[Figure]:
    """Some minutes, and room for five times the database in the folder of temporary files."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        config = station_config(folder / "data")
        fill(config, days, swaps, events)
        size = sum(file.stat().st_size for file in config.data.glob("*.db"))
        copy_s, _ = timed(lambda: _copy(config.data, folder / "copy"))
        backup_s, made = timed(lambda: back_up(config, folder / "backups", ()))
        live_s, damaged = timed(lambda: verify_live(config))
        backed_s, damaged_too = timed(lambda: verify_backup(made))
        restore_s, _ = timed(lambda: restore(config, made))
    return [
        Figure("both databases", size / 1e9, "GB"),
        Figure("events", days * swaps * events),
        Figure("copied plainly, synced and compared", copy_s, "s"),
        Figure("backup", backup_s, "s"),
        Figure("backup / plain copy", backup_s / copy_s, "x"),
        Figure("verify of the live data", live_s, "s"),
        Figure("verify of the backup", backed_s, "s"),
        Figure("restore, checked first", restore_s, "s"),
        at_most("findings", len(damaged) + len(damaged_too), 0),
    ]
