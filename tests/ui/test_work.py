"""The daily work of people: the queue, the stock, moves and bypasses by hand, and why the station waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from swapstation.model.bypass_request import SetBypass
from swapstation.model.device import Truck
from swapstation.model.seen import Seen
from swapstation.model.snapshot import ActionState, Snapshot, StationState
from swapstation.model.waiting_word import WaitingWord
from tests.server import station_sample
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, hold_down, keep_picture, open_page

QUICK_HOLD = "(later => { window.setTimeout = (f, ms) => later(f, ms === 2000 ? 100 : ms); })(window.setTimeout)"
"""The two seconds of a hold are waited for in test_commands."""

pytestmark = pytest.mark.slow
FIRST, SECOND, FOREIGN = "LFWSRXSJ7M1F00011", "LFWSRXSJ7M1F00022", "LFWSRXSJ7M1F00099"
INPUTS = ("truck_in_position", "presence_a")


def _idle(number: int, vin: str = "") -> Snapshot:
    """The sample without a swap; a truck in the lane where one is named."""
    now = station_sample.station(number)
    assert now.truck.value is not None
    truck: Seen[Truck] = replace(now.truck, value=replace(now.truck.value, vin=vin)) if vin else Seen()
    moves = ActionState("start_job_move", True), ActionState("swap", not vin, ("no_ready_battery",) if vin else ())
    return replace(now, state=StationState.IDLE, swap=None, truck=truck, actions=(ActionState("hold", True), *moves))


def _maintenance(number: int) -> Snapshot:
    """Work by hand is allowed, and a first person has asked for a bypass."""
    now = _idle(number)
    allowed = ("single_move", "end_bypass", *(f"set_bypass_{each}" for each in INPUTS))
    word = WaitingWord("set_bypass", "presence_a bay-3 10 min", "li", "sensor wet", 420.0)
    return replace(now, actions=(*now.actions, *(ActionState(each, True) for each in allowed)), waiting_words=(word,))


@pytest.fixture
def yard(server: RunningServer) -> Iterator[RunningServer]:
    """Two trucks that were taken on; whoever came leaves again."""
    server.peer.snapshot = _idle
    with httpx2.Client(base_url=f"{server.url}/api/v1", headers=server.log_in(), trust_env=False) as client:
        for vin, plate, rfid in ((FIRST, "晋H00011", "T-11"), (SECOND, "晋H00022", "T-22")):
            client.put(f"/trucks/{vin}", json={"truck_model": "6x4-tractor", "plate": plate, "rfid": rfid})
        for source, value in (("plate", "晋H00022"), ("rfid", "T-11"), ("rfid", "T-22")):
            client.post("/arrivals", json={"source": source, "value": value})
        yield server
        for each in client.get("/queue").json():
            client.post(f"/queue/{each['entry']['number']}/leave")
        server.peer.requests.clear()


def _quick(browser: Browser, server: RunningServer, screen: str) -> Page:
    page, _ = open_page(browser, server, "desk", "en", screen)
    page.evaluate(QUICK_HOLD)
    return page


def _queue(server: RunningServer) -> list[dict[str, Any]]:
    told = httpx2.get(f"{server.url}/api/v1/queue", headers=server.log_in(), trust_env=False)
    return [each for each in told.json() if isinstance(each, dict)]


@pytest.mark.parametrize(("size", "language"), [("full", "zh"), ("desk", "en"), ("phone", "zh")])
def test_the_queue_says_whose_turn_it_is_and_whose_proofs_disagree(
    browser: Browser, yard: RunningServer, size: str, language: str
) -> None:
    page, wrong = open_page(browser, yard, size, language, "bookings")
    first = page.locator("#queue > li").nth(0)
    expect(first).to_contain_text("证据不一致" if language == "zh" else "The proofs disagree")
    expect(first).to_contain_text(re.compile(r"预计还要 \d+ 分钟" if language == "zh" else r"about \d+ min to go"))
    expect(first.get_by_role("button", name=SECOND)).to_be_visible()
    if size != "phone":
        expect(first).to_contain_text("还不能确定是哪辆车" if language == "zh" else "nobody can say yet which truck")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"queue-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_a_person_decides_lets_pass_and_calls(browser: Browser, yard: RunningServer) -> None:
    page = _quick(browser, yard, "bookings")
    page.locator("#arrival input").fill("晋A99999")
    page.locator("#arrival button").click()
    rows = page.locator("#queue > li")
    expect(rows).to_have_count(2)
    rows.nth(0).get_by_role("button", name=f"It is {FIRST}").click()
    hold_down(page, "#sheet-go")
    expect(rows.nth(0)).not_to_contain_text("Nobody can say yet")
    rows.nth(0).get_by_role("button", name="Let the next pass").click()
    page.locator("#sheet-reason").fill("driver is away")
    hold_down(page, "#sheet-go")
    expect(rows.nth(1)).to_contain_text("passed 1 times: driver is away")
    rows.nth(0).get_by_role("button", name="Truck has left").click()
    hold_down(page, "#sheet-go")
    expect(rows).to_have_count(1)
    rows.nth(0).get_by_role("button", name="Call into the lane").click()
    hold_down(page, "#sheet-go")
    expect(rows.nth(0)).to_contain_text("called")
    assert [(each["entry"]["state"], each["identity"]["vin"]) for each in _queue(yard)] == [("called", FIRST)]
    page.context.close()


def test_a_foreign_truck_in_the_lane_is_seen_and_can_be_taken_on(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = lambda number: _idle(number, FOREIGN)
    page = _quick(browser, server, "bookings")
    foreign = page.locator("#queue > li", has_text=FOREIGN)
    expect(foreign).to_contain_text("Foreign truck")
    foreign.get_by_role("button", name="Take truck on").click()
    expect(page.locator("#take-on input").nth(0)).to_have_value(FOREIGN)
    page.locator("#take-on input").nth(1).fill("6x4-tractor")
    page.locator("#take-on button").click()
    expect(foreign).not_to_contain_text("Foreign truck")
    server.peer.snapshot = _idle
    expect(foreign).to_have_count(0)
    page.context.close()


def test_a_booking_is_moved_and_cancelled(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.promised
    page = _quick(browser, server, "bookings")
    booking = page.locator("#bookings li", has_text="BK-2")
    booking.get_by_role("button", name="Other time").click()
    booking.locator("input").fill("2026-11-21T16:00")
    booking.get_by_role("button", name="Save").click()
    expect(page.locator("#answer")).to_contain_text("Other time: accepted")
    booking.get_by_role("button", name="Cancel booking").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("Cancel booking: accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["change_booking", "cancel_booking"]
    page.context.close()


WORKS = {
    "Quarantine": ({}, "it smells"),
    "Moved by hand": ({"place": "bay-4"}, ""),
    "Correct record": ({"soc_pct": "41"}, "read at its display"),
    "Transfer": ({"station": "north", "papers": "UN 3480, sheet 17"}, ""),
    "Send away": ({}, "to the factory"),
}


def test_the_work_on_a_battery_is_asked_with_its_fields_and_reason(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _idle
    page = _quick(browser, server, "stock/B003")
    for label, (fields, reason) in WORKS.items():
        page.locator("#battery-work .works").get_by_role("button", name=label).click()
        for name, value in fields.items():
            field = page.locator(f"#work-form [name={name}]")
            field.select_option(value) if name == "place" else field.fill(value)
        page.locator("#work-form button").click()
        if reason:
            page.locator("#sheet-reason").fill(reason)
        if label == "Quarantine":
            page.locator("#sheet-go").click()
        else:
            hold_down(page, "#sheet-go")
        expect(page.locator("#answer")).to_have_text(f"{label}: accepted")
    page.locator("#to-bay").select_option("4")
    page.locator("[data-action=start_job_move]").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("accepted")
    asked = [request.payload for request in server.peer.requests]
    kinds = ["quarantine_battery", "move_battery_record", "correct_battery", "transfer_battery", "send_battery_away"]
    assert [each.kind for each in asked] == [*kinds, "start_job"]
    assert (getattr(asked[2], "soc_pct", None), getattr(asked[5], "to_bay", None)) == (41.0, 4)
    page.context.close()


def test_a_battery_comes_in_and_people_count(browser: Browser, server: RunningServer) -> None:
    page = _quick(browser, server, "stock")
    page.locator("#receive summary").click()
    for number, value in enumerate(("B077", "LFP-282", station_sample.code(77))):
        page.locator("#receive input").nth(number).fill(value)
    page.locator("#receive select").select_option("bay-4")
    page.locator("#receive button").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("Receive battery: accepted")
    page.locator("#count summary").click()
    page.locator("#count select[name=bay-3]").select_option("B003")
    page.locator("#count select[name=bay-4]").select_option("-")
    page.locator("#count button").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("Enter count: accepted")
    received, counted = [request.payload for request in server.peer.requests]
    assert (received.kind, getattr(received, "place", None)) == ("receive_battery", "bay-4")
    assert [(each.place, each.battery) for each in getattr(counted, "counted", ())] == [
        ("bay-3", "B003"),
        ("bay-4", None),
    ]
    page.context.close()


def test_moves_by_hand_are_those_that_the_station_allows(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _maintenance
    page = _quick(browser, server, "maintenance")
    page.locator("#move-bay").select_option("3")
    page.locator("[data-action=pick]").click()
    keep_picture(page, "single-move-sheet")
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("Pick from the bay: accepted")
    server.peer.snapshot = station_sample.station
    expect(page.locator("[data-action=pick]")).to_have_attribute("aria-disabled", "true")
    (asked,) = [request.payload for request in server.peer.requests]
    assert (getattr(asked, "job", None), getattr(asked, "bay", None)) == ("pick", 3)
    page.context.close()


def test_a_bypass_takes_a_reason_a_limit_and_a_second_person(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _maintenance
    page = _quick(browser, server, "maintenance")
    page.locator("#bypass-input").select_option("presence_a")
    page.locator("#bypass-bay").select_option("3")
    page.locator("#bypass-minutes").fill("10")
    page.locator("[data-action=set_bypass_presence_a]").click()
    page.locator("#sheet-reason").fill("sensor wet, bay looked into")
    hold_down(page, "#sheet-go")
    expect(page.locator("#second-person")).to_contain_text("li said: sensor wet (7 min left)")
    page.locator("#second-person button").click()
    page.locator("#sheet-reason").fill("looked into it too")
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("I say the same: accepted")
    first, second = [request.payload for request in server.peer.requests]
    assert first == SetBypass("presence_a", 10, "sensor wet, bay looked into", 3)
    assert second == SetBypass("presence_a", 10, "looked into it too", 3)
    page.context.close()


SENTENCES = {
    "zh": ("“起吊并称重”在等: 电池未称重", "等车辆驶入", "车在车道里, 还不能开始换电", "等人看过核查结果后确认启动"),
    "en": ("“Lift and weigh” waits: the battery is not weighed", "It waits for a truck", "cannot begin yet", "confirm"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_station_says_in_one_sentence_why_it_waits(browser: Browser, server: RunningServer, language: str) -> None:
    page, wrong = open_page(browser, server, "desk", language)
    states: tuple[Callable[[int], Snapshot], ...] = (
        station_sample.station,
        _idle,
        lambda number: _idle(number, FOREIGN),
        station_sample.after_start,
    )
    for snapshot, sentence in zip(states, SENTENCES[language], strict=True):
        server.peer.snapshot = snapshot
        expect(page.locator("#wait-line")).to_contain_text(sentence)
    assert page.locator("#main").evaluate("main => main.scrollHeight <= main.clientHeight"), "no page scroll"
    assert wrong == []
    page.context.close()
