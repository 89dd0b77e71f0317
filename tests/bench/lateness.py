"""How late the controller's cycles begin while its server is asked 1,000 times a second and 100 sockets are slow.

Ten bays charge; simulator, controller and server are processes. Without load, with it, and with the controller under
SCHED_FIFO (`chrt -f`), where that is allowed.
"""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, at_least, at_most
from tests.bench.http_load import Load, get
from tests.bench.late_controller import late_ms
from tests.bench.machine import load
from tests.bench.station_processes import served

PER_S, SLOW = 1000.0, 100
CONNECTIONS = 32
PAUSE_S = 0.005
"""Between two bytes, of whichever slow socket: each says one every half second."""
FIFO = ("chrt", "-f", "50")
_HEAD = b"GET /api/v1/bays HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 4000


class SlowSockets:
    """Connections that say one byte at a time; one that is hung up on begins again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> SlowSockets:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wires: dict[int, socket.socket] = {}
        for turn in itertools.count():
            if self._stop.wait(PAUSE_S):
                break
            number, said = turn % SLOW, turn // SLOW
            if number not in wires:
                wires[number] = socket.create_connection(("127.0.0.1", self._port))
            try:
                wires[number].send(_HEAD[said : said + 1])
            except OSError:
                wires.pop(number).close()
        for wire in wires.values():
            wire.close()


@dataclass(frozen=True, slots=True)
class Told:
    """Latenesses in ms, sorted, and answers per second."""

    late_ms: list[float]
    per_s: float

    @property
    def p99_ms(self) -> float:
        return self.late_ms[int(0.99 * len(self.late_ms))]


def _run(seconds: float, loaded: bool, before: Sequence[str] = ()) -> Told:
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        file = Path(place) / "lateness"
        with served(Path(place), (*before, sys.executable, "-m", "tests.bench.late_controller", str(file))) as station:
            begun_s, per_s = time.monotonic(), 0.0
            if loaded:
                stack.enter_context(SlowSockets(station.port))
                asked = Load(station.port, get("/api/v1/bays", station.session), CONNECTIONS, stack)
                per_s = asked.paced(PER_S, seconds)
            else:
                time.sleep(seconds)
            ended_s = time.monotonic()
        late = late_ms(file, [(begun_s, ended_s)])
    return Told(late, per_s)


def may_be_first() -> bool:
    """Whether this machine lets us use SCHED_FIFO."""
    return shutil.which(FIFO[0]) is not None and subprocess.run([*FIFO, "true"], check=False).returncode == 0


def measure(seconds: float = 30.0) -> list[Figure]:
    """Measure so long each time."""
    busy = load()
    quiet, loaded = _run(seconds, loaded=False), _run(seconds, loaded=True)
    figures = [
        at_most("cycle begins late under load, 99th percentile", loaded.p99_ms, 5.0, "ms"),
        Figure("the same, largest", loaded.late_ms[-1], "ms"),
        Figure("cycle begins late without load, 99th percentile", quiet.p99_ms, "ms"),
        at_least("answers to GET /bays while measured", loaded.per_s, 0.95 * PER_S, "1/s"),
        Figure("cycles counted", len(loaded.late_ms)),
    ]
    if may_be_first():
        first = _run(seconds, loaded=True, before=FIFO)
        figures += [
            at_most("with SCHED_FIFO, 99th percentile", first.p99_ms, 1.5, "ms"),
            Figure("with SCHED_FIFO, largest", first.late_ms[-1], "ms"),
            at_least("with SCHED_FIFO, answers to GET /bays while measured", first.per_s, 0.95 * PER_S, "1/s"),
        ]
    return [*figures, Figure("others that wanted a core before (load of the last minute)", busy)]
