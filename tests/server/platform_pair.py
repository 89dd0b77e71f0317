"""A station's server and a platform's double, both behind real ports of this machine, in threads."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.types import ASGIApp

from swapstation.config.server_settings import Server
from swapstation.config.settings import Config
from swapstation.mock_platform.app import PATH, mock_app
from swapstation.mock_platform.misbehaviour import Misbehaviour
from swapstation.model.people import Role
from swapstation.server.app import create_app
from swapstation.supervision.profile import load_profile
from swapstation.supervision.secret_files import load_secrets
from tests.energy.tariffs import tariff, tariff_file
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import OPERATOR, add_people, session_at
from tests.server.platform_rig import StationBooks
from tests.supervision import sample


@dataclass(frozen=True, slots=True)
class Pair:
    """Where both listen, and the station's databases."""

    config: Config
    books: StationBooks
    station_url: str
    mock_url: str
    session: dict[str, str]

    def platform_books(self) -> Any:
        return httpx2.get(f"{self.mock_url}/mock/books", trust_env=False).json()

    def ask(self, interface: str, question: dict[str, Any]) -> Any:
        """What the platform is told when it asks the station."""
        url = f"{self.mock_url}/mock/ask/{interface}"
        return httpx2.post(url, json=question, timeout=20, trust_env=False).json()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.station_url}/api/v1/platform{path}"
        return httpx2.request(method, url, json=body, headers=self.session, timeout=20, trust_env=False).json()


@contextmanager
def running_pair(misbehaviour: Misbehaviour | None = None) -> Iterator[Pair]:
    """Run both until the context ends. The mock's profile is the station's."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as name:
        folder, station_port, mock_port = Path(name), free_port(), free_port()
        station_url, mock_url = f"http://127.0.0.1:{station_port}", f"http://127.0.0.1:{mock_port}"
        config = sample.config(folder, f"{mock_url}{PATH}")
        assert config.platform is not None
        config = replace(
            config,
            tariff=replace(config.tariff, file=tariff_file(folder)),
            server=Server(port=station_port),
            platform=replace(config.platform, orders_from="2026-01-01"),
        )
        add_people(config, {OPERATOR: Role.ADMIN})
        books = StationBooks(config, tariff(folder))
        pair = load_secrets(config.platform.secrets)  # type: ignore[union-attr]
        mock = mock_app(load_profile("tcec102-2016"), pair, misbehaviour or Misbehaviour(), f"{station_url}{PATH}")
        with (
            served(mock, mock_port),
            ControllerPeer(config.controller_socket, station_sample.station),
            served(create_app(config), station_port),
        ):
            yield Pair(config, books, station_url, mock_url, session_at(station_url))
        books.close()


@contextmanager
def served(app: ASGIApp, port: int, certificate: Path | None = None, private_key: Path | None = None) -> Iterator[None]:
    """An application behind a real port, in a thread; with HTTPS where it has a certificate."""
    settings = uvicorn.Config(
        app,
        port=port,
        log_level="error",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, 30.0)
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
