"""The demo with the PLC that connects to the station: real processes over real TCP, killed on either side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from tests.processes import test_kills as kills
from tests.processes.test_demo import SPEED, run


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_demo_swaps_a_truck_with_the_packed_plc() -> None:
    options = ["--plc", "packed", "--exchange", "plc", "--charging", "charger", "--speed", SPEED]
    done = run("--swaps", "1", "--headless", "--json", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert (result["swaps_completed"], result["swaps_failed"]) == (1, 0)
    assert result["frames"]["malformed"] == 0


def test_the_packed_plc_is_refused_where_the_station_owns_the_steps() -> None:
    done = run("--plc", "packed", "--exchange", "station")
    assert done.returncode == 2
    assert "--exchange plc" in done.stderr


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    options = DemoOptions(1, kills.SPEED, "tcp", Exchange.PLC, Charging.DIRECT, 1, packed_plc=True)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as running:
        running.start_up()
        yield running


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_plc_dies_with_the_load_on_the_spreader(demo: Demo) -> None:
    kills.test_the_simulator_is_killed_while_a_battery_hangs_from_the_spreader(demo)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_controller_is_killed_in_the_middle_of_a_swap(demo: Demo) -> None:
    kills.test_the_controller_is_killed_in_the_middle_of_a_swap(demo)
