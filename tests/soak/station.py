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
        looking = threading.Thread(target=_look, args=(demo, swaps, run, file, data, period_s, ended))
        looking.start()
        try:
            _swap(demo, swaps, time.monotonic() + seconds)
        finally:
            ended.set()
            looking.join()
    return swaps


def _swap(demo: Demo, swaps: Swaps, until_s: float) -> None:
    """A truck after the other; the one at the end is seen through."""
    for vin in cycle(TRUCKS):
        if time.monotonic() >= until_s:
            return
        try:
            demo.swap(vin)
            swaps.completed += 1
        except DemoFailed as error:
            print(error, file=sys.stderr, flush=True)
            swaps.failed += 1
        demo.pause(PAUSE_S)


def _look(demo: Demo, swaps: Swaps, run: str, file: Path, data: Path, period_s: float, ended: threading.Event) -> None:
    began_s = time.monotonic()
    while not ended.wait(period_s):
        seen = {name: look_at_process(demo.processes.pid(name)) for name in NAMES}
        keep(
            file,
            Sample(
                run,
                round(time.monotonic() - began_s, 1),
                {name: round(rss_mb, 1) for name, (rss_mb, _) in seen.items()},
                {name: files for name, (_, files) in seen.items()},
                demo.snapshot()["max_cycle_lateness_ms"],
                swaps.completed,
                swaps.failed,
                round(size_mb(data), 1),
            ),
        )
