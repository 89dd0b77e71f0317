"""What a process tells systemd, the lines of the log, and the units that come with the product."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from swapstation.service import Service

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
MOST_EXPOSED = 2.0
"""Of systemd's own scale from 0 (closed) to 10."""


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(5)
        yield told


def test_life_is_told_as_often_as_the_watchdog_needs(listening: socket.socket) -> None:
    now_s = 100.0
    environment = {
        "NOTIFY_SOCKET": listening.getsockname(),
        "WATCHDOG_USEC": "2000000",
        "WATCHDOG_PID": str(os.getpid()),
    }
    service = Service(environment, lambda: now_s)
    for _ in range(20):
        service.alive()
        now_s += 0.1
    service.ending()
    listening.settimeout(0)
    heard = []
    while True:
        try:
            heard.append(listening.recv(100).decode())
        except BlockingIOError:
            break
    assert heard == ["READY=1\nWATCHDOG=1", *["WATCHDOG=1"] * 3, "STOPPING=1"]


def test_nothing_is_told_where_nobody_listens(tmp_path: Path) -> None:
    Service({}).alive()
    Service({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).alive()


def test_log_lines_are_json_with_the_swap_and_files_are_rotated(tmp_path: Path) -> None:
    program = (
        "import structlog, swapstation.logs as logs\n"
        "logs.FILE_BYTES, logs.FILES_KEPT = 2000, 2\n"
        "logs.set_up_logs('controller')\n"
        "log = structlog.get_logger()\n"
        "logs.about(swap='S-7')\n"
        "for number in range(100): log.info('step', number=number)\n"
        "logs.about(swap='')\n"
        "log.warning('结束')\n"
    )
    environment = os.environ | {"SWAPSTATION_LOG": "json", "SWAPSTATION_LOG_FOLDER": str(tmp_path / "log")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line.get("swap") for line in lines] == ["S-7"] * 100 + [None]
    files = sorted(each.name for each in (tmp_path / "log").iterdir())
    assert files == ["controller.jsonl", "controller.jsonl.1", "controller.jsonl.2"]
    assert all(each.stat().st_size <= 2000 for each in (tmp_path / "log").iterdir())
    last = json.loads((tmp_path / "log" / "controller.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["process"], last["event"], last["level"]) == ("controller", "结束", "warning")


def test_a_full_disk_or_a_reader_that_has_gone_ends_nobody() -> None:
    program = (
        "import structlog, swapstation.logs as logs\n"
        "logs.set_up_logs('controller')\n"
        "for number in range(100): structlog.get_logger().info('x' * 1000, number=number)\n"
        "print('lives')\n"
    )
    command = [sys.executable, "-c", program]
    with Path("/dev/full").open("w") as full:
        assert subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False).stdout == b"lives\n"
    reader, writer = os.pipe()
    os.close(reader)
    assert subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, check=False).stdout == b"lives\n"
    os.close(writer)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_units_are_right_and_closed(tmp_path: Path) -> None:
    program = tmp_path / "opt" / "swapstation" / "current" / "bin" / "swapstation"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copied = tmp_path / "units"
    copied.mkdir()
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/swapstation", str(tmp_path / "opt" / "swapstation"))
        (copied / unit.name).write_text(text, encoding="utf-8")
    wrong = subprocess.run(
        ["systemd-analyze", "verify", *sorted(copied.iterdir())], capture_output=True, check=False, text=True
    )
    assert (wrong.returncode, wrong.stderr) == (0, "")
    for unit in SERVICES:
        told = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", str(unit)]
        scored = subprocess.run(told, capture_output=True, check=False, text=True)
        assert scored.returncode == 0, scored.stdout.splitlines()[-1]


def test_every_service_that_runs_on_is_watched_and_comes_back() -> None:
    for unit in SERVICES:
        text = unit.read_text(encoding="utf-8")
        if "Type=oneshot" not in text:
            assert "WatchdogSec=" in text, unit.name
            assert "Restart=on-failure" in text, unit.name
