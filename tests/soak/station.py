"""The demo's processes with swap after swap, looked at once a minute, for as long as is asked."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, DemoFailed, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from tests.soak.sample import NAMES, Sample, keep, look_at_process, size_mb

PAUSE_S = 3.0


@dataclass(slots=True)
class Swaps:
    """What the trucks of a run got."""

    completed: int = 0
    failed: int = 0


def soak(seconds: float, speed: float, run: str, file: Path, data: Path, period_s: float = 60.0) -> Swaps:
    """Run a station for so long and keep a sample each period; raises ProcessDied when one of the processes ends."""
    options = DemoOptions(0, speed, "tcp", Exchange.STATION, Charging.DIRECT, seed=1, planner=True)
    swaps, ended = Swaps(), threading.Event()
    with station(options, data, free_ports(1)[0], data / "logs") as demo:
        demo.start_up()
        watched = Watched(demo, swaps, run, file, data, time.monotonic())
        looking = threading.Thread(target=_look, args=(watched, period_s, ended))
        looking.start()
        try:
            _swap(demo, swaps, time.monotonic() + seconds)
        finally:
            ended.set()
            looking.join()
        watched.look()
    return swaps


def _swap(demo: Demo, swaps: Swaps, until_s: float) -> None:
    """A truck after the other; the one at the end is seen through. A failed swap is the end: a person has to come."""
    for vin in cycle(TRUCKS):
        if time.monotonic() >= until_s:
            return
        try:
            demo.swap(vin)
        except DemoFailed as error:
            print(error, file=sys.stderr, flush=True)
            swaps.failed += 1
            return
        swaps.completed += 1
        demo.pause(PAUSE_S)


@dataclass(frozen=True, slots=True)
class Watched:
    """A running station, and where a sample of it goes."""

    demo: Demo
    swaps: Swaps
    run: str
    file: Path
    data: Path
    began_s: float

    def look(self) -> None:
        """Keep a sample. Raises OSError where the station does not answer."""
        seen = {name: look_at_process(self.demo.processes.pid(name)) for name in NAMES}
        keep(
            self.file,
            Sample(
                self.run,
                round(time.monotonic() - self.began_s, 1),
                {name: round(rss_mb, 1) for name, (rss_mb, _) in seen.items()},
                {name: files for name, (_, files) in seen.items()},
                self.demo.snapshot()["max_cycle_lateness_ms"],
                self.swaps.completed,
                self.swaps.failed,
                round(size_mb(self.data), 1),
            ),
        )


def _look(watched: Watched, period_s: float, ended: threading.Event) -> None:
    while not ended.wait(period_s):
        try:
            watched.look()
        except OSError as error:
            print(f"not looked at: {error}", file=sys.stderr, flush=True)
