"""Does ingesting telemetry delay the control cycle? One run, in turns with and without it.

Ten bays charge; simulator, controller and server are processes, and the controller notes how late each of its cycles
began. Beside them a process ingests telemetry of ten bays a hundred times as fast as it comes, stopped (SIGSTOP) in
every other turn, so that what else runs on the machine weighs on both alike. Then again with the controller under
SCHED_FIFO, where that is allowed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Figure, at_most
from tests.bench.late_controller import late_ms
from tests.bench.lateness import FIFO, may_be_first
from tests.bench.station_processes import served

TURNS, TURN_S = 8, 15.0
SETTLE_S = 1.0
START_PATIENCE_S = 30.0


@contextmanager
def _ingesting(folder: Path) -> Iterator[tuple[int, Path]]:
    """A process group that ingests, and the file in which it tells how many seconds of telemetry it has ingested."""
    told = folder / "ingested"
    command = [sys.executable, "-m", "tests.bench.ingesting", str(folder / "ingested-telemetry")]
    with told.open("wb") as out, subprocess.Popen(command, stdout=out, start_new_session=True) as load:
        try:
            end_s = time.monotonic() + START_PATIENCE_S
            while not told.stat().st_size:
                assert load.poll() is None, "the ingesting process has ended"
                assert time.monotonic() < end_s, f"nothing was ingested within {START_PATIENCE_S:g} s"
                time.sleep(0.1)
            yield load.pid, told
        finally:
            os.killpg(load.pid, signal.SIGKILL)


def _run(turns: int, turn_s: float, before: Sequence[str] = ()) -> tuple[list[float], list[float], float]:
    """Latenesses (ms) at rest and while ingesting, smallest first; days ingested."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        windows: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
        file = folder / "lateness"
        command = (*before, sys.executable, "-m", "tests.bench.late_controller", str(file))
        with served(folder, command), _ingesting(folder) as (group, told):
            for turn in range(2 * turns):
                os.killpg(group, signal.SIGCONT if turn % 2 else signal.SIGSTOP)
                time.sleep(SETTLE_S)
                begun_s = time.monotonic()
                time.sleep(turn_s)
                windows[turn % 2].append((begun_s, time.monotonic()))
            days = int(told.read_text().split()[-1]) / 86_400
        return late_ms(file, windows[0]), late_ms(file, windows[1]), days


def _figures(about: str, told: tuple[list[float], list[float], float]) -> list[Figure]:
    resting, ingesting, days = told
    at_rest, loaded = (late[int(0.99 * len(late))] for late in (resting, ingesting))
    return [
        at_most(f"99th percentile of lateness{about}, ingesting / at rest", loaded / at_rest, 1.10),
        Figure(f"99th percentile{about}, at rest", at_rest, "ms"),
        Figure(f"99th percentile{about}, ingesting", loaded, "ms"),
        Figure(f"cycles counted{about}, of each", min(len(resting), len(ingesting))),
        Figure(f"days of ten bays ingested{about}", days, "d"),
    ]


def measure(turns: int = TURNS, turn_s: float = TURN_S) -> list[Figure]:
    """So many turns of each, some five minutes, and as long again under SCHED_FIFO."""
    figures = _figures("", _run(turns, turn_s))
    if may_be_first():
        figures += _figures(" with SCHED_FIFO", _run(turns, turn_s, FIFO))
    return figures
