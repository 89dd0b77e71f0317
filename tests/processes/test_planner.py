"""Planner, controller and server as real processes: the planner dies and hangs, the station goes on and says so."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from tests.processes.test_kills import alarm_stands, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

LATE = "CHARGE_PLAN_LATE"
LIMIT_KW = 1200.0 * 0.95 * 1.02


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    options = DemoOptions(1, 5.0, "tcp", Exchange.STATION, Charging.DIRECT, 1, planner=True)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as running:
        running.start_up()
        yield running


def planned(snapshot: dict[str, Any]) -> bool:
    return snapshot["plan"] is not None


def charging_kw(snapshot: dict[str, Any]) -> float:
    modules = [bay["modules"]["value"] for bay in snapshot["bays"] if bay["modules"]["value"]]
    return float(sum(each["voltage_v"] * each["current_a"] for each in modules) / 1000.0)


def until_late(demo: Demo, patience_s: float = 200.0) -> dict[str, Any]:
    """Look on until the late plan is told; the site limit holds all the time."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        demo.processes.check()
        snapshot = demo.snapshot()
        assert charging_kw(snapshot) <= LIMIT_KW
        if alarm_stands(LATE)(snapshot):
            return snapshot
        time.sleep(0.5)
    raise AssertionError(f"no {LATE} within {patience_s} s")


def test_a_frozen_and_then_killed_planner_is_told_and_charging_goes_on(demo: Demo) -> None:
    wait(demo, "a plan is followed", planned)
    arrives_at = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    booking = demo.api.post("/bookings", {"vin": TRUCKS[0], "model": "LFP-282", "arrives_at": arrives_at})["result"]
    assert demo.api.get("/plan")["watch"]["late"] is False
    os.kill(demo.processes.pid("planner"), signal.SIGSTOP)
    late = until_late(demo)
    assert late["plan"] is None
    assert all(not goal["reasons"] for goal in late["charge_goals"])
    assert demo.api.get(f"/bookings/{booking['booking']}")["needed_at"]
    os.kill(demo.processes.pid("planner"), signal.SIGCONT)
    back = wait(demo, "plans come again", planned)
    assert back["plan_watch"]["late"] is False
    demo.processes.kill("planner")
    assert demo.swap(TRUCKS[1]) > 0.0
    demo.processes.restart("planner")
    taken = demo.snapshot()["plan_watch"]["taken"]
    wait(demo, "the new planner plans", lambda snapshot: snapshot["plan_watch"]["taken"] > taken)
