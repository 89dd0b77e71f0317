"""The server as its own process: it answers, ends when told, and serves nobody but this machine."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import typer
from typer.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from swapstation.business.database import open_business_database
from swapstation.cli.server import server
from swapstation.config.file import load_config
from swapstation.config.server_settings import Server
from swapstation.errors import ConfigurationError
from swapstation.server.actor import COOKIE
from swapstation.server.serve import serve
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.people import OPERATOR, PIN
from tests.server.running_server import running_server

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def station_file(data: Path, port: int) -> Path:
    file = data / "station.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace("port = 8080", f"port = {port}")
    file.write_text(text.replace('data = "/var/lib/swapstation"', 'data = "."'), encoding="utf-8")
    return file


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/api/v1/session").status_code == 200
    except httpx2.TransportError:
        return False


def first_admin(data: Path, url: str) -> str:
    """Make the first admin with the code that the server left for its owner; returns the session's cookie."""
    file = data / "first_admin_code.txt"
    assert file.stat().st_mode & 0o077 == 0
    claim = {"code": file.read_text().strip(), "account": OPERATOR, "pin": PIN}
    answer = httpx2.post(f"{url}/api/v1/session/claim", json=claim)
    assert answer.status_code == 201, answer.text
    assert not file.exists()
    return f"{COOKIE}={answer.cookies[COOKIE]}"


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_even_with_a_page_open(data: Path, told: signal.Signals) -> None:
    port = free_port()
    program = "import typer; from swapstation.cli.server import server; typer.run(server)"
    command = [sys.executable, "-c", program, str(station_file(data, port))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}"), timeout_s=30)
            headers = {"Cookie": first_admin(data, f"http://127.0.0.1:{port}")}
            with connect(f"ws://127.0.0.1:{port}/api/v1/live", additional_headers=headers) as page:
                assert '"connected": false' in str(page.recv(timeout=10))
                process.send_signal(told)
                _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert "Traceback" not in errors
    assert process.returncode in (0, -told, 128 + told)


def test_a_second_server_of_a_station_says_so_and_exits_2(data: Path) -> None:
    file = station_file(data, free_port())
    engine = open_business_database(load_config(file))
    app = typer.Typer()
    app.command()(server)
    result = CliRunner().invoke(app, [str(file)])
    engine.dispose()
    assert result.exit_code == 2
    assert "another process owns the business database" in result.stderr


def test_a_stream_without_a_log_in_is_refused_at_its_handshake() -> None:
    with running_server() as running, pytest.raises(InvalidStatus) as refused:
        connect(f"{running.url.replace('http', 'ws')}/api/v1/live")
    assert refused.value.response.status_code == 403


def test_a_host_that_is_not_loopback_is_refused(data: Path) -> None:
    config = replace(station_sample.config(data), server=Server(host="0.0.0.0"))
    with pytest.raises(ConfigurationError, match="must be loopback"):
        serve(config)


def test_a_wrong_configuration_exits_2(data: Path) -> None:
    app = typer.Typer()
    app.command()(server)
    result = CliRunner().invoke(app, [str(data / "none.toml")])
    assert result.exit_code == 2
    assert "cannot open the file" in result.stderr
