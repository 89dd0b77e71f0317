"""Control is in one place: who has it is seen everywhere, asked for, handed over; reasons are those of the server."""

from __future__ import annotations

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.server import station_sample
from tests.server.running_server import LEAVING, RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, go_to, hold_down, keep_picture, open_page

pytestmark = pytest.mark.slow


def test_control_is_asked_for_handed_over_used_and_taken_back(browser: Browser, server: RunningServer) -> None:
    cabin, wrong = open_page(browser, server, "desk", "en", "maintenance")
    far, _ = open_page(browser, server, "full", "zh", "duty", away=LEAVING)
    expect(cabin.locator("#control-banner")).to_have_count(0)
    expect(far.locator("#control-banner")).to_contain_text("控制权在站内操作台")
    far.locator("#control-do").click()
    hold_down(far, "#sheet-go")
    expect(far.locator("#answer")).to_contain_text("控制权未移交")
    keep_picture(far, "duty-asks")

    expect(cabin.locator("#control-banner")).to_contain_text(f"{LEAVING} asks for control")
    cabin.locator("#control-do").click()
    hold_down(cabin, "#sheet-go")
    expect(far.locator("#control-banner")).to_contain_text("控制权已移交给你")
    far.locator("#control-do").click()
    hold_down(far, "#sheet-go")
    expect(far.locator("#control-banner")).to_contain_text("你正在远程控制本站")
    expect(cabin.locator("#control-banner")).to_contain_text(f"{LEAVING} controls this station from afar")
    keep_picture(cabin, "control-taken")
    expect(far.locator("#reach li", has_text="开始换电")).to_contain_text("✓")
    expect(far.locator("#reach li", has_text="切换运行模式")).to_contain_text("只能在站内操作台进行")

    cabin.locator("#control-do").click()
    expect(cabin.locator("#control-banner")).to_have_count(0)
    expect(far.locator("#reach li", has_text="开始换电")).to_contain_text("控制权不在这里")
    assert [each for each in wrong if "409" not in each] == []
    cabin.context.close()
    far.context.close()


def test_buttons_say_what_is_not_done_from_afar(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.after_start
    page, wrong = open_page(browser, server, "desk", "en", "swap", away=LEAVING)
    confirm = page.locator("[data-action=confirm_start_up]")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    confirm.click(force=True)
    expect(page.locator("#answer")).to_contain_text("control is elsewhere")
    go_to(page, "maintenance")
    expect(page.locator("#main")).to_contain_text("this is done in the cabin only")
    page.locator("#hold").click()
    expect(page.locator("#answer")).to_contain_text("Hold: accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["hold"]
    assert wrong == []
    page.context.close()


def test_a_phone_that_has_control_moves_nothing(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.after_start
    page, wrong = open_page(browser, server, "phone", "zh", "duty", away=LEAVING)
    expect(page.locator("#desk-links")).to_contain_text("没有配置对讲")
    expect(page.locator("#desk-links")).to_contain_text("没有配置视频")
    offered = httpx2.post(
        f"{server.url}/api/v1/control/hand-over", json={"account": LEAVING}, headers=server.log_in(), trust_env=False
    )
    assert offered.status_code == 200
    expect(page.locator("#control-banner")).to_contain_text("已移交给你")
    page.locator("#control").get_by_role("button").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#control-banner")).to_contain_text("你正在远程控制本站")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, "duty-phone")
    for width, height in ((390, 844), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        go_to(page, "swap")
        expect(page.locator("[data-action=confirm_start_up]")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#actions-panel")).to_contain_text("手机上不能启动动作")
    page.locator("#control-do").click()
    expect(page.locator("#control-banner")).to_contain_text("控制权在站内操作台")
    assert server.peer.requests == []
    assert wrong == []
    page.context.close()
