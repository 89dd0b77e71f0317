"""A step away from safe rests on what the server said when its sheet was shown; after a change it is shown anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.snapshot import ActionState, Snapshot, StationState
from tests.server import station_sample
from tests.server.running_server import RunningServer
from tests.ui.conftest import hold_down, keep_picture, open_page

pytestmark = pytest.mark.slow


def _held(number: int, *reasons: str) -> Snapshot:
    actions = (ActionState("hold", True), ActionState("resume", True), ActionState("abandon_swap", True))
    now = station_sample.station(number)
    return replace(now, state=StationState.HELD, hold_reasons=reasons or ("operator",), actions=actions)


def _held_for_two_reasons(number: int) -> Snapshot:
    return _held(number, "operator", "safety_chain_closed")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_change_behind_the_sheet_is_refused_and_said(browser: Browser, server: RunningServer, language: str) -> None:
    server.peer.snapshot = _held
    page, wrong = open_page(browser, server, "desk", language, "swap")
    page.locator("[data-action=resume]").click()
    facts = page.locator("#sheet-facts")
    expect(facts).to_contain_text("起吊并称重 (1)" if language == "zh" else "Lift and weigh (1)")
    expect(page.locator("#sheet-locks")).to_contain_text("✓")
    server.peer.snapshot = _held_for_two_reasons
    expect(page.locator("#held")).to_contain_text(", ")
    page.locator("#sheet-go").hover()
    page.mouse.down()
    said = "停住原因" if language == "zh" else "Held because"
    expect(page.locator("#sheet-changed")).to_contain_text(said, timeout=15_000)
    page.mouse.up()
    expect(page.locator("#sheet")).to_be_visible()
    keep_picture(page, f"changed-{language}")
    assert server.peer.requests == []
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("已接受" if language == "zh" else "accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["resume"]
    assert [each for each in wrong if "409" not in each] == []
    page.context.close()


def test_an_action_that_is_refused_meanwhile_cannot_be_confirmed(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _held
    page, _ = open_page(browser, server, "desk", "en", "swap")
    page.locator("[data-action=resume]").click()
    expect(page.locator("#sheet-go")).to_have_attribute("aria-disabled", "false")
    server.peer.snapshot = station_sample.station
    expect(page.locator("#sheet-go")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#sheet-changed")).to_contain_text("Interlocks: none →")
    page.locator("#sheet-cancel").click()
    expect(page.locator("#sheet")).to_be_hidden()
    assert server.peer.requests == []
    page.context.close()


def test_without_a_confirmation_nothing_is_sent(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _held
    page, _ = open_page(browser, server, "desk", "en", "swap")
    page.route("**/api/v1/confirmations", lambda route: route.abort())
    page.locator("[data-action=resume]").click()
    expect(page.locator("#sheet")).to_contain_text("No confirmation from the server")
    expect(page.locator("#sheet-go")).to_have_attribute("aria-disabled", "true")
    page.unroute("**/api/v1/confirmations")
    page.locator("#sheet").get_by_role("button", name="Read").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("accepted")
    page.context.close()


def test_a_bay_is_put_back_into_use_against_a_confirmation(browser: Browser, server: RunningServer) -> None:
    page, _ = open_page(browser, server, "desk", "en", "bays/3")
    with page.expect_request("**/reset-charge") as sent:
        page.get_by_role("button", name="Reset charging").click()
        expect(page.locator("#sheet-facts")).to_contain_text("Safety chain")
        hold_down(page, "#sheet-go")
    assert sent.value.headers["x-confirmation"]
    expect(page.locator("#answer")).to_contain_text("accepted")
    page.context.close()
