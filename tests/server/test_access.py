"""Who may call what: every route of the application against every role, as the table says; deny by default."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRouter
from fastapi.testclient import TestClient

from swapstation.business.database import open_business_database
from swapstation.business.sessions import add_key
from swapstation.inventory.database import migrate
from swapstation.model.people import PEOPLE, PROGRAMS, Role, Scope
from swapstation.server.access import ACCESS
from swapstation.server.actor import API
from swapstation.server.app import create_app
from tests.server import roles_table, station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import CABIN, REMOTE, add_people, client_at, log_in
from tests.server.station_sample import AT

WHO = ("nobody", "nobody in the cabin", *Role)
ROUTES = sorted(ACCESS)
FILLED = {"number": "1", "day": "2026-07-01", "charge": "1"}


class Door:
    """The running application, and a client for each kind of caller."""

    def __init__(self, app: FastAPI, first: TestClient, keys: dict[Role, str]) -> None:
        self.app, self._first, self.keys = app, first, keys

    def client(self, who: str) -> TestClient:
        """A client with a log-in, a key, or neither; people are remote."""
        client = client_at(self.app, CABIN if who == "nobody in the cabin" else REMOTE, self._first)
        if who in PROGRAMS:
            client.headers["Authorization"] = f"Bearer {self.keys[Role(who)]}"
        elif who in PEOPLE:
            log_in(client, str(who), "green apple tree")
        return client


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        config = station_sample.config(Path(folder))
        migrate(config.station_database_url)
        add_people(config, {role.value: role for role in PEOPLE})
        engine = open_business_database(config)
        with engine.begin() as connection:
            keys = {role: add_key(connection, role, role, "north", tuple(Scope), "li", AT)[1] for role in PROGRAMS}
        engine.dispose()
        app = create_app(config)
        with ControllerPeer(config.controller_socket, station_sample.station), client_at(app) as first:
            wait_until(lambda: app.state.context.link.latest is not None)
            yield Door(app, first, keys)


@pytest.fixture(scope="module")
def clients(door: Door) -> dict[str, TestClient]:
    return {who: door.client(who) for who in WHO}


def routes_of(router: APIRouter) -> Iterator[str]:
    """Every route that is included, as FastAPI itself would find it."""
    for route in router.routes:
        for context in getattr(route, "effective_route_contexts", lambda: ())():
            found: Any = context.starlette_route or context
            for method in getattr(found, "methods", None) or ["WS"]:
                yield f"{method} {found.path}"


def test_every_route_has_its_row_and_every_row_its_route(door: Door) -> None:
    found = {route.replace(f" {API}", " ", 1) for route in routes_of(door.app.router)}
    assert found == set(ACCESS)
    outside = {getattr(route, "path", None) for route in door.app.router.routes} - {None}
    assert outside == {f"{API}/openapi.json", ""}, "the description and the page's files are for everybody"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("WS") and "session" not in route])
def test_a_route_lets_in_whom_the_table_names_and_nobody_else(
    clients: dict[str, TestClient], route: str, who: str
) -> None:
    method, path = route.split(" ")
    path = re.sub(r"\{(\w+)\}", lambda name: FILLED.get(name.group(1), "x-1"), path)
    base = "" if path == "/metrics" else API
    answer = clients[who].request(method, base + path, json={} if method != "GET" else None)
    rule = ACCESS[route]
    if rule.anybody or (rule.in_the_cabin and who == "nobody in the cabin"):
        allowed = True
    else:
        allowed = who in rule.people or who in rule.programs
    if allowed:
        assert answer.status_code not in (401, 403, 500), answer.text
    else:
        wanted = (401, "log_in_wanted") if who.startswith("nobody") else (403, "not_your_role")
        assert (answer.status_code, answer.json()["code"]) == wanted


@pytest.mark.parametrize("scope", [Scope.READ, Scope.DISPATCH])
def test_a_key_does_only_what_its_scopes_say(door: Door, clients: dict[str, TestClient], scope: Scope) -> None:
    new = {"name": f"only {scope}", "role": "platform", "scopes": [scope]}
    made = clients[Role.ADMIN].post(f"{API}/keys", json=new)
    assert made.status_code == 201
    client = door.client("nobody")
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert (client.get(f"{API}/power").status_code == 200) is (scope is Scope.READ)
    assert (client.delete(f"{API}/power/dispatches/x-1?reason=x").status_code == 200) is (scope is Scope.DISPATCH)


def test_the_table_of_the_document_is_the_code_s() -> None:
    assert roles_table.DOCUMENT.read_text(encoding="utf-8") == roles_table.written()
