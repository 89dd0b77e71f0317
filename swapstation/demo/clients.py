"""What the demo's driver uses from outside: the station's HTTP API and the simulator's control socket."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

TIMEOUT_S = 10.0


class Api:
    """The station's HTTP API under /api/v1."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str) -> Any:
        """The JSON of a resource; OSError when the server does not answer or refuses."""
        with urllib.request.urlopen(self.base + path, timeout=TIMEOUT_S) as response:
            return json.load(response)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer to an action; HTTPError with problem details when it is refused."""
        headers = {"Content-Type": "application/json", "X-Person": "demo"}
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return json.load(response)


def problem(error: OSError) -> str:
    """What the server said about a refusal, for people."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            body = json.loads(error.read() or b"{}")
        return str(body.get("detail") or body.get("title") or error)
    return str(error)


class SimulatorControl:
    """The simulator's control socket: one JSON object per line each way."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Ask for one thing; RuntimeError with the simulator's words when it refuses."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(str(self._path))
            connection.sendall(json.dumps({"do": action, **arguments}).encode() + b"\n")
            with connection.makefile() as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        if not answer.get("ok"):
            raise RuntimeError(str(answer.get("error")))
        return answer
