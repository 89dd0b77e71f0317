"""Past alarms with filters, the figures of alarm management, an alarm's card with its trend, and what people hid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.alarm import Suppression
from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, hold_down, keep_picture, open_page
from tests.ui.test_screens import AXE, FAULTS

pytestmark = pytest.mark.slow
EACH_ONCE = pytest.mark.parametrize(("size", "language"), [("full", "zh"), ("desk", "en"), ("phone", "zh")])
TABS = {"shelved": ("搁置", "Shelved"), "history": ("历史", "History"), "figures": ("统计", "Figures")}


def _shelved(number: int) -> Snapshot:
    now = station_sample.station(number)
    hidden = replace(
        now.alarms[0],
        suppression=Suppression.SHELVED,
        suppressed_by="li",
        suppression_reason="pin is changed",
        suppressed_until=now.at + timedelta(minutes=12),
    )
    return replace(now, alarms=(hidden, *now.alarms[1:]))


@EACH_ONCE
def test_past_alarms_are_filtered_and_counted(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    page, wrong = open_page(browser, server, size, language, "alarms")
    zh = language == "zh"
    name = {tab: words[0 if zh else 1] for tab, words in TABS.items()}
    page.get_by_role("button", name=name["history"], exact=True).click()
    rows = page.locator("#history li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("车辆锁止未打开" if zh else "Truck lock did not open")
    keep_picture(page, f"history-{size}-{language}")
    page.locator("#history-standing").select_option("gone")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("bay-5")
    page.locator("#history-text").fill("truck")
    expect(page.locator("#history-count")).to_contain_text("0")
    page.locator("#history-text").fill("BAY-5")
    page.locator("#history-priority").select_option("2")
    expect(page.locator("#history-count")).to_contain_text("0")
    faults = _axe(page) if size != "full" else []
    page.get_by_role("button", name=name["figures"], exact=True).click()
    expect(page.locator("#top-ten li")).to_have_count(2)
    expect(page.locator("#standing")).to_contain_text("2")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"figures-{size}-{language}")
    assert faults + (_axe(page) if size != "full" else []) == []
    assert wrong == []
    page.context.close()


def _axe(page: object) -> list[str]:
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    return list(page.evaluate(FAULTS))  # type: ignore[attr-defined]


def test_the_card_shows_how_often_it_came_and_hides_it_against_a_confirmation(
    browser: Browser, server: RunningServer
) -> None:
    page, wrong = open_page(browser, server, "desk", "en", "alarms/LOCK_NOT_OPEN%40truck")
    expect(page.locator("#alarm-trend")).to_contain_text("Came 1 times in the last 7 days")
    page.get_by_role("button", name="Shelve", exact=True).click()
    page.locator("#sheet-reason").fill("pin is changed")
    with page.expect_request("**/shelve") as sent:
        hold_down(page, "#sheet-go")
    assert sent.value.headers["x-confirmation"]
    expect(page.locator("#answer")).to_contain_text("accepted")
    keep_picture(page, "card-desk-en")
    assert [request.payload.kind for request in server.peer.requests] == ["shelve_alarm"]
    assert wrong == []
    page.context.close()


def test_what_was_hidden_is_listed_with_its_reason_and_shown_again_by_one_press(
    browser: Browser, server: RunningServer
) -> None:
    server.peer.snapshot = _shelved
    page, wrong = open_page(browser, server, "phone", "en", "alarms")
    expect(page.locator("#banner")).to_contain_text("Z:1")
    page.get_by_role("button", name="Shelved", exact=True).click()
    expect(page.locator("#hidden")).to_contain_text("li: pin is changed · until ")
    keep_picture(page, "shelved-phone-en")
    page.get_by_role("button", name="Show again").click()
    expect(page.locator("#answer")).to_contain_text("accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["show_alarm"]
    assert wrong == []
    page.context.close()
