"""GET /bays with a session, of a station whose ten bays charge, beside a bare uvicorn ping: many short rounds in turn.

Both servers run as processes of their own and are asked by one client over the same number of kept connections. Rounds
alternate, and the ratio is taken of neighbours, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median, quantiles

from swapstation.demo.station_file import free_ports
from tests.bench.figures import Figure, at_least
from tests.bench.http_load import Load, get
from tests.bench.machine import load
from tests.bench.real_time import cpu_s
from tests.bench.station_processes import process, served

CONNECTIONS = 8
ROUND_S = 0.25


def measure(rounds: int = 80) -> list[Figure]:
    """Alternate so many rounds of each."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        station = stack.enter_context(served(Path(place)))
        (port,) = free_ports(1)
        bare = stack.enter_context(process([sys.executable, "-m", "tests.bench.ping", str(port)]))
        ping = connected(port, stack)
        bays = Load(station.port, get("/api/v1/bays", station.session), CONNECTIONS, stack)
        busy = load()
        rates: dict[str, list[float]] = {"ping": [], "bays": []}
        cpu: dict[str, float] = {"ping": 0.0, "bays": 0.0}
        for _ in range(rounds):
            for name, asked, pid in (("ping", ping, bare.pid), ("bays", bays, station.pid)):
                begun_s = cpu_s(pid)
                rates[name].append(asked.as_fast_as_answered(ROUND_S))
                cpu[name] += cpu_s(pid) - begun_s
    ratios = [ours / bare for ours, bare in zip(rates["bays"], rates["ping"], strict=True)]
    low, *_, high = quantiles(ratios, n=20)
    per_request_us = {name: 1e6 * cpu[name] / (ROUND_S * sum(rates[name])) for name in rates}
    return [
        at_least("GET /bays with a session / bare ping, median of the rounds", median(ratios), 0.5, "x"),
        Figure("the same, 5th percentile", low, "x"),
        Figure("the same, 95th percentile", high, "x"),
        Figure("GET /bays, median", median(rates["bays"]), "1/s"),
        Figure("bare ping, median", median(rates["ping"]), "1/s"),
        Figure("processor time of the server for one GET /bays", per_request_us["bays"], "us"),
        Figure("processor time of uvicorn for one ping", per_request_us["ping"], "us"),
        Figure("others that wanted a core before (load of the last minute)", busy),
    ]


def connected(port: int, stack: ExitStack) -> Load:
    """Connections to a ping that is just starting."""
    end_s = time.monotonic() + 20.0
    while time.monotonic() < end_s:
        with suppress(OSError):
            return Load(port, get("/", {}), CONNECTIONS, stack)
        time.sleep(0.1)
    raise TimeoutError("the ping does not listen")
