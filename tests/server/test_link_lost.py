"""The API while its controller is away, and when it comes back."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer


def test_without_a_controller_only_the_snapshot_answers(client_alone: TestClient) -> None:
    body = client_alone.get("/api/v1/snapshot").json()
    assert body == {"connected": False, "received_age_s": None, "snapshot": None, "training": False}
    for method, path in (("GET", "bays"), ("GET", "batteries/ready"), ("POST", "station/hold")):
        answer = client_alone.request(method, f"/api/v1/{path}")
        assert answer.status_code == 503
        assert answer.json()["code"] == "controller_away"


def test_the_link_comes_back_after_the_controller_was_killed(client: TestClient, peer: ControllerPeer) -> None:
    peer.close()
    wait_until(lambda: not client.get("/api/v1/snapshot").json()["connected"])
    before = client.get("/api/v1/snapshot").json()
    assert before["snapshot"] is not None
    assert client.post("/api/v1/station/hold").status_code == 503
    peer.open()
    wait_until(lambda: client.get("/api/v1/snapshot").json()["snapshot"]["sequence"] > before["snapshot"]["sequence"])
    assert client.post("/api/v1/station/hold").status_code == 200
