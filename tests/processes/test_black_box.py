"""A real controller that is killed while it records an event: its trace is whole, and goes on after its start."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from swapstation.records.event_folders import Manifest, event_folders, read_manifest
from tests.processes.test_kills import alarm_stands, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def _black_box(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "swapstation", "black-box", "--config", str(folder / "station.toml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _until(folder: Path, what: Callable[[Manifest], bool]) -> Manifest:
    """Wait until the one event on disk is so."""
    deadline_s = time.monotonic() + 60.0
    while True:
        found = [read_manifest(each) for each in event_folders(folder / "black_box")]
        if found and what(found[0]):
            return found[0]
        assert time.monotonic() < deadline_s, found
        time.sleep(0.1)


def _smoke(demo: Demo) -> None:
    answer = demo.simulator.do("fault", name="smoke", target="6", on=True)
    assert answer["ok"], answer


def test_a_killed_controller_leaves_its_trace_whole_and_goes_on_recording(tmp_path: Path) -> None:
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as demo:
        demo.start_up()
        _smoke(demo)
        wait(demo, "the smoke is told", alarm_stands("BAY_SMOKE"))
        _until(tmp_path, lambda event: event.causes[0].code == "BAY_SMOKE")
        time.sleep(1.0)
        demo.processes.kill("controller")
        killed = _black_box(tmp_path, "verify")
        assert (killed.returncode, "完好 sound" in killed.stdout) == (0, True), killed
        demo.processes.restart("controller")
        wait(demo, "the new controller has surveyed", lambda each: each["boot"] == 2)
        event = _until(tmp_path, lambda event: bool(event.segments))
        assert event.segments[-1].boot == 1
        assert event.remaining_s > 3500.0
        assert _black_box(tmp_path, "verify").returncode == 0
        shown = _black_box(tmp_path, "show", event.event, "--name", "bay-6.io")
        assert '"smoke": true' in shown.stdout
        assert demo.snapshot()["black_box_error"] == ""
