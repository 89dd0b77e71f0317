"""Fifty consoles at the live stream of a station whose ten bays charge: how late a message is, and what it costs.

Simulator, controller and server are processes; the clients live in this one and offer compression as browsers do. The
delay of a message is counted from when its snapshot came out of the controller's socket, which is the server's alone;
its age from the controller's own stamp in it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from websockets.asyncio.client import ClientConnection, connect

from tests.bench.figures import Figure, at_least, at_most
from tests.bench.machine import load
from tests.bench.real_time import cpu_s
from tests.bench.station_processes import Served, served

MANY = 50
STAMP = re.compile(r'"at":"([^"]+)"')
HEAD = 400
"""Characters of a message in which the controller's stamp is."""


async def _listen(wire: ClientConnection, told: list[tuple[str, float]], until_s: float) -> None:
    """Each message's stamp and when it came; only news is counted, and not the state at the beginning."""
    text = await wire.recv()
    assert isinstance(text, str)
    first = STAMP.search(text)
    before = first[1] if first is not None else ""
    while (left_s := until_s - time.monotonic()) > 0.0:
        try:
            text = await asyncio.wait_for(wire.recv(), left_s)
        except TimeoutError:
            return
        now_s = time.time()
        assert isinstance(text, str)
        stamp = STAMP.search(text)
        if stamp is not None and stamp[1] != before:
            before = stamp[1]
            told.append((before, now_s))


async def _clients(port: int, session: Mapping[str, str], count: int, seconds: float) -> list[tuple[str, float]]:
    told: list[tuple[str, float]] = []
    async with AsyncExitStack() as stack:
        wires = [
            await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/api/v1/live", additional_headers=session, proxy=None)
            )
            for _ in range(count)
        ]
        until_s = time.monotonic() + seconds
        await asyncio.gather(*(_listen(wire, told, until_s) for wire in wires))
    return told


class Arrivals:
    """When each snapshot came out of the controller's socket, by its stamp: another reader of it, beside the server."""

    def __init__(self, controller: Path) -> None:
        self.at_s: dict[str, float] = {}
        self._wire = socket.socket(socket.AF_UNIX)
        self._wire.connect(str(controller))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Arrivals:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._wire.close()

    def _run(self) -> None:
        with self._wire.makefile("rb") as lines:
            for line in lines:
                stamp = STAMP.search(line[:HEAD].decode("utf-8", "replace"))
                if stamp is not None:
                    self.at_s.setdefault(stamp[1], time.time())


@dataclass(frozen=True, slots=True)
class Told:
    """Delays and ages of all messages (ms), smallest first, and the server's share of a core (%)."""

    delay_ms: list[float]
    age_ms: list[float]
    share_pct: float


def _watched(station: Served, controller: Path, count: int, seconds: float) -> Told:
    with Arrivals(controller) as arrivals:
        begun_s, before_s = time.monotonic(), cpu_s(station.pid)
        told = asyncio.run(_clients(station.port, station.session, count, seconds))
        share_pct = 100.0 * (cpu_s(station.pid) - before_s) / (time.monotonic() - begun_s)
    delays = (1000.0 * (came_s - arrivals.at_s[stamp]) for stamp, came_s in told if stamp in arrivals.at_s)
    ages = (1000.0 * (came_s - datetime.fromisoformat(stamp).timestamp()) for stamp, came_s in told)
    return Told(sorted(delays), sorted(ages), share_pct)


def _late(values: list[float]) -> float:
    return values[int(0.99 * len(values))]


def measure(seconds: float = 30.0) -> list[Figure]:
    """One client, then fifty, each for so long."""
    busy = load()
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as station:
        controller = Path(place) / "controller.sock"
        one = _watched(station, controller, 1, seconds)
        many = _watched(station, controller, MANY, seconds)
    return [
        at_most("delay of a message by the server at fifty clients, 99th percentile", _late(many.delay_ms), 10.0, "ms"),
        Figure("the same, median", median(many.delay_ms), "ms"),
        Figure("delay of a message by the server at one client, median", median(one.delay_ms), "ms"),
        Figure("age of a message at fifty clients, 99th percentile", _late(many.age_ms), "ms"),
        Figure("the same, median", median(many.age_ms), "ms"),
        Figure("age of a message at one client, median", median(one.age_ms), "ms"),
        at_least("messages per client and second", len(many.age_ms) / MANY / seconds, 4.9, "1/s"),
        at_most("share of a core that fifty clients take of the server", many.share_pct - one.share_pct, 3.0, "%"),
        Figure("share of a core of the server with one client", one.share_pct, "%"),
        Figure("others that wanted a core before (load of the last minute)", busy),
    ]
