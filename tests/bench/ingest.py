"""Does ingesting telemetry delay the control cycle? One run, in turns with and without it.

The controller process drives ten charging bays; how far its CCS frames are off their 50 ms tells its lateness. Beside
it a process ingests telemetry of ten bays a hundred times as fast as it comes, stopped (SIGSTOP) in every other turn,
so that what else runs on the machine weighs on both alike.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, at_most
from tests.bench.real_time import charging_station, off_ms

TURNS, TURN_S = 6, 15.0
SETTLE_S = 1.0


async def _turns(folder: Path, turns: int, turn_s: float) -> list[Figure]:
    resting: list[float] = []
    ingesting: list[float] = []
    command = [sys.executable, "-m", "tests.bench.ingesting", str(folder / "telemetry")]
    async with charging_station(folder) as (proxies, _):
        log = folder / "ingested"
        with log.open("wb") as told, subprocess.Popen(command, stdout=told, start_new_session=True) as load:
            try:
                while not log.stat().st_size:
                    assert load.poll() is None, "the ingesting process has ended"
                    await asyncio.sleep(0.1)
                for turn in range(2 * turns):
                    os.killpg(load.pid, signal.SIGCONT if turn % 2 else signal.SIGSTOP)
                    await asyncio.sleep(SETTLE_S)
                    for proxy in proxies:
                        proxy.seen_s.clear()
                    await asyncio.sleep(turn_s)
                    (ingesting if turn % 2 else resting).extend(off_ms(proxies))
            finally:
                os.killpg(load.pid, signal.SIGKILL)
        days = int(log.read_text().split()[-1]) / 86_400
    at_rest, loaded = (sorted(each)[int(0.99 * len(each))] for each in (resting, ingesting))
    return [
        at_most("99th percentile of lateness, ingesting / at rest", loaded / at_rest, 1.10),
        Figure("99th percentile, at rest", at_rest, "ms"),
        Figure("99th percentile, ingesting", loaded, "ms"),
        Figure("days of ten bays ingested", days, "d"),
    ]


def measure(turns: int = TURNS, turn_s: float = TURN_S) -> list[Figure]:
    """So many turns of each, some three minutes."""
    with tempfile.TemporaryDirectory() as place:
        return asyncio.run(_turns(Path(place), turns, turn_s))
