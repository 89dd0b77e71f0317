"""The application behind a real TCP port, in a thread, with a controller at the other end of its socket."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from swapstation.config.headquarters_settings import Headquarters
from swapstation.config.maintenance_settings import Maintenance
from swapstation.config.settings import Config
from swapstation.inventory.database import migrate
from swapstation.model.people import Role
from swapstation.server.actor import API
from swapstation.server.app import create_app
from swapstation.server.impatient import ImpatientProtocol
from swapstation.server.stream_protocol import StreamProtocol
from tests.maintenance.plans import plan_file
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import OPERATOR, add_people, session_at

LEAVING = "zhao"
"""An account whose sessions a test may end."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server listens, and the controller's end of its socket."""

    url: str
    peer: ControllerPeer

    def log_in(self, account: str = OPERATOR) -> dict[str, str]:
        """A session of its own: the headers that its requests carry."""
        return session_at(self.url, account)

    def description(self) -> dict[str, Any]:
        """The OpenAPI description, as anybody reads it."""
        described: dict[str, Any] = httpx2.get(f"{self.url}{API}/openapi.json", trust_env=False).json()
        return described

    def fleet_key(self) -> dict[str, str]:
        """The header of a program of a fleet that may do everything a fleet may."""
        asked = {"name": "dispatch", "role": "fleet", "fleet": "north", "scopes": ["read", "book"]}
        made = httpx2.post(f"{self.url}/api/v1/keys", json=asked, headers=self.log_in(), trust_env=False)
        return {"Authorization": f"Bearer {made.json()['token']}"}


@contextmanager
def running_server(
    prepare: Callable[[Config], object] = lambda _: None,
    http: type[ImpatientProtocol] = ImpatientProtocol,
    headquarters: Headquarters | None = None,
) -> Iterator[RunningServer]:
    """Run server and controller until the context ends; `prepare` may add to the database before."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        plan = Maintenance(plan_file(Path(folder)))
        config = replace(station_sample.config(Path(folder)), maintenance=plan, headquarters=headquarters)
        migrate(config.station_database_url)
        add_people(config, {OPERATOR: Role.ADMIN, LEAVING: Role.ADMIN})
        prepare(config)
        app = create_app(config)
        server = uvicorn.Server(
            uvicorn.Config(app, port=0, log_level="error", http=http, ws=StreamProtocol, timeout_graceful_shutdown=1)
        )
        with ControllerPeer(config.controller_socket, station_sample.station, station_sample.PLAN) as peer:
            thread = threading.Thread(target=server.run, daemon=True)
            thread.start()
            try:
                wait_until(lambda: server.started and app.state.context.link.latest is not None)
                port = server.servers[0].sockets[0].getsockname()[1]
                yield RunningServer(f"http://127.0.0.1:{port}", peer)
            finally:
                server.should_exit = True
                thread.join(10)
