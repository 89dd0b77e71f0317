"""What the console reads beside the snapshot: build, cells on demand, past alarms, rights, handing over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from swapstation.model.device import BatteryCells
from swapstation.model.snapshot import Snapshot
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import PIN, client_at

COMES = "li"
LIVE = "ws://127.0.0.1:8080/api/v1/live"
CELLS = BatteryCells((3.301, None, 3.299), (24.5,))


def with_cells(number: int) -> Snapshot:
    now = station_sample.station(number)
    bays = tuple(replace(bay, cells=station_sample.good(CELLS)) if bay.number == 3 else bay for bay in now.bays)
    return replace(now, bays=bays)


def test_cells_come_to_who_looks_at_them_only(client: TestClient, peer: ControllerPeer) -> None:
    peer.snapshot = with_cells
    wait_until(lambda: client.get("/api/v1/bays/3").json()["cells"]["value"] is not None)
    with client.websocket_connect(LIVE) as socket:
        first = json.loads(socket.receive_text())
        assert first["cells"] is None
        assert all("cells" not in bay for bay in first["snapshot"]["bays"])
        for nonsense in ("[" * 100_000, "3", '{"cells": "x"}', '{"cells": 99}'):
            socket.send_text(nonsense)
        assert json.loads(socket.receive_text())["cells"] is None
        socket.send_text('{"cells": 3}')
        told = [json.loads(socket.receive_text())["cells"] for _ in range(3)]
        assert told[-1]["value"]["voltages_v"] == [3.301, None, 3.299]
        socket.send_text('{"cells": null}')
        assert [json.loads(socket.receive_text())["cells"] for _ in range(3)][-1] is None


def test_the_stream_names_the_console_that_the_server_has(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as socket, client.websocket_connect(LIVE) as another:
        build = json.loads(socket.receive_text())["build"]
        assert len(build) == 16
        assert json.loads(another.receive_text())["build"] == build


def test_a_session_tells_what_its_role_may(client: TestClient) -> None:
    may = client.get("/api/v1/session").json()["may"]
    assert {"POST /swaps", "GET /audit"} <= set(may)
    assert "POST /fleet/bookings" not in may


def test_past_alarms_are_read_in_stretches_of_a_month(client: TestClient) -> None:
    last = datetime(2026, 12, 1, tzinfo=UTC)
    asked = {"first": (last - timedelta(days=31)).isoformat(), "last": last.isoformat()}
    assert client.get("/api/v1/alarms/history", params=asked).json() == []
    asked["first"] = (last - timedelta(days=32)).isoformat()
    assert client.get("/api/v1/alarms/history", params=asked).status_code == 422


def test_the_figures_of_the_running_month_end_now_and_those_of_one_to_come_are_none(client: TestClient) -> None:
    now = datetime.now(UTC)
    told = client.get("/api/v1/alarms/figures", params={"month": f"{now:%Y-%m}"}).json()
    assert now <= datetime.fromisoformat(told["last"]) <= datetime.now(UTC)
    later = client.get("/api/v1/alarms/figures", params={"month": f"{now.year + 1}-01"}).json()
    assert (later["count"], later["first"]) == (0, later["last"])


def test_a_shift_is_handed_over_with_what_stands_open(client: TestClient) -> None:
    signed = client.post("/api/v1/handovers", json={"notes": "bay 3 smells"})
    assert signed.status_code == 201
    (kept,) = client.get("/api/v1/handovers").json()
    assert (kept["person"], kept["notes"]) == ("wang", "bay 3 smells")
    assert kept["open"] == signed.json()
    assert kept["open"]["alarms"] == ["LOCK_NOT_OPEN@truck", "ODD_CODE@bay-3"]
    assert kept["open"]["swap"] == "S-20261121-001"


def test_who_comes_takes_a_shift_over_once_and_nobody_signs_for_both(client: TestClient, data: Path) -> None:
    client.post("/api/v1/handovers", json={"notes": "first"})
    client.post("/api/v1/handovers", json={"notes": "bay 3 smells"})
    newest, older = (each["number"] for each in client.get("/api/v1/handovers").json())
    invited = client.post("/api/v1/accounts", json={"account": COMES, "role": "operator"}).json()["code"]
    comes = client_at(client.app, beside=client)  # type: ignore[arg-type]
    claimed = comes.post("/api/v1/session/claim", json={"code": invited, "account": COMES, "pin": PIN[::-1]})
    comes.headers["X-CSRF-Token"] = claimed.json()["csrf"]

    def code(who: TestClient, number: int) -> object:
        answer = who.post(f"/api/v1/handovers/{number}/take")
        return answer.json()["code"] if answer.status_code >= 400 else answer.status_code

    assert code(client, newest) == "same_person"
    assert code(comes, older) == "no_such_handover"
    assert code(comes, newest) == 200
    assert code(comes, newest) == "handover_taken"
    signed = [(each["person"], each["taken_by"]) for each in client.get("/api/v1/handovers").json()]
    assert signed == [("wang", COMES), ("wang", "")]


def test_the_description_says_that_answers_have_every_field(data: Path) -> None:
    schemas = create_app(station_sample.config(data)).openapi()["components"]["schemas"]
    assert set(schemas["BayState"]["required"]) == set(schemas["BayState"]["properties"])
    assert schemas["BookingOrder"]["required"] == ["vin", "model"], "what is asked may leave fields out"
