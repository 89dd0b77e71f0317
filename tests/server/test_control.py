"""One place moves the station at a time: the cabin, or somebody at a distance to whom it was given."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from swapstation.config.server_settings import Server
from swapstation.model.people import Role
from swapstation.server.access import ACCESS
from swapstation.server.app import create_app
from swapstation.server.control import REACH, WAIT_S, Reach
from tests.server import station_sample
from tests.server.controller_peer import ControllerPeer
from tests.server.people import OPERATOR, PASSWORD, REMOTE, add_people, client_at, log_in

FAR, OTHER = "duty", "duty-2"
CONTROL, RESUME, HOLD = "/api/v1/control", "/api/v1/station/resume", "/api/v1/station/hold"


@pytest.fixture
def app(peer: ControllerPeer, data: Path) -> FastAPI:
    config = station_sample.config(data)
    add_people(config, dict.fromkeys((OPERATOR, FAR, OTHER), Role.ADMIN))
    return create_app(config)


@pytest.fixture
def cabin(app: FastAPI) -> Iterator[TestClient]:
    with client_at(app) as client:
        yield client


@pytest.fixture
def far(app: FastAPI, cabin: TestClient) -> TestClient:
    return log_in(client_at(app, REMOTE, cabin), FAR, PASSWORD)


@pytest.fixture
def other(app: FastAPI, cabin: TestClient) -> TestClient:
    return log_in(client_at(app, REMOTE, cabin), OTHER, PASSWORD)


def code(client: TestClient, path: str, body: dict[str, object] | None = None) -> object:
    answer = client.post(path, json=body or {})
    return answer.json().get("code") if answer.status_code >= 400 else answer.status_code


def owner(client: TestClient) -> tuple[str, str]:
    told = client.get(CONTROL).json()
    return told["place"], told["person"]


def test_every_route_with_a_reach_exists_and_none_of_them_is_toward_safety() -> None:
    assert set(REACH) <= set(ACCESS)
    assert "POST /station/hold" not in REACH
    assert "POST /fire/confirm" not in REACH


def test_who_is_at_a_distance_stops_the_station_but_moves_nothing_without_control(
    cabin: TestClient, far: TestClient
) -> None:
    log_in(cabin)
    assert code(far, RESUME) == "control_elsewhere"
    assert code(far, f"{CONTROL}/take") == "control_not_free", "the cabin is manned"
    assert code(far, HOLD) == 200
    assert owner(far) == ("cabin", "")


def test_an_unmanned_station_is_taken_from_afar_and_the_cabin_takes_it_back_by_acting(
    cabin: TestClient, far: TestClient, other: TestClient
) -> None:
    assert code(far, f"{CONTROL}/take") == 200
    assert owner(far) == ("remote", FAR)
    assert code(far, RESUME) == 200
    assert code(other, RESUME) == "control_elsewhere"
    assert code(other, f"{CONTROL}/take") == "control_not_free"
    log_in(cabin)
    assert owner(far) == ("remote", FAR), "looking takes nothing"
    assert code(cabin, RESUME) == 200
    assert owner(far) == ("cabin", "")
    assert code(far, RESUME) == "control_elsewhere"


def test_control_is_handed_over_to_whom_it_is_offered_and_given_back(
    cabin: TestClient, far: TestClient, other: TestClient
) -> None:
    log_in(cabin)
    assert code(cabin, f"{CONTROL}/hand-over", {"account": FAR}) == 200
    assert code(other, f"{CONTROL}/take") == "control_not_free"
    assert code(far, f"{CONTROL}/take") == 200
    assert code(far, RESUME) == 200
    assert code(other, f"{CONTROL}/hand-over", {"account": OTHER}) == "control_elsewhere"
    assert code(far, f"{CONTROL}/hand-over", {"account": OTHER}) == 200
    assert code(other, f"{CONTROL}/take") == 200
    assert code(far, RESUME) == "control_elsewhere"
    assert code(other, f"{CONTROL}/hand-over", {"account": ""}) == 200
    assert owner(far) == ("cabin", "")


def test_whoever_has_control_sees_that_it_was_asked_for(cabin: TestClient, far: TestClient, other: TestClient) -> None:
    log_in(cabin)
    for _ in range(3):
        assert code(far, f"{CONTROL}/take") == "control_not_free"
    assert cabin.get(CONTROL).json()["asked_by"] == FAR
    assert code(cabin, f"{CONTROL}/hand-over", {"account": FAR}) == 200
    told = cabin.get(CONTROL).json()
    assert (told["offered_to"], told["asked_by"]) == (FAR, "")
    assert code(far, f"{CONTROL}/take") == 200
    assert code(other, f"{CONTROL}/take") == "control_not_free"
    assert far.get(CONTROL).json()["asked_by"] == OTHER
    assert code(far, f"{CONTROL}/hand-over") == 200
    assert cabin.get(CONTROL).json()["asked_by"] == ""
    asked = [row["actor"] for row in cabin.get("/api/v1/audit?limit=50").json() if row["kind"] == "control_asked"]
    assert asked == [FAR, OTHER], "once each"


def test_a_wish_that_nobody_heard_is_forgotten(
    cabin: TestClient, far: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(cabin)
    assert code(far, f"{CONTROL}/take") == "control_not_free"
    later_s = time.monotonic() + WAIT_S + 1.0
    monkeypatch.setattr("swapstation.server.control.time", SimpleNamespace(monotonic=lambda: later_s))
    assert cabin.get(CONTROL).json()["asked_by"] == ""


def test_the_end_of_a_log_in_is_the_end_of_its_control(cabin: TestClient, far: TestClient) -> None:
    assert code(far, f"{CONTROL}/take") == 200
    far.delete("/api/v1/session")
    log_in(cabin)
    assert owner(cabin) == ("cabin", "")


def test_what_needs_eyes_is_done_in_the_cabin_only(cabin: TestClient, far: TestClient) -> None:
    assert code(far, f"{CONTROL}/take") == 200
    paths = [route for route, reach in REACH.items() if reach is Reach.CABIN]
    for route in paths:
        path = route.partition(" ")[2].replace("{number}", "1")
        assert code(far, f"/api/v1{path}") == "only_in_the_cabin"


def test_the_audit_tells_who_took_control(cabin: TestClient, far: TestClient) -> None:
    assert code(far, f"{CONTROL}/take") == 200
    log_in(cabin)
    assert code(cabin, f"{CONTROL}/take") == 200
    told = [row for row in cabin.get("/api/v1/audit?limit=50").json() if row["kind"] == "control_taken"]
    assert {(row["actor"], row["subject"]) for row in told} == {
        (FAR, "nobody in the cabin"),
        (OPERATOR, "taken in the cabin"),
    }


def test_the_live_stream_says_where_control_is_and_whether_it_is_here(cabin: TestClient, far: TestClient) -> None:
    assert code(far, f"{CONTROL}/take") == 200
    with far.websocket_connect("ws://127.0.0.1:8080/api/v1/live") as socket:
        told = socket.receive_json()["control"]
    assert (told["place"], told["person"], told["yours"]) == ("remote", FAR, True)


def test_a_desk_is_told_by_what_it_hears_and_sees_the_station(peer: ControllerPeer, data: Path) -> None:
    settings = Server(port=0, intercom="sip:201@10.20.0.5", cameras=("https://10.20.0.6/lane",))
    config = replace(station_sample.config(data), server=settings)
    add_people(config, {OPERATOR: Role.VIEWER})
    with client_at(create_app(config)) as client:
        told = log_in(client).get(f"{CONTROL}/desk").json()
    assert told == {"intercom": "sip:201@10.20.0.5", "cameras": ["https://10.20.0.6/lane"]}
