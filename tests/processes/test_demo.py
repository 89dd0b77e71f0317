"""The command contract of `swapstation demo`: real processes, real wires, every arrangement."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product

import pytest

from swapstation.config.settings import Charging, Exchange

SPEED = "60"
DEMO = [sys.executable, "-m", "swapstation", "demo"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DEMO, *arguments], capture_output=True, text=True, timeout=150, check=False)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("wires", "exchange", "charging"), list(product(("tcp", "pty"), Exchange, Charging)))
def test_the_demo_swaps_a_truck_in_every_arrangement(wires: str, exchange: Exchange, charging: Charging) -> None:
    options = ["--wires", wires, "--exchange", exchange.value, "--charging", charging.value, "--speed", SPEED]
    done = run("--swaps", "1", "--headless", "--json", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["swaps_completed"] == 1
    assert result["swaps_failed"] == 0
    assert len(result["swap_seconds"]) == 1
    places = [battery["place"] for battery in result["batteries"]]
    assert len(places) == len(set(places)) == 10
    assert sum(place.startswith("truck:") for place in places) == 3
    assert all(len(code) == 24 for battery in result["batteries"] for code in battery["codes"])
    assert result["frames"]["rx"] > 0
    assert result["frames"]["tx"] > 0
    assert result["frames"]["malformed"] == 0
    assert result["modbus"]["requests"] > 0
    assert result["max_cycle_lateness_ms"] >= 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--headless", "--json"],
        ["--wires", "wet"],
        ["--exchange", "robot"],
        ["--charging", "none"],
        ["--speed", "0"],
        ["--swaps", "-1"],
    ],
)
def test_a_wrong_option_is_refused_with_its_name_and_exit_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert arguments[0].lstrip("-") in done.stderr
    assert done.stdout == ""
