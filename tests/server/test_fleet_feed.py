"""The feed of a fleet: its own events from a cursor on, the station's latest state, as long as its key counts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from swapstation.business import fleet_events
from swapstation.business.database import DatabaseError
from swapstation.business.sessions import valid_keys
from swapstation.server.api.fleet_events import LOG_IN_ENDED
from swapstation.server.streaming import COME_AGAIN
from tests.server.fleet_rig import API, FleetRig, fleet_rig

FEED = f"ws://127.0.0.1:8080{API}/feed"


@pytest.fixture(scope="module")
def shared() -> Iterator[FleetRig]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, fleet_rig(Path(folder)) as rig:
        yield rig


@pytest.fixture
def rig(shared: FleetRig) -> FleetRig:
    shared.renew()
    return shared


def told(socket: WebSocketTestSession, wanted: int) -> list[Any]:
    """The next events of a feed, so many."""
    found: list[Any] = []
    while len(found) < wanted:
        found += json.loads(socket.receive_text())["events"]
    return found


def test_a_fleet_is_told_its_own_events_and_what_the_station_does(rig: FleetRig) -> None:
    with rig.north.websocket_connect(FEED) as north, rig.south.websocket_connect(FEED) as south:
        first = json.loads(north.receive_text())
        assert (first["events"], first["station"]["location_id"]) == ([], "Sample")
        south.receive_text()
        booking = rig.book().json()["id"]
        (event,) = told(north, 1)
        assert (event["kind"], event["subject"]) == ("booking.reserved", booking)
        rig.south.put(f"{API}/webhooks/x", json={"url": "https://8.8.8.8/"})
    with rig.south.websocket_connect(f"{FEED}?after=0") as south:
        assert json.loads(south.receive_text())["events"] == []


def test_a_client_that_comes_back_with_its_cursor_has_missed_nothing(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    with rig.north.websocket_connect(f"{FEED}?after=0") as socket:
        (first,) = told(socket, 1)
    rig.north.post(f"{API}/bookings/{booking}/cancel", json={})
    with rig.north.websocket_connect(f"{FEED}?after={first['number']}") as socket:
        assert [event["kind"] for event in told(socket, 1)] == ["booking.canceled"]


def test_the_feed_ends_with_its_key(rig: FleetRig) -> None:
    context: Any = rig.north.app
    log_ins = context.state.context.log_ins
    with context.state.context.business.engine.connect() as connection:
        keys = valid_keys(connection)
    with rig.north.websocket_connect(FEED) as socket:
        socket.receive_text()
        log_ins.keys_changed({hashed: key for hashed, key in keys.items() if key.fleet != "north"})
        rest = iter(socket.receive, None)
        assert next(each for each in rest if each["type"] == "websocket.close")["code"] == LOG_IN_ENDED
    log_ins.keys_changed(keys)


def test_a_feed_that_fails_lets_its_client_go(rig: FleetRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that stands and tells nothing would be taken for a quiet day."""
    with rig.north.websocket_connect(FEED) as socket:
        socket.receive_text()
        monkeypatch.setattr(fleet_events, "events_after", failing)
        assert ends(socket) == COME_AGAIN


def ends(socket: WebSocketTestSession) -> int:
    """Read a feed to its end; the code that it ended with."""
    try:
        while True:
            socket.receive_text()
    except WebSocketDisconnect as ended:
        return ended.code


def failing(*_: Any, **__: Any) -> None:
    raise DatabaseError("the disk is full")


def test_without_a_key_there_is_no_feed(rig: FleetRig) -> None:
    stranger: Any = rig.north
    with pytest.raises(WebSocketDisconnect), stranger.websocket_connect(FEED, headers={"Authorization": ""}):
        pass
