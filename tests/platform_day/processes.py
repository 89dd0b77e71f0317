"""The station's server and the platform's double as processes of their own, to be killed and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from swapstation.cli.platform import KEY_VARIABLE
from swapstation.config.file import load_config
from swapstation.mock_platform.app import PATH
from swapstation.model.people import Role
from tests.energy.tariffs import tariff_file
from tests.server.people import OPERATOR, add_people, session_at
from tests.server.platform_pair import free_port
from tests.supervision.sample import SECRETS_FILE

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"
PATIENCE_S = 60.0
_PLATFORM = """
[tariff]
file = "tariff.toml"

[platform]
url = "{url}"
operator_id = "MA0SX0001"
station_id = "1409810001"
secrets = "platform_secrets.toml"
orders_from = "2026-01-01"

[platform.station]
area = "140981"
address = "示例路 1 号"
service_tel = "000-0000000"
longitude = 112.733
latitude = 38.722

[[platform.cabinets]]
bays = [1, 2, 3, 4]

[[platform.cabinets]]
bays = [5, 6, 7, 8]
"""


@dataclass(slots=True)
class Processes:
    """Both processes in a folder. `kills`: how often the server was killed."""

    folder: Path
    station_port: int = field(default_factory=free_port)
    mock_port: int = field(default_factory=free_port)
    kills: int = 0
    server: subprocess.Popen[bytes] | None = None
    mock: subprocess.Popen[bytes] | None = None
    session: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.folder / "station.toml"

    def write_files(self) -> None:
        """Configuration, tariff (invented prices) and secrets (invented)."""
        text = EXAMPLE.read_text(encoding="utf-8").replace("port = 8080", f"port = {self.station_port}")
        text = text.replace('data = "/var/lib/swapstation"', 'data = "."')
        self.file.write_text(text + _PLATFORM.format(url=f"{self.mock_url}{PATH}"), encoding="utf-8")
        tariff_file(self.folder)
        secrets = self.folder / "platform_secrets.toml"
        secrets.touch(0o600)
        secrets.write_text(SECRETS_FILE)
        add_people(load_config(self.file), {OPERATOR: Role.ADMIN})

    @property
    def mock_url(self) -> str:
        return f"http://127.0.0.1:{self.mock_port}"

    @property
    def station_url(self) -> str:
        return f"http://127.0.0.1:{self.station_port}"

    def start_mock(self) -> None:
        secrets, url = str(self.folder / "platform_secrets.toml"), f"{self.station_url}{PATH}"
        self.mock = self._start("mock-platform", secrets, "--port", str(self.mock_port), "--station-url", url)
        wait_for(lambda: self.books() is not None, "the platform's double starts")

    def start_server(self) -> None:
        self.server = self._start("server", str(self.file))
        wait_for(lambda: self.api("GET", "") is not None, "the server starts")

    def kill_server(self) -> None:
        """As a power cut would: no signal that it could handle."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()
        self.kills += 1

    def stop(self) -> None:
        for process in (self.server, self.mock):
            if process is not None:
                process.kill()
                process.wait()

    def books(self) -> Any:
        return _asked("GET", f"{self.mock_url}/mock/books")

    def behave(self, **misbehaviour: Any) -> None:
        _asked("POST", f"{self.mock_url}/mock/behave", misbehaviour)

    def ask(self, interface: str, question: dict[str, Any]) -> Any:
        return _asked("POST", f"{self.mock_url}/mock/ask/{interface}", question)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        try:
            self.session = self.session or session_at(self.station_url)
        except httpx2.HTTPError:
            return None
        return _asked(method, f"{self.station_url}/api/v1/platform{path}", body, self.session)

    def command(self, *words: str) -> Any:
        """The JSON that `swapstation platform ...` prints."""
        asked = [sys.executable, "-m", "swapstation", "platform", *words, "--config", str(self.file), "--json"]
        environment = os.environ | {KEY_VARIABLE: self._key()}
        return json.loads(subprocess.run(asked, capture_output=True, check=False, env=environment).stdout)

    def _key(self) -> str:
        """A key of the station's server for its own tools."""
        new = {"name": "uplink tools", "role": "platform", "scopes": ["uplink"]}
        made = _asked("POST", f"{self.station_url}/api/v1/keys", new, self.session)
        return str(made["token"])

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            command = [sys.executable, "-m", "swapstation", *words]
            return subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})


def wait_for(met: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> float:
    """Wait for something; returns how long it took. Raises TimeoutError naming it."""
    begin_s = time.monotonic()
    while not met():
        if time.monotonic() - begin_s > patience_s:
            raise TimeoutError(f"{what}: not within {patience_s:g} s")
        time.sleep(0.1)
    return time.monotonic() - begin_s


def _asked(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """The JSON of an answer; None while nobody answers."""
    try:
        return httpx2.request(method, url, json=body, headers=headers, timeout=20, trust_env=False).json()
    except (httpx2.HTTPError, ValueError):
        return None
