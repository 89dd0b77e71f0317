"""A shift is handed over: notes and what stands open, signed by who leaves and by who comes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.running_server import LEAVING, RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, come_in, go_to, hold_down, keep_picture, open_page

pytestmark = pytest.mark.slow


def _with_a_battery_in_quarantine(number: int) -> Snapshot:
    now = station_sample.station(number)
    batteries = tuple(
        replace(each, quarantined=True, quarantine_reason="warm cell") if each.battery == "B007" else each
        for each in now.inventory.batteries
    )
    return replace(now, inventory=replace(now.inventory, batteries=batteries))


def test_both_sign_each_in_their_own_log_in(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = _with_a_battery_in_quarantine
    page, wrong = open_page(browser, server, "full", "zh", "handover")
    page.locator("#notes").fill("仓 3 风扇响.\n等备件.")
    page.locator("[data-action=hand_over]").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#waits")).to_contain_text("仓 3 风扇响.")
    expect(page.locator("#notes")).to_have_value("")
    expect(page.locator("[data-action=take_over]")).to_have_count(0)
    page.locator("#log-out").click()
    come_in(page, LEAVING)
    go_to(page, "handover")
    page.locator("#waits summary").click()
    expect(page.locator("#waits")).to_contain_text("B007")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, "handover-full-zh")
    page.locator("[data-action=take_over]").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#waits")).to_have_count(0)
    expect(page.locator("#past li").first).to_contain_text(LEAVING)
    assert wrong == []
    page.context.close()
