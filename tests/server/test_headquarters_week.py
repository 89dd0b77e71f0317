"""A week without the headquarters, as processes: both are killed while it is told, nothing is lost, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from swapstation.config.file import load_config
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import InventoryChanged, SwapClosed, SwapOpened
from swapstation.model.people import Role
from swapstation.model.truck_request import RegisterTruck
from tests.server.conftest import wait_until
from tests.server.fleet_rig import NORTH, swap_of
from tests.server.headquarters_rig import STATION, Double, double
from tests.server.people import OPERATOR, add_people, session_at
from tests.server.test_server_process import answers, free_port, station_file

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
API = "/api/v1"
SWAPS_A_DAY, DAYS = 40, 7
PATIENCE_S = 100.0
"""For what takes seconds on a machine that has time."""
SWAPS = [f"swap:W-{number}" for number in range(SWAPS_A_DAY * DAYS)]


class Station:
    """The server as a process over a station's record; it can be killed at any moment."""

    def __init__(self, file: Path, port: int) -> None:
        self.file, self.url = file, f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "swapstation", "server", str(self.file)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(self.url), PATIENCE_S)
        self._headers = session_at(self.url)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def state(self) -> Any:
        return httpx2.get(f"{self.url}{API}/headquarters", headers=self._headers, trust_env=False).json()

    def told(self, headquarters: Double, count: int) -> bool:
        """Whether so many records have arrived; the link does not wait longer than it must."""
        httpx2.post(f"{self.url}{API}/headquarters/retry", headers=self._headers, trust_env=False)
        return len(headquarters.books()["records"]) >= count


@contextmanager
def station(folder: Path, headquarters: Double) -> Iterator[Station]:
    """A station with a week of swaps on record, whose server has not started yet."""
    port = free_port()
    file = station_file(folder, port)
    link = f'url = "{headquarters.url}"\nstation_id = "{STATION}"\ntoken = "{headquarters.folder / "token"}"\n'
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[headquarters]\n{link}", encoding="utf-8")
    config = load_config(file)
    engine, now = open_station_database(config), datetime.now(UTC)
    write(engine, [InventoryChanged(RegisterTruck(NORTH, "6x4-tractor"), "li")], now - timedelta(days=DAYS), 1)
    for number in range(len(SWAPS)):
        at = now - timedelta(days=DAYS) * (1.0 - number / len(SWAPS))
        swap = swap_of(0, f"W-{number}")
        write(engine, [SwapOpened(swap, ()), SwapClosed(swap.swap, SwapResult.COMPLETED, "", 240.0)], at, 1)
    engine.dispose()
    add_people(config, {OPERATOR: Role.SHIFT_LEAD})
    made = Station(file, port)
    try:
        yield made
    finally:
        made.kill()


def test_a_week_of_records_arrives_once_each_though_both_sides_are_killed() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="swapstation-") as name,
        double(Path(name)) as headquarters,
        station(Path(name), headquarters) as running,
    ):
        running.start()
        wait_until(lambda: bool(running.state()["records"]["pending"] == len(SWAPS)), PATIENCE_S)
        wait_until(lambda: running.state()["link"]["condition"] == "waiting", PATIENCE_S)

        headquarters.start("--lose-answer", "0.03", "--wrong-answer", "0.02", "--server-error", "0.02")
        wait_until(lambda: running.told(headquarters, len(SWAPS) // 4), PATIENCE_S)
        running.kill()
        running.start()
        wait_until(lambda: running.told(headquarters, len(SWAPS) // 2), PATIENCE_S)
        headquarters.kill()
        headquarters.start()
        wait_until(lambda: running.told(headquarters, len(SWAPS)), PATIENCE_S)
        wait_until(lambda: bool(running.state()["records"]["pending"] == 0), PATIENCE_S)

        assert sorted(headquarters.lines()) == sorted(SWAPS), "each is written down there once: none lost, none doubled"
        assert headquarters.books()["differing"] == [], "what came again was the same to the byte"
        figures = running.state()["records"]
        assert (figures["delivered"], figures["dead"], figures["oldest_at"]) == (len(SWAPS), 0, None)
