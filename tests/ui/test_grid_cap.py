"""The grid calls: a cap on the station's power, entered and ended by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.power import DispatchPhase, DispatchState, PowerState
from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, hold_down, keep_picture, open_page

pytestmark = pytest.mark.slow
AN_HOUR = timedelta(hours=1)


def _capped(number: int) -> Snapshot:
    now = station_sample.station(number)
    order = Dispatch(
        "cap-7", DispatchSource.GRID_EMERGENCY, DispatchKind.IMPORT_CAP, 400.0, now.at, now.at + AN_HOUR, now.at
    )
    return replace(now, power=PowerState(charging_kw=320.0, dispatches=(DispatchState(order, DispatchPhase.IN_FORCE),)))


def test_a_cap_is_one_press_after_its_number_and_counts_by_the_station_s_clock(
    browser: Browser, server: RunningServer
) -> None:
    page, wrong = open_page(browser, server, "desk", "en", "plan")
    press = page.locator("[data-action=set_cap]")
    press.click(force=True)
    expect(page.locator("#answer")).to_contain_text("first say how much")
    page.locator("#cap-kw").fill("400")
    page.locator("#cap-minutes").fill("90")
    press.click()
    expect(page.locator("#sheet-effect")).to_contain_text("at most 400 kW")
    page.locator("#sheet-go").click()
    expect(page.locator("#answer")).to_contain_text("accepted")
    (asked,) = [each.payload for each in server.peer.requests]
    assert isinstance(asked, PutDispatch)
    assert (asked.source, asked.asks, asked.value) == (DispatchSource.GRID_EMERGENCY, DispatchKind.IMPORT_CAP, 400.0)
    assert asked.ends_at - asked.starts_at == timedelta(minutes=90)
    assert abs(asked.starts_at - station_sample.AT) < timedelta(days=1), "not by the browser's clock"
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_cap_that_stands_is_shown_and_ended_with_a_reason(browser: Browser, server: RunningServer, size: str) -> None:
    server.peer.snapshot = _capped
    page, wrong = open_page(browser, server, size, "zh", "plan")
    expect(page.locator("#caps li")).to_contain_text("400 kW")
    expect(page.locator("#caps li")).to_contain_text("电网紧急限电")
    page.locator("#cap-why").fill("电网来电: 恢复")
    page.locator("[data-action=end_cap]").click()
    hold_down(page, "#sheet-go")
    expect(page.locator("#answer")).to_contain_text("已接受")
    assert [each.payload for each in server.peer.requests] == [EndDispatch("cap-7", "电网来电: 恢复")]
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"cap-{size}")
    assert wrong == []
    page.context.close()
