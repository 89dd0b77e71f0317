"""docs/integrator.md, "Add a device in a day", done as it is written: its own files, its own commands, their output."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import DemoOptions, station_toml

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "integrator.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"


def block(language: str, beginning: str) -> str:
    """The fenced block of the guide that begins with a text."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    (found,) = (each for each in blocks if each.startswith(beginning))
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package of the guide as pip would install it, in a folder on the path."""
    folder = tmp_path / "site-packages"
    (folder / "line_meter-1.0.dist-info").mkdir(parents=True)
    (folder / "line_meter.py").write_text(block("python", '"""A meter that sends'), encoding="utf-8")
    project = tomllib.loads(block("toml", "[build-system]"))["project"]
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (folder / "line_meter-1.0.dist-info" / "METADATA").write_text(metadata, encoding="utf-8")
    ((group, entries),) = project["entry-points"].items()
    lines = "".join(f"{name} = {place}\n" for name, place in entries.items())
    (folder / "line_meter-1.0.dist-info" / "entry_points.txt").write_text(f"[{group}]\n{lines}", encoding="utf-8")
    return folder


def run(installed: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "LANG": "en_US.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "swapstation", *map(str, arguments)],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def station(folder: Path, adapters: str, meter: str) -> Path:
    text = re.sub(r"\[adapters\].*?\n\n", "", (EXAMPLES / "station.toml").read_text(encoding="utf-8"), flags=re.DOTALL)
    line = next(line for line in text.splitlines() if line.startswith("meter = "))
    text = text.replace(line, f'meter = "{meter}"').replace("[limits]", f"{adapters}\n[limits]", 1)
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_adapters_of_the_guide_are_the_defaults(tmp_path: Path, installed: Path) -> None:
    path = station(tmp_path, block("toml", "[adapters]                "), "dlt645:///dev/ttyS2?address=000000000161")
    assert run(installed, "check-config", path).returncode == 0


def test_a_device_by_its_map(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "meter_map.toml").write_bytes((EXAMPLES / "meter_map.toml").read_bytes())
    adapters = '[adapters]\nmeter = "modbus_map"\nmeter_map = "meter_map.toml"\n'
    path = station(tmp_path, adapters, "modbus-tcp://192.168.10.30:502?unit=3")
    checked = run(installed, "check-config", path)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_device_by_a_package_of_ones_own(tmp_path: Path, installed: Path) -> None:
    listed = run(installed, "adapter", "list")
    assert re.search(r"meter +line_meter +line-meter 1\.0", listed.stdout), listed

    path = station(tmp_path, block("toml", '[adapters]\nmeter = "line_meter"'), "tcp://192.168.10.31:4001")
    checked = run(installed, "check-config", path)
    assert (checked.returncode, checked.stderr) == (0, "")

    (tmp_path / "meter.bytes.log").write_text(block("text", "(1.000000)"), encoding="ascii")
    command, _, expected = block("console", "$ swapstation adapter check").partition("\n")
    tried = run(installed, *command.split()[2:])
    assert (tried.returncode, tried.stdout) == (0, expected)


def test_a_package_that_is_broken_is_named_and_does_not_start(tmp_path: Path, installed: Path) -> None:
    (installed / "line_meter.py").write_text("import no_such_module\n", encoding="utf-8")
    path = station(tmp_path, block("toml", '[adapters]\nmeter = "line_meter"'), "tcp://192.168.10.31:4001")
    checked = run(installed, "check-config", path)
    assert checked.returncode == 2
    assert "line_meter:ADAPTER" in checked.stderr
    assert "no_such_module" in checked.stderr


@pytest.mark.slow
def test_a_device_is_recorded_by_the_controller_and_its_recording_checked(tmp_path: Path, installed: Path) -> None:
    """The whole day over real TCP: the foreign meter in the running controller, `--record`, then `adapter check`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        demo = station_toml(DemoOptions(1, 1.0, "tcp", Exchange.PLC, Charging.DIRECT, 1), tmp_path, 8080)
        meter = f'meter = "tcp://127.0.0.1:{server.getsockname()[1]}"'
        text = re.sub(r"^meter = .*$", meter, demo, flags=re.MULTILINE)
        path = tmp_path / "station.toml"
        path.write_text(f'{text}\n[adapters]\nmeter = "line_meter"\n', encoding="utf-8")
        controller = subprocess.Popen(
            [sys.executable, "-m", "swapstation", "controller", str(path), "--record", str(tmp_path / "recordings")],
            env={**os.environ, "PYTHONPATH": str(installed)},
            stderr=subprocess.PIPE,
        )
        try:
            server.settimeout(30)
            connection, _ = server.accept()
            with connection:
                for number in range(5):
                    connection.sendall(f"E=1234{number}.6 P=-12.3\r\n".encode())
                    time.sleep(0.1)
        finally:
            controller.terminate()
            _, errors = controller.communicate(timeout=30)
        assert controller.returncode == 0, errors.decode()
    recording = tmp_path / "recordings" / "meter.bytes.log"
    tried = run(installed, "adapter", "check", "line_meter", "--replay", recording)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert re.search(r"Meter: seen [1-5] times", tried.stdout)
