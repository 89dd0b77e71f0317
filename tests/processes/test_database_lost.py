"""The station database goes away in the middle of a swap and comes back: held meanwhile, nothing lost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from tests.inventory.postgres import POSTGRES, PostgresCluster
from tests.processes.test_kills import alarm_stands, resume_and_finish, step_is, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    if not (POSTGRES / "initdb").exists():
        pytest.skip(f"PostgreSQL is not installed in {POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="swapstation-pg-"))
    server = PostgresCluster(folder)
    try:
        server.wait_until_ready()
        server.execute("CREATE DATABASE station")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def demo(cluster: PostgresCluster, tmp_path: Path) -> Iterator[Demo]:
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)

    def on_postgres(text: str) -> str:
        return f'database_url = "{cluster.url("station")}"\n{text}'

    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs", on_postgres) as running:
        running.start_up()
        yield running


def test_a_swap_survives_the_loss_of_its_database(demo: Demo, cluster: PostgresCluster) -> None:
    swap = demo.begin(TRUCKS[0])
    wait(demo, "the old battery is on its way", step_is("put"))
    cluster.stop()
    wait(demo, "the lost database is told", alarm_stands("DATABASE_WRITE_FAILED"))
    wait(demo, "the station is held", lambda snapshot: snapshot["state"] == "held")
    assert demo.api.post("/station/hold", {"reason": "database"})["status"] == "accepted"
    cluster.start()
    cluster.wait_until_ready()
    resume_and_finish(demo, swap)
    assert demo.snapshot()["journal_error"] == ""
