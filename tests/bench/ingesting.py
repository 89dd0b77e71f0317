"""Ingests days of ten bays and archives each: `python -m tests.bench.ingesting FOLDER`; prints how many seconds it did.

What the server does: sampler and writer thread at its priority, the archive in a process that gives way. Here a second
of the station passes `PACE` times as fast, and when a day is over its archive is written at once.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swapstation.model.device import BatteryCells, BatteryCharge, ChargePhase
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import BayState, Snapshot, StationState
from swapstation.records.telemetry.archive import Archived, archive_due
from swapstation.records.telemetry.kinds import DAY_S
from swapstation.records.telemetry.recorder import TelemetryRecorder
from swapstation.server.telemetry import settle

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PACE = 100
BAYS, CELLS = 10, 300


def _station(second: int) -> Snapshot:
    bays = tuple(_bay(number, second) for number in range(1, BAYS + 1))
    at = BEGIN + timedelta(seconds=second)
    return Snapshot(second, 1, float(second), at, "bench", "plc", StationState.IDLE, bays=bays)


def _bay(number: int, second: int) -> BayState:
    soc_pct, current_a, max_cell_v = 20.0 + second % DAY_S / 1300, 200.0 + second % 7 / 10, 3.4 + second % 5 / 1000
    charge = BatteryCharge(
        ChargePhase.CHARGING, 0.1, soc_pct=soc_pct, voltage_v=650.0, current_a=current_a, max_cell_v=max_cell_v
    )
    cells: Seen[BatteryCells] = Seen()
    if second % 10 == 0:
        told = BatteryCells(tuple(3.35 + (second + at) % 9 / 1000 for at in range(CELLS)))
        cells = Seen(told, 0.0, Quality.GOOD)
    seen = Seen(charge, 0.0, Quality.GOOD)
    return BayState(number, f"bay-{number}", False, "direct", f"LFP-{number}", charge=seen, cells=cells)


def main() -> None:
    folder = Path(sys.argv[1])
    recorder = TelemetryRecorder(folder)
    recorder.start()
    archiving: Future[list[Archived]] | None = None
    begun_s, second = time.monotonic(), 0
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), settle) as pool:
        while True:
            recorder.take(_station(second))
            second += 1
            if archiving is not None and archiving.done():
                recorder.archived(archiving.result(), int(BEGIN.timestamp()) + second)
                archiving = None
            if archiving is None and second % 3600 == 0:
                archiving = pool.submit(archive_due, folder, int(BEGIN.timestamp()) + second + DAY_S)
            if second % PACE == 0:
                print(second, flush=True)
                time.sleep(max(0.0, begun_s + second / PACE - time.monotonic()))


if __name__ == "__main__":
    main()
