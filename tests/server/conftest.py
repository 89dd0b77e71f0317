"""A server application with a controller at the other end of its socket."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.inventory.database import migrate
from swapstation.model.people import Role
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.controller_peer import ControllerPeer
from tests.server.people import OPERATOR, add_people, client_at, log_in


@pytest.fixture
def data() -> Iterator[Path]:
    """A short path: a Unix socket's name holds at most 108 characters."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        yield Path(folder)


@pytest.fixture
def peer(data: Path) -> Iterator[ControllerPeer]:
    with ControllerPeer(data / "controller.sock", station_sample.station) as peer:
        yield peer


@pytest.fixture
def client_alone(data: Path) -> Iterator[TestClient]:
    """The application without a controller, and an admin in the cabin."""
    config = station_sample.config(data)
    migrate(config.station_database_url)
    add_people(config, {OPERATOR: Role.ADMIN})
    with client_at(create_app(config)) as client:
        yield log_in(client)


@pytest.fixture
def client(peer: ControllerPeer, client_alone: TestClient) -> TestClient:
    """The application with a controller whose snapshots arrive."""
    wait_until(lambda: client_alone.get("/api/v1/snapshot").json()["snapshot"] is not None)
    return client_alone


@contextmanager
def standing(data: Path) -> Iterator[tuple[TestClient, ControllerPeer]]:
    """An application and the controller whose snapshots arrive in it, for tests that share one."""
    config = station_sample.config(data)
    migrate(config.station_database_url)
    add_people(config, {OPERATOR: Role.ADMIN})
    with (
        ControllerPeer(data / "controller.sock", station_sample.station) as peer,
        client_at(create_app(config)) as client,
    ):
        log_in(client)
        wait_until(lambda: client.get("/api/v1/snapshot").json()["snapshot"] is not None)
        yield client, peer


def wait_until(met: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for something another process or thread does; fails after the deadline."""
    deadline_s = time.monotonic() + timeout_s
    while not met():
        assert time.monotonic() < deadline_s, "waited too long"
        time.sleep(0.02)
