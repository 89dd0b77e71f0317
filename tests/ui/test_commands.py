"""What people ask of the station through the console: the door, two steps away from safe, one step toward it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.request import Refused
from swapstation.model.snapshot import ActionState, Snapshot, StationState
from tests.server import station_sample
from tests.server.people import OPERATOR, PIN
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, SIZES, come_in, go_to, hold_down, keep_picture, open_page

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_without_a_log_in_the_page_has_a_door_and_hold_works(
    browser: Browser, server: RunningServer, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator("#door-code")).to_have_count(0)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("nav")).to_have_count(0)
    page.locator("#hold").click()
    expect(page.locator("#answer")).to_have_text("停止动作: 已接受")
    assert [(request.person, request.payload.kind) for request in server.peer.requests] == [("console", "hold")]
    page.locator("#door-account").fill(OPERATOR)
    page.locator("#door-secret").fill("wrong")
    page.locator("#log-in button[type=submit]").click()
    expect(page.locator("#door-answer")).to_contain_text("账号或口令不对")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"door-{size}")
    come_in(page)
    expect(page.locator("#door")).to_have_count(0)
    expect(page.locator(".bay")).to_have_count(9)
    go_to(page, "more")
    page.locator("#main button").click()
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator(".bay")).to_have_count(0)
    context.close()


def test_the_number_pad_writes_a_pin(browser: Browser, server: RunningServer) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(server.url)
    page.locator("#door-account").fill(OPERATOR)
    for digit in f"9{PIN}":
        page.locator(".pad button", has_text=digit).click()
        if digit == "9" and page.locator("#door-secret").input_value() == "9":
            page.locator(".pad button", has_text="删除").click()
    expect(page.locator("#door-secret")).to_have_value(PIN)
    page.locator("#log-in button[type=submit]").click()
    expect(page.locator("#account")).to_have_text(OPERATOR)
    context.close()


def test_what_is_refused_is_grey_and_says_why_and_what_is_allowed_takes_two_steps(
    browser: Browser, server: RunningServer
) -> None:
    page, _ = open_page(browser, server, "desk", "en", "swap")
    swap = page.locator("[data-action=swap]")
    expect(swap).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#actions-panel")).to_contain_text("the station is not idle, Truck lock did not open")
    swap.click(force=True)
    expect(page.locator("#answer")).to_contain_text("Not possible")
    page.locator("[data-action=abandon_swap]").click()
    expect(page.locator("#sheet-go")).to_have_attribute("aria-disabled", "true")
    page.locator("#sheet-reason").fill("lock pin <b>iced</b>")
    keep_picture(page, "desk-en-sheet")
    page.locator("#sheet-go").click()
    expect(page.locator("#sheet")).to_be_visible()
    assert server.peer.requests == [], "a short press is no hold"
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_have_text("Abandon swap: accepted")
    go_to(page, "alarms")
    page.locator("#alarms button").click()
    expect(page.locator("#answer")).to_have_text("Ack: accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["abandon_swap", "acknowledge_alarm"]
    page.context.close()


def test_what_only_makes_things_safer_takes_one_press_after_its_reason(browser: Browser, server: RunningServer) -> None:
    page, _ = open_page(browser, server, "desk", "en", "bays/3")
    page.get_by_role("button", name="Lock out", exact=True).click()
    expect(page.locator("#sheet-go")).to_be_disabled()
    page.locator("#sheet-reason").fill("its fan is loud")
    page.locator("#sheet-go").click()
    expect(page.locator("#answer")).to_contain_text("accepted")
    (asked,) = server.peer.requests
    assert asked.payload.kind == "lock_out_bay"
    page.context.close()


def test_a_refusal_is_told_with_its_reasons(browser: Browser, server: RunningServer) -> None:
    server.peer.answer = lambda request: Refused(request.key, "no_such_alarm", "gone meanwhile")
    page, _ = open_page(browser, server, "desk", "en", "alarms")
    page.locator("#alarms button").click()
    expect(page.locator("#answer")).to_contain_text("Ack: refused.")
    expect(page.locator("#answer")).to_contain_text("gone meanwhile")
    page.context.close()


def test_no_answer_is_said(browser: Browser, server: RunningServer) -> None:
    server.peer.answer = lambda _: None
    page, _ = open_page(browser, server, "desk", "en")
    page.locator("#hold").click()
    expect(page.locator("#answer")).to_have_text("Hold: no answer, press again")
    page.context.close()


def test_before_the_start_up_is_confirmed_the_survey_is_shown(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.after_start
    page, wrong = open_page(browser, server, "desk", "en", "swap")
    expect(page.locator("#state")).to_have_text("Start-up not confirmed")
    expect(page.locator(".survey tbody tr").first).to_contain_text("CONTRADICTS")
    expect(page.locator("#held")).to_have_text("Held because: after the start-up, waits for a resume")
    keep_picture(page, "desk-en-start")
    page.locator("[data-action=confirm_start_up]").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_have_text("Confirm start-up: accepted")
    assert wrong == []
    page.context.close()


def _held(number: int) -> Snapshot:
    """The swap of the sample, held: a person is asked how it is to go on."""
    causes = ("go_on", "mechanical", "doubt")
    answers = tuple(
        ActionState(f"divert_swap_{each}", each != "go_on", ("not_held",) * (each == "go_on")) for each in causes
    )
    now = station_sample.station(number)
    return replace(now, state=StationState.HELD, hold_reasons=("person",), actions=(*now.actions, *answers))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_held_swap_asks_how_to_go_on(browser: Browser, server: RunningServer, language: str) -> None:
    server.peer.snapshot = _held
    page, wrong = open_page(browser, server, "desk", language, "swap")
    expect(page.locator("[data-action=divert_swap_go_on]")).to_have_attribute("aria-disabled", "true")
    page.locator("[data-action=divert_swap_mechanical]").click()
    page.locator("#sheet-reason").fill("pin bent")
    keep_picture(page, f"recovery-{language}")
    hold_down(page, "#sheet-go")
    zh = language == "zh"
    expect(page.locator("#answer")).to_contain_text("已接受" if zh else "accepted")
    (asked,) = [request.payload for request in server.peer.requests]
    assert (asked.kind, getattr(asked, "cause", None)) == ("divert_swap", "mechanical")
    assert wrong == []
    page.context.close()


def test_a_phone_starts_no_motion(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.after_start
    page, _ = open_page(browser, server, "phone", "en", "swap")
    confirm = page.locator("[data-action=confirm_start_up]")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    confirm.click(force=True)
    expect(page.locator("#answer")).to_contain_text("No motion is started from a phone")
    assert server.peer.requests == []
    page.context.close()
