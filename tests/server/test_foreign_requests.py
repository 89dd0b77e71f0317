"""What a foreign page or a stolen name may try, on every route that changes something, and sessions that are forced."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.model.people import Role
from swapstation.server.access import ACCESS
from swapstation.server.actor import API, COOKIE
from swapstation.server.guard import SAFE_METHODS
from tests.server.conftest import standing
from tests.server.controller_peer import ControllerPeer
from tests.server.people import CABIN, OPERATOR, PIN, client_at, log_in

CHANGES = sorted(route for route in ACCESS if route.split()[0] not in SAFE_METHODS)
OF_PEOPLE = {route for route in CHANGES if Role.ADMIN in ACCESS[route].people}
"""A program carries its key by itself, no browser does."""
WITHOUT_TOKEN = {"POST /session", "POST /session/claim", "POST /station/hold", "POST /fire/confirm"}
"""The door itself, and what whoever stands in the cabin may do without a log-in."""
FOREIGN = ("http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8080.evil.example", "null")
CHOSEN = "chosen-by-somebody-else"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TestClient, ControllerPeer]]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, standing(Path(folder)) as both:
        yield both


@pytest.fixture
def client(served: tuple[TestClient, ControllerPeer]) -> TestClient:
    return served[0]


def _url(route: str) -> tuple[str, str]:
    method, path = route.split()
    return method, API + re.sub(r"\{\w+\}", "1", path)


def _beside(client: TestClient) -> TestClient:
    return client_at(client.app, CABIN, client)  # type: ignore[arg-type]


@pytest.mark.parametrize("route", sorted(OF_PEOPLE - WITHOUT_TOKEN))
def test_a_change_without_the_page_s_token_is_refused_on_every_route(
    served: tuple[TestClient, ControllerPeer], route: str
) -> None:
    client, peer = served
    method, url = _url(route)
    for token in ("", "0" * 64):
        answer = client.request(method, url, json={}, headers={"X-CSRF-Token": token})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_wanted")
    assert peer.requests == []


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_refused_on_every_route_that_changes_something(
    served: tuple[TestClient, ControllerPeer], origin: str
) -> None:
    client, peer = served
    for route in CHANGES:
        method, url = _url(route)
        answer = client.request(method, url, json={}, headers={"Origin": origin})
        assert (answer.status_code, answer.text) == (403, "refused: the request comes from a foreign page\n"), route
    assert peer.requests == []


def test_a_token_that_somebody_chose_before_the_log_in_never_becomes_a_session(client: TestClient) -> None:
    given = {"account": OPERATOR, "secret": PIN}
    answer = _beside(client).post(f"{API}/session", json=given, headers={"Cookie": f"{COOKIE}={CHOSEN}"})
    assert answer.status_code == 201
    assert answer.cookies[COOKIE] != CHOSEN
    stranger = _beside(client)
    assert stranger.get(f"{API}/bays", headers={"Cookie": f"{COOKIE}={CHOSEN}"}).status_code == 401


def test_each_log_in_has_a_token_of_its_own(client: TestClient) -> None:
    tokens = set()
    for _ in range(3):
        answer = _beside(client).post(f"{API}/session", json={"account": OPERATOR, "secret": PIN})
        tokens.add(answer.cookies[COOKIE])
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens), "256 bits"


def test_a_token_of_another_session_is_no_csrf_token_of_this_one(client: TestClient) -> None:
    one, other = log_in(_beside(client)), log_in(_beside(client))
    answer = one.post(f"{API}/station/resume", headers={"X-CSRF-Token": str(other.headers["X-CSRF-Token"])})
    assert answer.json()["code"] == "csrf_token_wanted"
