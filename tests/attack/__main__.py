"""`python -m tests.attack [--cases N] [--seed N]`: attack a whole running station through its HTTP API.

Simulator, controller, planner and server run as processes of their own. nmap and sqlmap are used where they are
installed. Exit 1 when an answer was a server error or was none that the description declares, when a port can be
reached from elsewhere, or when a statement could be injected.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from swapstation.model.people import Role
from tests.attack.callers import Callers, make_callers
from tests.attack.machine import Attack, Told
from tests.attack.tools import injections, open_ports

EXAMPLES = 5
"""Of good and of bad input to each operation, beside the chains."""


@contextmanager
def attacked(folder: Path) -> Iterator[tuple[Demo, Callers]]:
    """A running station and who attacks it."""
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1, planner=True, training=True)
    with station(options, folder, free_ports(1)[0], folder / "logs") as demo:
        demo.start_up()
        demo.processes.kill("server")  # accounts are made while no server runs
        tokens = make_callers(demo.config)
        demo.processes.restart("server")
        demo.until("the server answers again", 60.0, lambda: demo.snapshot() or None)
        yield demo, Callers(f"http://127.0.0.1:{demo.config.server.port}", tokens)


def report(told: Told, seconds: float) -> str:
    """What was sent and answered, then each fault once."""
    faults = f"{told.server_errors} server errors, {len(told.faults)} faults"
    lines = [
        f"{told.cases} requests in {seconds:.0f} s to {len(told.operations)} operations, {faults}",
        f"by caller: {json.dumps(told.by_caller)}",
        f"by status: {json.dumps(dict(sorted(told.by_status.items())))}",
    ]
    return "\n".join((*lines, *(f"\n## {name}\n{example}" for name, example in told.faults.items())))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description="Attack a running station's API.")
    parser.add_argument("--cases", type=int, default=10_000, help="requests in chains (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="where the chains begin (default %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, attacked(Path(folder)) as (demo, callers):
        description = httpx2.get(f"{callers.url}/api/v1/openapi.json", trust_env=False).json()
        attack, begun_s = Attack(description, callers), time.monotonic()
        attack.chains(options.cases, options.seed)
        attack.each_operation(EXAMPLES, options.seed)
        print(report(attack.told, time.monotonic() - begun_s), flush=True)
        ports, reached = open_ports(demo.processes)
        print(f"{ports} ports are listened on, from elsewhere can be reached: {reached or 'none'}", flush=True)
        headers = callers.headers(Role.ADMIN.value)
        tried, injected = injections(callers.url, description, headers, Path(folder) / "sqlmap")
        print(f"sqlmap tried {tried} GET requests, found: {injected or 'nothing'}")
    return 1 if attack.told.faults or reached or injected else 0


if __name__ == "__main__":
    sys.exit(main())
