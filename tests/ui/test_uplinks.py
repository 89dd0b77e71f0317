"""The links beyond the site on the page, with a real double of a headquarters that goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.server.headquarters_rig import double, settings
from tests.server.running_server import RunningServer, running_server
from tests.ui.conftest import go_to, keep_picture, open_page

pytestmark = pytest.mark.slow
VIN = "LFWSRXSJ7M1F00001"
MASTER = {"revision": 7, "rules": [{"vin": VIN, "allowed": False, "reason": "lease ended", "until": None}]}


def test_a_headquarters_that_goes_away_is_seen_with_why_and_tried_again(browser: Browser, tmp_path: Path) -> None:
    with double(tmp_path) as headquarters:
        headquarters.master = MASTER
        headquarters.start()
        with running_server(headquarters=settings(headquarters)) as server:
            page, wrong = open_page(browser, server, "desk", "en", "uplinks")
            link, retry = page.locator("#headquarters-link"), page.get_by_role("button", name="Try now")
            expect(link.locator("[data-condition]")).to_have_text("not tried yet")
            expect(link.locator("[data-master]")).to_have_text("up")
            expect(link.locator("dd").last).to_have_text("7")
            headquarters.kill()
            expect(link.locator("[data-master]")).to_have_text("lost, tried again later", timeout=15_000)
            headquarters.start()
            retry.click()
            expect(link.locator("[data-master]")).to_have_text("up", timeout=15_000)
            page.reload()
            expect(page.locator("main")).to_contain_text(VIN)
            expect(page.locator("main")).to_contain_text("lease ended")
            keep_picture(page, "uplinks-desk-en")
            assert [each for each in wrong if "404" not in each] == [], "there is no platform, which is a 404"
            page.context.close()


def test_a_station_without_links_says_so(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "phone", "zh")
    go_to(page, "uplinks")
    expect(page.locator("#platform-link")).to_contain_text("本站未配置")
    expect(page.locator("#headquarters-link")).to_contain_text("本站未配置")
    assert [each for each in wrong if "404" not in each] == []
    page.context.close()
