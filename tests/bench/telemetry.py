"""The archive beside a tight SQLite layout: bytes, and a month of one battery in buckets; ten bays, synthetic.

The hot store is that layout: whole numbers, WITHOUT ROWID, cells as a blob of 16-bit numbers. Both hold the same
rows, a random walk as of batteries that charge all day, and answer the same question: smallest, largest, mean.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from swapstation.records.telemetry.archive import archive_day, path_of
from swapstation.records.telemetry.hot import NAME, HotStore
from swapstation.records.telemetry.kinds import CELLS, DAY_S, PACK, Kind, day_of
from swapstation.records.telemetry.query import MOST_BUCKETS, Window, signal
from swapstation.records.telemetry.sampling import Row
from tests.bench.figures import Figure, at_most

BAYS, DAYS, CELL_DAYS, CELL_COUNT, PROBES = 10, 30, 3, 300, 16
START_S = 1_767_225_600  # 2026-01-01
REPEATS = 5
Numbers = np.ndarray[Any, np.dtype[np.int64]]


def _walk(chance: np.random.Generator, count: int, start: int, step: int, every: int) -> Numbers:
    """A value that moves by up to `step` about every so many rows."""
    steps = chance.integers(-step, step + 1, count) * (chance.integers(0, every, count) == 0)
    return start + np.cumsum(steps)


def _pack_rows(chance: np.random.Generator, series: int, start_s: int) -> Iterator[tuple[Any, ...]]:
    """A day of one battery; names 1 and 2 are its bay and phase."""
    t = np.arange(start_s, start_s + DAY_S)
    voltage, current = _walk(chance, DAY_S, 6500, 1, 2), _walk(chance, DAY_S, 2000, 2, 2)
    soc = 200 + np.arange(DAY_S) * 700 // DAY_S
    energy = np.arange(DAY_S) * 4 // 10
    hottest, coldest = _walk(chance, DAY_S, 320, 10, 60), _walk(chance, DAY_S, 290, 10, 60)
    highest, lowest = _walk(chance, DAY_S, 3400, 1, 2), _walk(chance, DAY_S, 3350, 1, 2)
    output = voltage + chance.integers(-1, 2, DAY_S), current + chance.integers(-1, 2, DAY_S)
    wanted = np.full(DAY_S, 7000), np.full(DAY_S, 2500)
    columns = (voltage, current, soc, hottest, coldest, highest, lowest, *wanted, *output, energy)
    one, two, number = ([each] * DAY_S for each in (1, 2, series))
    return zip(number, t.tolist(), one, two, *(column.tolist() for column in columns), strict=True)


def _cell_rows(chance: np.random.Generator, series: int, start_s: int) -> Iterator[tuple[Any, ...]]:
    count = DAY_S // CELLS.period_s
    offsets = np.rint(chance.normal(0, 3, CELL_COUNT)).astype(np.int64)
    cells = _walk(chance, count, 3350, 1, 2)[:, None] + offsets + chance.integers(-1, 2, (count, CELL_COUNT))
    probes = _walk(chance, count, 300, 10, 30)[:, None] + 10 * chance.integers(0, 2, (count, PROBES))
    blobs, temperatures = cells.astype("<i2"), probes.astype("<i2")
    means = np.rint(cells.mean(axis=1)).astype(int)
    for at in range(count):
        row = cells[at]
        figures = int(row.min()), int(row.max()), int(means[at])
        yield series, start_s + at * CELLS.period_s, 1, *figures, blobs[at].tobytes(), temperatures[at].tobytes()


def _filled(folder: Path, kind: Kind, rows: Callable[..., Iterator[tuple[Any, ...]]], days: int) -> float:
    """Write so many days of ten batteries into the hot store; rows per second."""
    store = HotStore(folder)
    first = Row("link", "bay-1", START_S, (0,) * 8)
    store.add([first, Row("link", "charging", START_S, (0,) * 8)])
    store.add([Row("link", f"LFP-{number}", START_S, (0,) * 8) for number in range(BAYS)])
    store.close()
    chance = np.random.default_rng(1)
    database = sqlite3.connect(folder / NAME)
    written, spent_s = 0, 0.0
    for number in range(days * BAYS):
        day, bay = divmod(number, BAYS)
        held = list(rows(chance, 3 + bay, START_S + day * DAY_S))
        begun_s = time.perf_counter()
        with database:
            database.executemany(f"INSERT INTO {kind.name} VALUES ({', '.join('?' * len(held[0]))})", held)
        spent_s += time.perf_counter() - begun_s
        written += len(held)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return written / spent_s


def _archived(folder: Path, kind: Kind, days: int) -> tuple[int, float]:
    """Archive every day; bytes of all files, seconds for a day."""
    begun_s = time.perf_counter()
    for day in range(days):
        archive_day(folder, kind, day_of(START_S + day * DAY_S))
    spent_s = time.perf_counter() - begun_s
    sizes = (path_of(folder, kind.name, day_of(START_S + day * DAY_S)).stat().st_size for day in range(days))
    return sum(sizes), spent_s / days


def _fastest(question: Callable[[], object]) -> float:
    spent: list[float] = []
    for _ in range(REPEATS):
        begun_s = time.perf_counter()
        question()
        spent.append(time.perf_counter() - begun_s)
    return min(spent)


def _stored(folder: Path, kind: Kind, rows: Callable[..., Iterator[tuple[Any, ...]]], days: int) -> list[Figure]:
    per_s = _filled(folder, kind, rows, days)
    tight = (folder / NAME).stat().st_size
    ours, day_s = _archived(folder, kind, days)
    count = days * BAYS * DAY_S // kind.period_s
    return [
        at_most(f"{kind.name}: bytes of the archive / tight SQLite", ours / tight, 0.22),
        Figure(f"{kind.name}: archive", ours / count, "B/row"),
        Figure(f"{kind.name}: tight SQLite", tight / count, "B/row"),
        Figure(f"{kind.name}: archiving a day of ten bays, verified", day_s, "s"),
        Figure(f"{kind.name}: rows into SQLite", per_s, "1/s"),
    ]


def _month(folder: Path, days: int) -> list[Figure]:
    first, last = START_S, START_S + days * DAY_S
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (first, last))
    window = Window("pack", "LFP-4", "current_a", begin, end, MOST_BUCKETS)
    width_s = signal(folder, window).bucket_s
    database = sqlite3.connect(folder / NAME)
    asked = f"SELECT (t - {first}) / {width_s}, min(current_a), max(current_a), avg(current_a), count(*) FROM pack"
    where = f"WHERE series = 7 AND t >= {first} AND t < {last} GROUP BY 1 ORDER BY 1"

    def tight() -> list[tuple[Any, ...]]:
        return database.execute(f"{asked} {where}").fetchall()

    ours = [(each.min, each.max, each.rows) for each in signal(folder, window).buckets]
    assert ours == [(low / 10, high / 10, rows) for _, low, high, _, rows in tight()], "both answer alike"
    tight_s, ours_s = _fastest(tight), _fastest(lambda: signal(folder, window))
    database.close()
    return [
        at_most(f"{days} days of one battery in {len(ours)} buckets, archive / tight SQLite", ours_s / tight_s, 0.35),
        Figure("the same, archive", 1000 * ours_s, "ms"),
        Figure("the same, tight SQLite", 1000 * tight_s, "ms"),
    ]


def measure(days: int = DAYS, cell_days: int = CELL_DAYS) -> list[Figure]:
    """Fill, archive, ask; each layout in a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        packs, cells = Path(place) / "packs", Path(place) / "cells"
        told = [*_stored(packs, PACK, _pack_rows, days), *_month(packs, days)]
        told += _stored(cells, CELLS, _cell_rows, cell_days)
    return [*told, *_year(told)]


def _year(told: list[Figure]) -> list[Figure]:
    """Bytes a year of ten bays that are always occupied, by the figures of both kinds."""
    per_row = {figure.name: figure.value for figure in told if figure.unit == "B/row"}
    seconds = 365 * DAY_S * BAYS
    sums = [
        sum(per_row[f"{kind.name}: {where}"] * seconds / kind.period_s for kind in (PACK, CELLS))
        for where in ("archive", "tight SQLite")
    ]
    return [
        at_most("a year of ten bays, bytes of the archive / tight SQLite", sums[0] / sums[1], 0.22),
        Figure("a year of ten bays, archive", sums[0] / 1e9, "GB"),
        Figure("a year of ten bays, tight SQLite", sums[1] / 1e9, "GB"),
    ]
