"""`python -m tests.bench.five_years FOLDER [--days N --swaps N --events N]`: times backup, verification and restore.

The station's database is made as large as so many days of so many swaps with so many events each leave it; the audit
gets two rows a swap. Bodies are as long as those of a real intent (about 250 bytes). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
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
from tests.inventory.stock import station_config, stocked

SINCE = datetime(2021, 12, 1, tzinfo=UTC)
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
    started_s = time.perf_counter()
    told = work()
    return round(time.perf_counter() - started_s, 1), told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="empty, with room for four times the database")
    for name, default in (("days", 1826), ("swaps", 50), ("events", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    config = station_config(options.folder / "data")
    filled_s, _ = timed(lambda: fill(config, options.days, options.swaps, options.events))
    size = sum(file.stat().st_size for file in config.data.glob("*.db"))
    backup_s, made = timed(lambda: back_up(config, options.folder / "backups", ()))
    verify_s, found = timed(lambda: verify_live(config) + verify_backup(made))
    restore_s, _ = timed(lambda: restore(config, made))
    figures = {"fill_s": filled_s, "backup_s": backup_s, "verify_both_s": verify_s, "restore_s": restore_s}
    print(json.dumps({"gigabytes": round(size / 1e9, 2), **figures, "findings": found}))


if __name__ == "__main__":
    main()
