"""A fleet's bookings over HTTP: asked once, promised by the station, moved on by its events, seen by its fleet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.booking_settings import Bookings
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import HoldChanged, HoldEnded, SwapAllocated, SwapClosed, SwapOpened
from swapstation.model.request import Refused, Request
from tests.server.conftest import wait_until
from tests.server.fleet_rig import API, NORTH, NORTH_2, SOUTH, FleetRig, fleet_rig, hold, later, swap_of
from tests.server.station_sample import AT

REFUSED = ("cannot_be_promised", "", ("cannot_be_promised",), {"earliest_at": "2026-11-21T09:00:00Z"})


@pytest.fixture(scope="module")
def shared() -> Iterator[FleetRig]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, fleet_rig(Path(folder)) as rig:
        yield rig


@pytest.fixture
def rig(shared: FleetRig) -> FleetRig:
    shared.renew()
    return shared


def test_a_booking_is_a_promise_with_its_terms(rig: FleetRig) -> None:
    answer = rig.book(min_soc_pct=85, soc_on_arrival_pct=30)
    booking = answer.json()
    assert answer.status_code == 201, answer.text
    assert (booking["reservation_status"], booking["priority"]) == ("RESERVED", False)
    promise = booking["promise"]
    assert (promise["lane"], promise["battery_class"], promise["soc_pct"]) == (1, "LFP-282", 85)
    assert (promise["ready_at"], promise["released_at"]) == ("2026-11-21T07:30:00Z", "2026-11-21T07:45:00Z")
    assert 0.0 < promise["confidence"] < 1.0
    assert booking["booking_terms"]["noshow_timeout"] == 15
    (asked,) = rig.asked("create_booking")
    assert (asked.vin, asked.soc_pct, asked.arrives_at) == (NORTH, 85, AT + timedelta(hours=1))
    assert asked.return_soc_pct == 30
    assert rig.events() == ["booking.reserved"]


def test_the_same_request_books_once(rig: FleetRig) -> None:
    first, again = rig.book(), rig.book()
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(rig.asked("create_booking")) == 1
    by_header = rig.north.post(
        f"{API}/bookings",
        json={"vin": NORTH_2, "model": "LFP-282", "eta": later(60)},
        headers={"Idempotency-Key": "r-2"},
    )
    assert by_header.json()["request_id"] == "r-2"
    other = rig.book(vin=NORTH_2)
    assert (other.status_code, other.json()["code"]) == (409, "request_id_used")


def test_without_any_id_of_the_request_nothing_is_booked(rig: FleetRig) -> None:
    answer = rig.north.post(f"{API}/bookings", json={"vin": NORTH, "model": "LFP-282", "eta": later(60)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "request_id")


def test_what_the_station_cannot_promise_is_rejected_for_good_and_says_from_when(rig: FleetRig) -> None:
    rig.peer.answer = lambda request: Refused(request.key, *REFUSED)
    answer = rig.book()
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_be_promised")
    assert answer.json()["facts"]["earliest_at"] == "2026-11-21T09:00:00Z"
    assert rig.state(answer.json()["facts"]["booking"]) == "REJECTED"
    rig.peer.answer = rig.promise
    assert rig.book().status_code == 409, "this request has its answer"
    assert rig.book(request_id="r-2").status_code == 201


def test_a_fleet_sees_and_changes_no_other_fleet_s_bookings(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    path = f"{API}/bookings/{booking}"
    tries = [
        rig.south.get(path),
        rig.south.patch(path, json={"eta": later(70)}),
        rig.south.post(f"{path}/eta", json={"eta": later(70)}),
        rig.south.post(f"{path}/cancel", json={}),
        rig.book(rig.south),
    ]
    assert [answer.status_code for answer in tries] == [404] * 5
    assert rig.south.get(f"{API}/bookings").json() == {"items": [], "next_cursor": ""}
    assert rig.events(rig.south) == []
    assert rig.state(booking) == "RESERVED"


def test_a_booking_lives_until_its_truck_has_its_battery(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    arrives_at = AT + timedelta(minutes=62)
    for record, state in (
        (HoldChanged(hold(rig.holds, battery="B001")), "RESERVED"),
        (SwapOpened(swap_of(rig.holds), ()), "ARRIVED"),
        (SwapAllocated("S1", "B001", "B009", 1, 4, (), 96.0, 17.0), "SWAPPING"),
        (HoldEnded(rig.last_hold, "used"), "SWAPPING"),
        (SwapClosed("S1", SwapResult.COMPLETED, "", 250.0), "FULFILLED"),
    ):
        rig.happens(record, at=arrives_at)
        wait_until(lambda state=state: rig.state(booking) == state)  # type: ignore[misc]
    wait_until(lambda: "swap.completed" in rig.events())
    told = rig.north.get(f"{API}/bookings/{booking}").json()
    assert (told["kept"], told["swap_id"]) == (True, "S1")
    assert rig.events() == [
        "booking.reserved",
        "booking.ready",
        "booking.arrived",
        "swap.opened",
        "booking.swapping",
        "booking.fulfilled",
        "swap.completed",
    ]
    (swap,) = rig.north.get(f"{API}/swaps").json()["items"]
    assert (swap["swap"], swap["booking"], swap["result"]) == ("S1", booking, "completed")


@pytest.mark.parametrize(
    ("reason", "state", "event"),
    [
        ("expired", "NO_SHOW", "booking.no_show"),
        ("cancelled", "CANCELED", "booking.canceled"),
        ("battery quarantined or in doubt", "FAILED", "booking.failed"),
    ],
)
def test_a_hold_that_ends_ends_its_booking(rig: FleetRig, reason: str, state: str, event: str) -> None:
    booking = rig.book().json()["id"]
    rig.happens(HoldEnded(rig.last_hold, reason), at=AT + timedelta(minutes=76))
    wait_until(lambda: rig.state(booking) == state)
    assert rig.events()[-1] == event


def test_a_truck_that_waits_for_its_battery_has_a_broken_promise(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    rig.happens(SwapOpened(swap_of(rig.holds), ()), at=AT + timedelta(minutes=58))
    rig.happens(SwapAllocated("S1", "B001", "B009", 1, 4, (), 96.0, 17.0), at=AT + timedelta(minutes=66))
    wait_until(lambda: rig.state(booking) == "SWAPPING")
    assert rig.north.get(f"{API}/bookings/{booking}").json()["kept"] is False
    rig.happens(SwapClosed("S1", SwapResult.FAILED, "", 250.0), at=AT + timedelta(minutes=70))
    wait_until(lambda: rig.state(booking) == "FAILED")


def test_a_swap_that_fails_before_it_had_a_battery_leaves_the_promise(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    rig.happens(SwapOpened(swap_of(rig.holds), ()), at=AT + timedelta(minutes=58))
    wait_until(lambda: rig.state(booking) == "ARRIVED")
    rig.happens(SwapClosed("S1", SwapResult.FAILED, "", 250.0), at=AT + timedelta(minutes=59))
    wait_until(lambda: rig.state(booking) == "RESERVED")
    rig.happens(HoldEnded(rig.last_hold, "expired"), at=AT + timedelta(minutes=76))
    wait_until(lambda: rig.state(booking) == "FAILED")  # it had come: no NO_SHOW


def test_an_eta_moves_the_promise_where_it_can_and_is_kept_where_it_cannot(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    path = f"{API}/bookings/{booking}/eta"
    assert rig.north.post(path, json={"eta": later(60.5)}).json()["promise"]["ready_at"] == "2026-11-21T07:30:00Z"
    assert rig.asked("change_booking") == [], "half a minute is not worth a new promise"
    moved = rig.north.post(path, json={"eta": later(75), "soc_on_arrival_pct": 12}).json()
    assert (moved["promise"]["ready_at"], moved["period"]["end_date_time"]) == (
        "2026-11-21T07:45:00Z",
        "2026-11-21T08:00:00Z",
    )
    (change,) = rig.asked("change_booking")
    assert (change.booking, change.arrives_at, change.return_soc_pct) == (rig.last_hold, AT + timedelta(minutes=75), 12)
    rig.peer.answer = lambda request: Refused(request.key, *REFUSED)
    late = rig.north.post(path, json={"eta": later(40)})
    assert (late.status_code, late.json()["promise"]["ready_at"]) == (200, "2026-11-21T07:45:00Z")
    assert late.json()["swap"]["eta"] == "2026-11-21T07:10:00Z"
    assert late.json()["booking_requests"][-1]["status"] == "DECLINED"


def test_a_change_is_refused_with_the_old_promise_standing_or_when_it_comes_too_late(rig: FleetRig) -> None:
    booking = rig.book().json()
    path, tag = f"{API}/bookings/{booking['id']}", rig.north.get(f"{API}/bookings/{booking['id']}").headers["ETag"]
    rig.peer.answer = lambda request: Refused(request.key, *REFUSED)
    assert rig.north.patch(path, json={"min_soc_pct": 95}).json()["code"] == "cannot_be_promised"
    assert rig.north.get(path).json()["promise"] == booking["promise"]
    stale = rig.north.patch(path, json={"eta": later(90)}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    rig.peer.answer = rig.promise
    near = rig.book(request_id="r-2", vin=NORTH_2, eta=later(10), soc_on_arrival_pct=5).json()["id"]
    too_late = rig.north.patch(f"{API}/bookings/{near}", json={"eta": later(20)})
    assert (too_late.status_code, too_late.json()["code"]) == (409, "too_late_to_change")


def test_a_booking_is_given_up_once_and_says_if_it_was_late(rig: FleetRig) -> None:
    booking = rig.book().json()["id"]
    for _ in range(2):
        answer = rig.north.post(f"{API}/bookings/{booking}/cancel", json={"reason": "TRAFFIC"})
        assert answer.json()["canceled"] == {"reason": "TRAFFIC", "at": answer.json()["canceled"]["at"], "late": False}
    assert len(rig.asked("cancel_booking")) == 1
    near = rig.book(request_id="r-2", eta=later(10), soc_on_arrival_pct=5).json()["id"]
    assert rig.north.post(f"{API}/bookings/{near}/cancel", json={}).json()["canceled"]["late"]
    rig.happens(HoldEnded(rig.last_hold, "cancelled"))
    assert rig.events().count("booking.canceled") == 2


def test_a_truck_has_one_booking(rig: FleetRig) -> None:
    rig.book()
    again = rig.book(request_id="r-2", eta=later(90))
    assert (again.status_code, again.json()["code"]) == (409, "already_booked")


def test_pages_follow_each_other_and_an_etag_saves_reading_twice(rig: FleetRig) -> None:
    for number in range(3):
        made = rig.book(request_id=f"r-{number}").json()["id"]
        rig.north.post(f"{API}/bookings/{made}/cancel", json={})
    seen: list[Any] = []
    cursor = ""
    while True:
        page = rig.north.get(f"{API}/bookings", params={"limit": 2, "cursor": cursor}).json()
        seen += [each["request_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == ["r-2", "r-1", "r-0"]
    assert rig.north.get(f"{API}/bookings?state=RESERVED").json()["items"] == []
    for path in (f"{API}/bookings/{made}", f"{API}/station", f"{API}/availability?model=LFP-282&hours=3"):
        tag = rig.north.get(path).headers["ETag"]
        assert rig.north.get(path, headers={"If-None-Match": tag}).status_code == 304, path


def test_the_trucks_and_swaps_of_a_fleet_are_those_it_had_then(rig: FleetRig) -> None:
    rig.happens(SwapOpened(swap_of(0, "S7", SOUTH), ()), at=AT - timedelta(days=3))
    rig.happens(SwapClosed("S7", SwapResult.COMPLETED, "", 250.0), at=AT - timedelta(days=3))
    rig.happens(SwapOpened(swap_of(0, "S8", SOUTH), ()), at=AT)
    rig.happens(SwapClosed("S8", SwapResult.FAILED, "", 250.0), at=AT)
    swaps = {name: client.get(f"{API}/swaps").json() for name, client in (("north", rig.north), ("south", rig.south))}
    assert [each["swap"] for each in swaps["north"]["items"]] == ["S7"]
    assert [each["swap"] for each in swaps["south"]["items"]] == ["S8"]
    assert rig.south.get(f"{API}/swaps/S7").json()["code"] == "no_such_swap"
    assert [each["vin"] for each in rig.south.get(f"{API}/trucks").json()] == [SOUTH]
    assert rig.south.get(f"{API}/trucks/{NORTH}").status_code == 404
    assert rig.north.get(f"{API}/trucks/{NORTH}").json()["plate"] == "N-1"
    wait_until(lambda: rig.events(rig.south) == ["swap.opened", "swap.failed"])


def test_the_station_tells_what_it_can_do(rig: FleetRig) -> None:
    told = rig.north.get(f"{API}/station").json()
    (model,) = told["models"]
    assert (told["bays"], told["lanes"], model["truck_models"]) == (8, [{"lane": 1, "free": False}], ["6x4-tractor"])
    assert model["here"] >= model["ready"] >= 0


def test_the_last_battery_is_for_a_truck_that_comes_nearly_empty(data: Path) -> None:
    with fleet_rig(data, lambda config: replace(config, bookings=Bookings())) as rig:
        held_back = rig.book(soc_on_arrival_pct=40)
        assert (held_back.status_code, held_back.json()["code"]) == (409, "kept_for_nearly_empty")
        assert held_back.json()["facts"]["earliest_at"] > "2026-11-21T07:30:00Z"
        assert rig.asked("create_booking") == []
        assert rig.events() == ["booking.rejected"]
        empty = rig.book(request_id="r-2", soc_on_arrival_pct=9)
        assert (empty.status_code, empty.json()["priority"]) == (201, True)


def test_an_answer_that_is_lost_on_the_way_is_found_in_the_station_s_record(
    rig: FleetRig, monkeypatch: pytest.MonkeyPatch
) -> None:

    def lost(request: Request) -> None:
        rig.promise(request)

    rig.peer.answer = lost
    app: Any = rig.north.app
    monkeypatch.setattr(app.state.context.link, "_answer_timeout_s", 0.2)
    answer = rig.book()
    assert (answer.status_code, answer.json()["reservation_status"]) == (201, "PENDING")
    wait_until(lambda: rig.state(answer.json()["id"]) == "RESERVED")
    assert rig.events() == ["booking.reserved"]
