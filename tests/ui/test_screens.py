"""Every screen opens without an error in it, fits the window, and has no fault that axe finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.server import station_sample
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, go_to, keep_picture, open_page

AXE = Path(__file__).parents[2] / "ops_ui" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = {
    "overview": ".bay",
    "swap": "#swap",
    "bays": "#bays",
    "bays/3": "#bay-detail",
    "plan": "#plan-chart canvas",
    "bookings": "#bookings",
    "alarms": "#alarms",
    "alarms/LOCK_NOT_OPEN%40truck": "#alarm-card",
    "maintenance": "#jobs",
    "more": "#main ul",
    "stock": "#stock tbody tr",
    "stock/B003": "#battery-work",
    "reports": "#report",
    "users": "#accounts",
    "audit": "#audit tbody tr",
    "settings": "#main form",
    "handover": "#main ul",
    "duty": "#reach li",
    "replay": "#replay-list",
    "lane": "#lane-sign",
    "upkeep": "#register tbody tr",
    "uplinks": "#headquarters-link",
    "money": "#main h1",
}
FAULTS = "axe.run().then(found => found.violations.map(each => `${each.id}: ${each.nodes[0].html}`))"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "language"), [("desk", "zh"), ("phone", "en")])
def test_every_screen(browser: Browser, server: RunningServer, size: str, language: str) -> None:
    server.peer.snapshot = station_sample.promised
    page, wrong = open_page(browser, server, size, language)
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for screen, landmark in SCREENS.items():
        go_to(page, screen)
        expect(page.locator(landmark).first).to_be_visible()
        keep_picture(page, f"{screen.split('%')[0].replace('/', '-')}-{size}-{language}")
        if not page.evaluate(NO_SIDEWAYS_SCROLL):
            found.append(f"{screen}: wider than the window")
        if AXE.exists():
            found += [f"{screen}: {each}" for each in page.evaluate(FAULTS)]
    assert found == []
    assert [each for each in wrong if "404" not in each] == [], "the battery has no health card yet, which is a 404"
    page.context.close()
