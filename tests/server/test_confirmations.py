"""A step away from safety is refused when the station has changed since its sheet was shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from swapstation.model.snapshot import StationState
from swapstation.server.confirmations import LIFE_S, MOST, Confirmations
from swapstation.server.problems import Problem
from tests.server import station_sample
from tests.server.conftest import standing, wait_until
from tests.server.controller_peer import ControllerPeer

HELD = replace(station_sample.station(), state=StationState.HELD, hold_reasons=("person",))


@pytest.fixture
def station(data: Path) -> Iterator[tuple[TestClient, ControllerPeer]]:
    with standing(data) as found:
        yield found


def test_an_order_that_fits_what_was_shown_goes_through_once(station: tuple[TestClient, ControllerPeer]) -> None:
    client, peer = station
    shown = client.post("/api/v1/confirmations", json={"action": "resume"}).json()
    assert shown["facts"]["state"] == "execute"
    header = {"X-Confirmation": shown["token"]}
    assert client.post("/api/v1/station/resume", headers=header).status_code == 200
    again = client.post("/api/v1/station/resume", headers=header)
    assert (again.status_code, again.json()["code"]) == (409, "confirmation_over")
    assert [request.payload.kind for request in peer.requests] == ["resume"]


def test_an_order_after_a_change_is_refused_and_says_what_changed(station: tuple[TestClient, ControllerPeer]) -> None:
    client, peer = station
    token = client.post("/api/v1/confirmations", json={"action": "resume"}).json()["token"]
    peer.snapshot = lambda number: replace(HELD, sequence=number)
    wait_until(lambda: client.get("/api/v1/snapshot").json()["snapshot"]["state"] == "held")
    refused = client.post("/api/v1/station/resume", headers={"X-Confirmation": token}).json()
    assert refused["code"] == "state_changed"
    assert refused["facts"] == {"state": "execute -> held", "held": "- -> person"}
    assert peer.requests == []


def test_hold_asks_for_nothing(station: tuple[TestClient, ControllerPeer]) -> None:
    client, peer = station
    assert client.post("/api/v1/station/hold", headers={"X-Confirmation": "old"}).status_code == 200
    assert [request.payload.kind for request in peer.requests] == ["hold"]


def test_a_token_counts_for_its_session_and_a_minute_only(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Confirmations()
    for session, wait_s in (("another", 0.0), ("mine", LIFE_S + 1.0)):
        token, _ = given.show("mine", "resume", HELD)
        later_s = time.monotonic() + wait_s
        with monkeypatch.context() as patch:
            patch.setattr("swapstation.server.confirmations.time.monotonic", lambda later_s=later_s: later_s)
            with pytest.raises(Problem, match="confirmation_over"):
                given.check(session, token, HELD)


def test_no_more_are_kept_than_are_of_use() -> None:
    given = Confirmations()
    first, _ = given.show("mine", "resume", HELD)
    for _ in range(MOST):
        last, _ = given.show("mine", "resume", HELD)
    given.check("mine", last, HELD)
    with pytest.raises(Problem, match="confirmation_over"):
        given.check("mine", first, HELD)


def test_a_running_number_alone_is_no_change() -> None:
    given = Confirmations()
    token, _ = given.show("mine", "resume", HELD)
    given.check("mine", token, replace(HELD, sequence=HELD.sequence + 50, now_s=HELD.now_s + 10.0))


def test_what_the_snapshot_does_not_offer_rests_on_the_station_and_not_on_the_swap_that_runs() -> None:
    given, running = Confirmations(), station_sample.station()
    assert running.swap is not None
    later = replace(running, swap=replace(running.swap, step="put"))
    token, facts = given.show("mine", "end_lock_out", running)
    assert set(facts) == {"boot", "state", "mode", "held", "safety"}
    given.check("mine", token, later)
    token, _ = given.show("mine", "swap", running)
    with pytest.raises(Problem, match="state_changed"):
        given.check("mine", token, later)


def test_an_action_that_is_no_longer_offered_is_a_change() -> None:
    given = Confirmations()
    token, _ = given.show("mine", "resume", HELD)
    with pytest.raises(Problem, match="state_changed") as refused:
        given.check("mine", token, replace(HELD, actions=()))
    assert refused.value.details.facts["reasons"] == "not_held -> -"
