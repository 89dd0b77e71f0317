"""The maintenance of devices on the page: an open work order is begun and finished, with the words that were typed."""

from __future__ import annotations

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from swapstation.server.actor import API
from tests.server.running_server import RunningServer
from tests.ui.conftest import go_to, open_page

pytestmark = pytest.mark.slow


def test_a_part_that_went_is_written_down_and_seen_in_its_movements(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "en")
    go_to(page, "upkeep")
    part = page.locator("#parts > li").first
    before = int(part.locator(".value").first.inner_text())
    part.get_by_role("button", name="Movements").click()
    part.get_by_label("Count").fill("3")
    part.get_by_label("Remark").fill("bought")
    part.get_by_role("button", name="Write down").click()
    expect(part.locator("ol li").first).to_contain_text("+3")
    expect(part.locator(".value").first).to_have_text(str(before + 3))
    assert wrong == []
    page.context.close()


def test_the_reliability_of_every_device_is_told(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "en")
    go_to(page, "upkeep")
    device = page.locator("#register tbody tr")
    expect(device.first).to_be_visible()
    expect(page.locator("#reliability tbody tr")).to_have_count(device.count())
    assert wrong == []
    page.context.close()


def test_a_work_order_is_begun_and_finished(browser: Browser, server: RunningServer) -> None:
    headers = server.log_in()
    asked = {"device": "robot", "text": "the hoist hums"}
    made = httpx2.post(f"{server.url}{API}/maintenance/orders", json=asked, headers=headers, trust_env=False)
    number = made.json()["number"]
    page, wrong = open_page(browser, server, "desk", "en")
    go_to(page, "upkeep")
    order = page.locator("#orders li").filter(has_text="the hoist hums")
    order.get_by_role("button", name="Begin").click()
    order.get_by_label("Remark").fill("rope greased")
    order.get_by_role("button", name="Finish").click()
    expect(order).to_have_count(0)
    found = httpx2.get(f"{server.url}{API}/maintenance/orders/{number}", headers=headers, trust_env=False).json()
    assert [(each["state"], each["text"]) for each in found["steps"]] == [
        ("open", ""),
        ("begun", ""),
        ("done", "rope greased"),
    ]
    expect(page.locator("#register")).to_contain_text("robot")
    assert wrong == []
    page.context.close()
