"""The simulator as its own process: it says where its wires are, ends cleanly, and survives being killed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.desk import VIN, pack_code

PATIENCE_S = 30.0
RUN = "import typer; from swapstation.cli.simulate import simulate; typer.run(simulate)"
CONFIG = """
name = "test"
data = "data"
exchange = "station"
recipe = "top_lift"

[links]
station_can = "slcan+tcp://localhost:0"
robot = "modbus-tcp://127.0.0.1:0?unit=1"
meter = "dlt645+tcp://127.0.0.1:0?address=000000000161"

[[bays]]
number = 1
can = "slcan+tcp://127.0.0.1:0"

[[bays]]
number = 2
isolation = true

[[battery_models]]
name = "B282"
energy_kwh = 282.0
mass_kg = 3200.0
mass_tolerance_kg = 160.0
max_voltage_v = 657.0
max_current_a = 350.0

[[truck_models]]
name = "T6"
plc_number = 1
battery_model = "B282"
"""
INVENTORY = f"""
[[batteries]]
battery = "T1"
model = "B282"
codes = ["{pack_code(1)}"]
place = "truck:{VIN}"
soc_pct = 20.0

[[trucks]]
vin = "{VIN}"
model = "T6"
"""


class Process:
    """One simulator process and its control socket."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.socket = folder / "control.sock"
        files = ["--config", str(folder / "station.toml"), "--inventory", str(folder / "inventory.toml")]
        kept = ["--state", str(folder / "state.json"), "--control", str(self.socket)]
        self.popen = subprocess.Popen(
            [sys.executable, "-c", RUN, *files, *kept, *options], stderr=subprocess.PIPE, text=True
        )
        assert self.popen.stderr is not None
        self.wires = dict(self.popen.stderr.readline().split() for _ in range(4))

    def ask(self, **request: object) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            client.connect(str(self.socket))
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile() as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
            return answer

    def wait_for(self, phase: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while (self.ask(do="state")["truck"] or {}).get("phase") != phase:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self, with_signal: signal.Signals) -> int:
        with self.popen:
            self.popen.send_signal(with_signal)
            return self.popen.wait(PATIENCE_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(CONFIG)
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    return tmp_path


@pytest.mark.slow
def test_killed_and_restarted_it_goes_on(folder: Path) -> None:
    """After SIGKILL a truck still stands in the lane; SIGTERM ends with 0 and removes the socket."""
    first = Process(folder, "--speed", "100")
    try:
        assert set(first.wires) == {"station_can", "bay-1", "robot", "meter"}
        assert first.ask(do="truck_arrives", vin=VIN, soc_pct=18)["ok"] is True
        first.wait_for("standing")
        saved_from = (folder / "state.json").stat().st_mtime_ns if (folder / "state.json").exists() else 0
        deadline = time.monotonic() + PATIENCE_S
        while not (folder / "state.json").exists() or (folder / "state.json").stat().st_mtime_ns == saved_from:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Process(folder)
    try:
        state = second.ask(do="state")
        assert (state["truck"]["vin"], state["truck"]["phase"]) == (VIN, "standing")
        assert state["batteries"][0]["soc_pct"] == pytest.approx(18.0)
    finally:
        assert second.end(signal.SIGTERM) == 0
    assert not second.socket.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "told"), [('"B282"', '"B999"', "model"), (f'"truck:{VIN}"', '"bay-7"', "place")]
)
def test_a_wrong_inventory_is_explained(folder: Path, old: str, new: str, told: str) -> None:
    file = folder / "inventory.toml"
    file.write_text(INVENTORY.replace(old, new))
    options = ["--config", str(folder / "station.toml"), "--inventory", str(file)]
    run = subprocess.run(
        [sys.executable, "-c", RUN, *options], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert run.returncode == 2
    assert f"inventory.toml: {told} = " in run.stderr
