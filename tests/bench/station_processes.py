"""Simulator, controller and server of ten charging bays as processes, with a session of an operator."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from swapstation.config.file import load_config
from swapstation.demo.station_file import free_ports
from swapstation.model.people import Role
from tests.bench.real_time import running
from tests.bench.ten_bays import BAYS, station_toml, write_files
from tests.server.people import OPERATOR, add_people, session_at

PATIENCE_S = 240.0
SOC_PCT = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where the server listens, the headers of the session, the processes' ids, the simulator's control socket."""

    port: int
    session: dict[str, str]
    pid: int
    controller_pid: int
    simulator: Path


@contextmanager
def served(folder: Path, controller: Sequence[str] = ()) -> Iterator[Served]:
    """Run the three until all bays charge; `controller` is another command for the controller, without the file."""
    port = free_ports(BAYS + 4)[-1]
    text = station_toml(folder, iter(free_ports(BAYS + 3)).__next__) + f"[server]\nport = {port}\n"
    station_file, stock_file = write_files(folder, text, SOC_PCT)
    add_people(load_config(station_file), {OPERATOR: Role.ADMIN})
    simulator = folder / "simulator.sock"
    played = ("--config", str(station_file), "--inventory", str(stock_file), "--control", str(simulator))
    with ExitStack() as stack:
        stack.enter_context(running("simulate", *played))
        command = controller or (sys.executable, "-m", "swapstation", "controller")
        control = stack.enter_context(process([*command, str(station_file)]))
        server = stack.enter_context(running("server", str(station_file)))
        session = _until_all_charge(f"http://127.0.0.1:{port}")
        yield Served(port, session, server.pid, control.pid, simulator)


@contextmanager
def process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, end it and wait for its end."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            yield started
        finally:
            started.terminate()


def _until_all_charge(url: str) -> dict[str, str]:
    session: dict[str, str] = {}
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        try:
            session = session or session_at(url)
            bays = httpx2.get(f"{url}/api/v1/bays", headers=session, trust_env=False).json()
            charges = [(bay["charge"] or {}).get("value") for bay in bays]
            if sum(charge is not None and charge["phase"] == "charging" for charge in charges) == BAYS:
                return session
        except (httpx2.HTTPError, TypeError):
            pass  # not yet: nobody listens, or no snapshot has come
        time.sleep(0.2)
    raise TimeoutError(f"{BAYS} bays do not charge within {PATIENCE_S:g} s")
