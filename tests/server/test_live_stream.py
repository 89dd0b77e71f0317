"""The live stream, and the refusal of foreign pages."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.server.controller_peer import ControllerPeer

OWN = "http://127.0.0.1:8080"
LIVE = "ws://127.0.0.1:8080/api/v1/live"


def test_snapshots_follow_each_other(client: TestClient) -> None:
    with client.websocket_connect(LIVE, headers={"Origin": OWN}) as socket:
        messages = [json.loads(socket.receive_text()) for _ in range(3)]
    sequences = [message["snapshot"]["sequence"] for message in messages]
    assert sequences == sorted(set(sequences))
    assert all(message["connected"] and message["age_s"] < 5 for message in messages)


def test_the_age_grows_while_the_controller_is_frozen(client: TestClient, peer: ControllerPeer) -> None:
    with client.websocket_connect(LIVE) as socket:
        peer.frozen = True
        messages = [json.loads(socket.receive_text()) for _ in range(4)]
    assert messages[-1]["snapshot"]["sequence"] == messages[-2]["snapshot"]["sequence"]
    assert messages[-1]["age_s"] > messages[-2]["age_s"] > 0


def test_before_the_first_snapshot_the_stream_says_so(client_alone: TestClient) -> None:
    with client_alone.websocket_connect(LIVE) as socket:
        message = json.loads(socket.receive_text())
    assert (message["snapshot"], message["age_s"], message["connected"]) == (None, None, False)
    assert (message["training"], message["control"]["place"]) == (False, "cabin")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Host": "evil.example"},
    ],
)
def test_foreign_pages_get_neither_the_stream_nor_an_effect(
    client: TestClient, peer: ControllerPeer, headers: dict[str, str]
) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers=headers):
        pass
    assert client.post("/api/v1/station/resume", headers=headers).status_code == 403
    assert peer.requests == []


def test_a_name_rebound_to_this_machine_reads_nothing(client: TestClient) -> None:
    for host in ("evil.example:8080", "", "[bad", "127.0.0.1.evil.example"):
        assert client.get("/api/v1/snapshot", headers={"Host": host}).status_code == 403
    for host in ("localhost:8080", "[::1]:8080", "127.0.0.1"):
        assert client.get("/api/v1/snapshot", headers={"Host": host}).status_code == 200


def test_every_answer_has_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/api/v1/snapshot", "/api/v1/bays/99", "/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
