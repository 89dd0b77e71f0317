"""What the demo's driver uses from outside: the station's HTTP API and the simulator's control socket."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

TIMEOUT_S = 10.0


class Api:
    """The station's HTTP API under /api/v1, as somebody who logs in at the station's own machine."""

    def __init__(self, port: int, account: str, pin: str) -> None:
        self.base = f"http://127.0.0.1:{port}/api/v1"
        self._who = {"account": account, "secret": pin}
        self._headers: dict[str, str] = {}

    def get(self, path: str) -> Any:
        """The JSON of a resource; OSError when the server does not answer or refuses."""
        return self.ask("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer to an action; HTTPError with problem details when it is refused."""
        return self.ask("POST", path, body or {})

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        """The JSON answer to any request, as a session; it is begun again where it has ended."""
        if not self._headers:
            self._log_in()
        try:
            return self._send(method, path, body, self._headers | (headers or {}))
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.UNAUTHORIZED:
                raise
            error.close()
        self._log_in()
        return self._send(method, path, body, self._headers | (headers or {}))

    def _log_in(self) -> None:
        data = json.dumps(self._who).encode()
        asked = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base}/session", data=data, headers=asked, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            cookie = response.headers["Set-Cookie"].partition(";")[0]
            self._headers = {"Cookie": cookie, "X-CSRF-Token": json.load(response)["csrf"]}

    def _send(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.base + path, data=data, headers=asked, method=method)
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
