"""Fifty consoles at the live stream of a station whose ten bays charge: how old a message is, and what it costs.

Simulator, controller and server are processes; the clients live in this one and offer compression as browsers do. The
age of a message is counted from the controller's own stamp in it, so it includes the way from controller to server.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
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
    """Each message's stamp and how old it is (ms); only news is counted, and not the state at the beginning."""
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
            told.append((before, 1000.0 * (now_s - datetime.fromisoformat(before).timestamp())))


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


def _share_pct(station: Served, count: int, seconds: float) -> tuple[list[float], float]:
    """Sorted ages (ms) of all messages, and the server's share of a core (%)."""
    begun_s, before_s = time.monotonic(), cpu_s(station.pid)
    told = asyncio.run(_clients(station.port, station.session, count, seconds))
    share = 100.0 * (cpu_s(station.pid) - before_s) / (time.monotonic() - begun_s)
    return sorted(age for _, age in told), share


def measure(seconds: float = 30.0) -> list[Figure]:
    """One client, then fifty, each for so long."""
    busy = load()
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as station:
        one, share_of_one = _share_pct(station, 1, seconds)
        many, share_of_many = _share_pct(station, MANY, seconds)
    late = many[int(0.99 * len(many))]
    return [
        at_most("age of a message at fifty clients, 99th percentile", late, 10.0, "ms"),
        Figure("the same, median", median(many), "ms"),
        Figure("age of a message at one client, 99th percentile", one[int(0.99 * len(one))], "ms"),
        Figure("the same, median", median(one), "ms"),
        at_least("messages per client and second", len(many) / MANY / seconds, 4.9, "1/s"),
        at_most("share of a core that fifty clients take of the server", share_of_many - share_of_one, 3.0, "%"),
        Figure("share of a core of the server with one client", share_of_one, "%"),
        Figure("others that wanted a core before (load of the last minute)", busy),
    ]
