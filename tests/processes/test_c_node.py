"""One bay of the demo station is the C node: charging, robot, a restart, another version, and a machine without gcc."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.c_node import PROGRAM, node_command
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from tests.firmware.build import missing_tool
from tests.processes.test_demo import run
from tests.processes.test_kills import alarm_stands, wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(missing_tool() is not None, reason="gcc or make is not installed"),
]

BAY = 3


@pytest.mark.parametrize(("wires", "bay"), [("pty", BAY), ("tcp", 8)])
def test_a_truck_is_swapped_while_the_c_node_charges(wires: str, bay: int) -> None:
    """Bay 8 is empty at first: the robot puts the returned battery there, and the C node charges it."""
    done = run("--c-bay", str(bay), "--swaps", "1", "--speed", "20", "--headless", "--json", "--wires", wires)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["swaps_completed"] == 1
    assert result["frames"]["malformed"] == 0
    assert result["c_bay"]["phase"] == "charging"
    assert result["c_bay"]["current_a"] > 100.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1, c_bay=BAY)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as running:
        running.start_up()
        yield running


def charges(snapshot: dict[str, Any]) -> bool:
    bay = next(bay for bay in snapshot["bays"] if bay["number"] == BAY)
    modules = bay["modules"]["value"] or {}
    return bool(bay["modules"]["quality"] == "good" and modules["current_a"] > 100.0)


def test_a_node_that_comes_back_goes_on_and_one_of_another_version_is_refused(demo: Demo) -> None:
    wait(demo, "the C node charges", charges)
    demo.processes.kill("c-node")
    wait(demo, "the bay is lost", alarm_stands("BAY_LINK_LOST"))
    demo.processes.restart("c-node")
    wait(demo, "the C node charges again", charges)
    told = next(each for each in demo.simulator.do("state")["batteries"] if each["place"] == f"bay-{BAY}")
    assert told["current_a"] > 100.0

    demo.processes.kill("c-node")
    control = demo.config.data / "simulator.sock"
    command = node_command(demo.config.data / "node" / PROGRAM, demo.config, BAY, control)
    demo.processes.start_program("c-node", [*command, "--protocol-version", "2"])
    snapshot = wait(demo, "its version is refused", alarm_stands("PROTOCOL_VERSION_MISMATCH"))
    alarm = next(each for each in snapshot["alarms"] if each["code"] == "PROTOCOL_VERSION_MISMATCH")
    assert alarm["source"] == f"bay-{BAY}"
    assert alarm["detail"] == "rack I/O 2, charging modules 2; station 1"
    assert not charges(snapshot)


@pytest.mark.parametrize(
    ("options", "says"), [(["--c-bay", "9"], "c-bay"), (["--c-bay", "3", "--charging", "charger"], "--charging direct")]
)
def test_a_bay_that_the_c_node_cannot_be_is_refused(options: list[str], says: str) -> None:
    done = run("--swaps", "1", "--headless", *options)
    assert done.returncode == 2
    assert says in done.stderr
