"""The fleets' Python client against a server behind a real port."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from swapstation import client
from swapstation.client import FleetClient, Refused, Unreachable
from swapstation.model.fleet_event import EventKind
from tests.server.fleet_rig import NORTH
from tests.server.running_server import running_server


@pytest.fixture(scope="module")
def fleet() -> Iterator[FleetClient]:
    with running_server() as server:
        key = server.fleet_key()["Authorization"].removeprefix("Bearer ")
        with FleetClient(server.url, key) as fleet:
            yield fleet


def test_what_has_not_changed_is_not_sent_again(fleet: FleetClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    sent = fleet._http.request

    def request(*what: object, **how: object) -> httpx2.Response:
        answer = sent(*what, **how)  # type: ignore[arg-type]
        sizes.append(len(answer.content))
        return answer

    monkeypatch.setattr(fleet._http, "request", request)
    assert fleet.station() == fleet.station()
    assert sizes[0] > sizes[1] == 0
    rows = fleet.availability("LFP-282", soc_pct=90.0, hours=6)
    assert rows == tuple(sorted(rows, key=lambda row: row.at))


def test_a_no_has_its_code_and_texts(fleet: FleetClient) -> None:
    with pytest.raises(Refused) as refused:
        fleet.book("r-1", NORTH, "LFP-282", datetime.now(UTC) + timedelta(hours=1))
    assert (refused.value.status, refused.value.code, refused.value.earliest_at) == (404, "no_such_truck", None)
    with pytest.raises(ValueError, match="time zone"):
        fleet.tell_eta("x", datetime(2026, 12, 1))  # noqa: DTZ001  what is refused


def test_webhooks_are_made_replaced_and_removed(fleet: FleetClient) -> None:
    made = fleet.put_webhook("dispatch", "https://8.8.8.8/hook", [EventKind.BOOKING_READY], paused=True)
    assert made.secret.startswith("whsec_")
    assert fleet.rotate_secret(made.webhook).webhook.secret_id != made.webhook.secret_id
    assert fleet.replay("dispatch", 0).cursor == 0
    assert [each.webhook for each in fleet.webhooks()] == ["dispatch"]
    fleet.remove_webhook("dispatch")
    assert (fleet.webhooks(), list(fleet.events()), list(fleet.bookings()), list(fleet.swaps())) == ((), [], [], [])


def test_a_station_that_does_not_answer_is_asked_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.01)
    with FleetClient("http://127.0.0.1:9", "swk_x") as nowhere:
        with pytest.raises(Unreachable, match="ConnectError"):
            nowhere.station()
        with pytest.raises(Unreachable, match="feed"):
            next(nowhere.feed())
