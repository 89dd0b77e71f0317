"""Trucks that wait without a booking are promised a battery by the station itself, and lose it only by leaving."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.waiting import ExpectedWait
from swapstation.inventory.database import migrate
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.people import Role
from swapstation.model.request import Accepted, Answer, CancelBooking, CreateBooking, Payload, Refused, Request
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.server.app import create_app
from swapstation.server.queue_promises import ASK_AGAIN, QUEUE, WAITS_AFTER, QueuePromises, promised_time
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import OPERATOR, add_people, client_at, log_in

API = "/api/v1"
FIRST, SECOND = "LFWSRXSJ7M1F00011", "LFWSRXSJ7M1F00022"
MODEL, TRUCK_MODEL = "LFP-282", "6x4-tractor"
GRACE = timedelta(minutes=15)
AT = datetime(2026, 11, 21, 6, 30, 12, tzinfo=UTC)


@dataclass
class Yard:
    """A station with an empty lane, and two trucks that it knows."""

    client: TestClient
    peer: ControllerPeer
    promises: QueuePromises

    def look(self, after: timedelta) -> list[Payload]:
        """Look at the queue when so much time has passed; what the station was asked for."""
        before = len(self.peer.requests)
        assert self.client.portal is not None
        self.client.portal.call(self.promises.look, datetime.now(UTC) + after)
        asked = self.peer.requests[before:]
        assert {each.person for each in asked} <= {QUEUE}
        return [each.payload for each in asked]

    def comes(self, tag: str) -> int:
        number: int = self.client.post(f"{API}/arrivals", json={"source": "rfid", "value": tag}).json()["number"]
        return number

    def queue(self) -> Any:
        return self.client.get(f"{API}/queue").json()

    def holds(self, *holds: Hold) -> None:
        """The station's promises, as its snapshots tell them from now on."""
        self.peer.snapshot = lambda sequence: yard(sequence, *holds)
        names = [hold.hold for hold in holds]
        wait_until(lambda: [each["hold"] for each in self.snapshot()["inventory"]["holds"]] == names)

    def snapshot(self) -> Any:
        return self.client.get(f"{API}/snapshot").json()["snapshot"]


def yard(sequence: int, *holds: Hold) -> Snapshot:
    """The sample with nobody in the lane, and these promises."""
    sample = station_sample.station(sequence)
    trucks = ((FIRST, TRUCK_MODEL), (SECOND, TRUCK_MODEL))
    return replace(sample, truck=Seen(), swap=None, inventory=replace(sample.inventory, trucks=trucks, holds=holds))


@pytest.fixture
def station() -> Iterator[Yard]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder:
        config = station_sample.config(Path(folder))
        migrate(config.station_database_url)
        add_people(config, {OPERATOR: Role.ADMIN})
        app = create_app(config)
        with ControllerPeer(config.controller_socket, yard) as peer, client_at(app) as client:
            log_in(client)
            made = Yard(client, peer, QueuePromises(app.state.context))
            wait_until(lambda: made.snapshot() is not None)
            for vin, tag in ((FIRST, "T-11"), (SECOND, "T-22")):
                client.put(f"{API}/trucks/{vin}", json={"truck_model": TRUCK_MODEL, "rfid": tag})
            yield made


def test_who_waits_is_promised_a_time_and_who_leaves_gives_it_back(station: Yard) -> None:
    first = station.comes("T-11")
    assert station.look(timedelta()) == [], "who is served at once needs no promise"
    (asked,) = station.look(WAITS_AFTER)
    assert isinstance(asked, CreateBooking)
    assert (asked.vin, asked.model) == (FIRST, MODEL)
    needed_at = asked.arrives_at
    assert needed_at is not None
    hold = Hold("B-1", HoldKind.BOOKING, vin=FIRST, model=MODEL, needed_at=needed_at, person=QUEUE)
    station.holds(hold)
    assert station.look(WAITS_AFTER) == [], "once"
    told = station.queue()[0]
    assert datetime.fromisoformat(told["promised_at"]) == needed_at
    assert datetime.fromisoformat(told["promised_until"]) == needed_at + GRACE

    station.client.post(f"{API}/queue/{first}/leave")
    assert station.look(timedelta()) == [CancelBooking("B-1")]
    late = needed_at + GRACE - datetime.now(UTC) + timedelta(seconds=5)
    assert station.look(late) == [CancelBooking("B-1", in_vain=True)], "it waited longer than promised"


def test_a_promise_of_somebody_else_is_left_alone(station: Yard) -> None:
    station.comes("T-11")
    booked = Hold("B-7", HoldKind.BOOKING, vin=FIRST, model=MODEL, needed_at=AT, person="north")
    other = Hold("B-8", HoldKind.BOOKING, vin=SECOND, model=MODEL, needed_at=AT, person="north")
    station.holds(booked, other)
    assert station.look(timedelta(hours=1)) == []


def test_where_the_time_cannot_be_promised_the_station_s_own_is(station: Yard) -> None:
    station.comes("T-11")
    station.comes("T-22")
    earliest = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)

    def answer(request: Request) -> Answer:
        payload = request.payload
        if isinstance(payload, CreateBooking) and payload.vin == SECOND and payload.arrives_at != earliest:
            facts = {"earliest_at": earliest.isoformat()}
            return Refused(request.key, "cannot_be_promised", "", ("cannot_be_promised",), facts)
        return Accepted(request.key)

    station.peer.answer = answer
    asked = [each for each in station.look(WAITS_AFTER) if isinstance(each, CreateBooking)]
    assert [each.vin for each in asked] == [FIRST, SECOND, SECOND]
    first, second, again = (each.arrives_at for each in asked)
    assert first is not None
    assert second is not None
    assert first < second < earliest == again, "in the order of the line"

    station.peer.answer = lambda request: Refused(request.key, "battery_ready", "", ("battery_ready",))
    refused = station.look(2 * ASK_AGAIN)
    assert len(refused) == 2
    assert station.look(2 * ASK_AGAIN) == [], "not at every look"
    assert len(station.look(4 * ASK_AGAIN)) == 2


@given(
    st.floats(0.0, 900.0).flatmap(lambda minutes: st.tuples(st.just(minutes), st.floats(minutes, 2.0 * minutes + 1.0)))
)
def test_what_is_promised_reaches_to_the_end_of_what_is_expected(told: tuple[float, float]) -> None:
    usual, most = told
    at = promised_time(ExpectedWait(usual, usual, most), AT, GRACE)
    assert at.second == at.microsecond == 0
    assert at >= AT + timedelta(minutes=usual)
    assert at + GRACE >= AT + timedelta(minutes=most)
    assert at <= AT + max(timedelta(minutes=usual), timedelta(minutes=most) - GRACE) + timedelta(minutes=1)
