"""A headquarters' double as a process of its own, behind a real port, and a station that is linked to it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from swapstation.config.headquarters_settings import Headquarters, Offline
from tests.server.conftest import wait_until

TOKEN = "a-token-of-the-headquarters"
STATION = "S1"


@dataclass
class Double:
    """The process; it can be killed and started again with the records that it kept."""

    folder: Path
    port: int
    master: dict[str, Any] | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "swapstation", "mock-headquarters", str(self.folder / "token")]
        command += ["--port", str(self.port), "--store", str(self.folder / "records.jsonl"), *options]
        if self.master is not None:
            file = self.folder / "master.json"
            file.write_text(json.dumps(self.master), encoding="utf-8")
            command += ["--master", str(file)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, 20.0)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def books(self) -> Any:
        return httpx2.get(f"{self.url}/mock/books", trust_env=False).json()

    def lines(self) -> list[str]:
        """The ids in the file that it keeps, a line for each record that it took."""
        kept = (self.folder / "records.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["record"]["record_id"] for line in kept]

    def say(self, what: str, told: Any) -> None:
        httpx2.post(f"{self.url}/mock/{what}", json=told, trust_env=False).raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/mock/books", trust_env=False).is_success
        except httpx2.HTTPError:
            return False


@contextmanager
def double(folder: Path) -> Iterator[Double]:
    """A double that is not started yet; it is ended with the context."""
    token = folder / "token"
    token.write_text(TOKEN, encoding="ascii")
    token.chmod(0o600)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Double(folder, port)
    try:
        yield made
    finally:
        made.kill()


def settings(headquarters: Double, offline: Offline = Offline.KNOWN) -> Headquarters:
    """How a station is linked to it."""
    return Headquarters(headquarters.url, STATION, headquarters.folder / "token", None, offline, 1.0, 1.0)
