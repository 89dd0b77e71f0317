"""The operator console in a real browser: what it shows of the station, and that it says so when it cannot know."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from swapstation.model.charge_plan import PlanReason, PlanWatch
from swapstation.model.climate import ClimateGoal, ClimateMode
from swapstation.model.power import Demand, LimitCause, PowerState
from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.people import OPERATOR, PIN
from tests.server.running_server import RunningServer
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, SIZES, go_to, keep_picture, open_page

pytestmark = pytest.mark.slow
BOTH = pytest.mark.parametrize("language", ["zh", "en"])
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)
EACH_ONCE = pytest.mark.parametrize(("size", "language"), [("full", "zh"), ("desk", "en"), ("phone", "zh")])


@BOTH
@EVERY_SIZE
def test_the_overview_shows_the_station(browser: Browser, server: RunningServer, size: str, language: str) -> None:
    page, wrong = open_page(browser, server, size, language)
    zh = language == "zh"
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if zh else "en")
    expect(page.locator("#state")).to_have_text("换电中" if zh else "Swapping")
    expect(page.locator("#grid")).to_have_text("482 kW")
    expect(page.locator("#training")).to_have_count(0)
    expect(page.locator(".bay")).to_have_count(9)
    lane = page.locator("#truck" if size == "phone" else "#lane")
    expect(lane).to_contain_text("LFWSRXSJ7M1F00001")
    expect(page.locator("#robot" if size == "phone" else "#rail")).to_contain_text("12.40")
    expect(page.locator("#alarms li")).to_have_count(2)
    expect(page.locator("#alarms")).to_contain_text("车辆锁止未打开" if zh else "Truck lock did not open")
    expect(page.locator("#alarms")).to_contain_text("ODD_CODE")
    reach, chain = (
        ("车辆不在机器人可达范围内", "安全回路断开")
        if zh
        else ("the truck is out of the robot's reach", "Safety chain open")
    )
    expect(page.locator("#alarms")).to_contain_text(f"unlock: {reach}, {chain}, left pin")
    expect(page.locator("#banner")).to_contain_text("车辆锁止未打开" if zh else "Truck lock did not open")
    expect(page.locator("#banner")).to_contain_text("2:1")
    expect(page.locator("#swap-strip")).to_contain_text("起吊并称重" if zh else "Lift and weigh")
    expect(page.locator(".bay").nth(2)).to_contain_text("充电中" if zh else "charging")
    expect(page.locator("#stale")).to_be_hidden()
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    if size != "phone":
        assert page.evaluate("document.documentElement.scrollHeight <= document.documentElement.clientHeight")
        assert page.locator("#main").evaluate("main => main.scrollHeight <= main.clientHeight"), "no page scroll"
    keep_picture(page, f"overview-{size}-{language}")
    assert wrong == []
    page.context.close()


@EACH_ONCE
def test_the_swap_screen_shows_steps_and_what_is_missing(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    page, wrong = open_page(browser, server, size, language, "swap")
    zh = language == "zh"
    expect(page.locator("#truck")).to_contain_text("LFWSRXSJ7M1F00001")
    expect(page.locator(".steps .running")).to_contain_text("起吊并称重" if zh else "Lift and weigh")
    expect(page.locator(".steps .running")).to_contain_text("6 s / 60 s")
    expect(page.locator(".missing")).to_contain_text("电池未称重" if zh else "the battery is not weighed")
    expect(page.locator("#exchange")).to_contain_text("B009")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"swap-{size}-{language}")
    assert wrong == []
    page.context.close()


def _giving_and_heating(number: int) -> Snapshot:
    """Bay 1 gives power back, as planned, and the battery of bay 3 is warmed up before it is charged."""
    now = station_sample.promised(number)
    goals = tuple(replace(goal, max_kw=0.0, discharge_kw=60.0) if goal.bay == 1 else goal for goal in now.charge_goals)
    warms = PlanReason("climate_heats_for_charge", {"temperature_c": "-12", "to_c": "12"})
    return replace(now, charge_goals=goals, climate_goals=(ClimateGoal(3, ClimateMode.HEAT, 40.0, (warms,)),))


@BOTH
def test_the_plan_shows_what_gives_power_back_and_what_is_warmed_up(
    browser: Browser, server: RunningServer, language: str
) -> None:
    server.peer.snapshot = _giving_and_heating
    page, wrong = open_page(browser, server, "phone", language, "plan")
    rows = page.locator("#plan-rows li")
    zh = language == "zh"
    expect(rows.nth(0)).to_contain_text("放电 60 kW" if zh else "gives 60 kW")
    expect(rows.nth(1)).to_contain_text("充电前加热：-12 → 12 °C" if zh else "warms up to charge: -12 to 12")
    keep_picture(page, f"gives-phone-{language}")
    assert wrong == []
    page.context.close()


@EACH_ONCE
def test_the_plan_shows_its_reasons_and_the_site_s_course(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    server.peer.snapshot = station_sample.promised
    page, wrong = open_page(browser, server, size, language, "plan")
    zh = language == "zh"
    expect(page.locator("#plan-line")).to_contain_text("312 元" if zh else "312 yuan")
    store = page.locator("#plan-rows li", has_text="储能" if zh else "Store")
    expect(store).to_contain_text("-60 kW")
    expect(store).to_contain_text("按计划 -60 kW" if zh else "follows the plan: -60 kW")
    rows = page.locator("#plan-rows li")
    expect(rows).to_have_count(6)
    expect(rows.nth(0)).to_contain_text("已充到目标" if zh else "at its target")
    expect(rows.nth(1)).to_contain_text("15:28")
    expect(rows.nth(1)).to_contain_text("到站" if zh else "needs 70 %")
    expect(rows.nth(2)).to_contain_text("等 16:00 起的低价" if zh else "waits for the price of 16:00")
    expect(rows.nth(3)).to_contain_text("15:28 的预约 BK-2" if zh else "booking BK-2 needs it at 15:28")
    expect(rows.nth(4)).to_contain_text("到站即充" if zh else "charged on arrival")
    expect(page.locator("#promises li")).to_have_count(2)
    expect(page.locator("#promises li").nth(0)).to_contain_text("B002")
    expect(page.locator("#plan-chart canvas")).to_be_visible()
    page.locator("#plan-chart-part summary").click()
    expect(page.locator("#plan-chart-part tbody tr")).to_have_count(24)
    expect(page.locator("#plan-chart-part tbody tr").nth(0)).to_contain_text("14:30")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    keep_picture(page, f"plan-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_a_late_plan_is_said_and_its_course_is_not_shown(browser: Browser, server: RunningServer) -> None:
    late = PlanWatch(True, 130.0, late=True)
    server.peer.snapshot = lambda number: replace(station_sample.station(number), plan=None, plan_watch=late)
    page, wrong = open_page(browser, server, "desk", "zh", "plan")
    expect(page.locator("#plan-line")).to_have_text("没有新计划, 到站即充")
    expect(page.locator("#plan-chart")).to_have_count(0)
    assert wrong == []
    page.context.close()


def _with_a_full_header(number: int) -> Snapshot:
    """Everything that the header can tell: the limit with its cause and the running quarter of an hour."""
    demand = Demand(station_sample.AT, 155.0, False, limit_kw=800.0)
    power = PowerState(charging_kw=612.0, causes=(LimitCause("limit_demand", 700.0),), demand=demand)
    return replace(station_sample.station(number), power=power)


@EACH_ONCE
def test_however_much_the_header_tells_the_stop_is_within_the_window(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    server.peer.snapshot = _with_a_full_header
    page, wrong = open_page(browser, server, size, language)
    expect(page.locator("#limit")).to_be_visible()
    expect(page.locator("#limit")).to_have_text("612 kW")
    if language == "zh":
        expect(page.locator("#limit-why")).to_have_text("本刻钟需量 · 本刻钟 155 kWh / 200 kWh")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    box = page.locator("#hold").bounding_box()
    assert box is not None
    assert box["x"] >= 0.0
    assert box["x"] + box["width"] <= SIZES[size][0]
    assert box["y"] + box["height"] <= 160.0, "at the top"
    keep_picture(page, f"header-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_a_frozen_controller_is_seen_and_place_and_input_stay(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "zh", "swap")
    page.locator("#vin").fill("LHALFWRITTEN")
    server.peer.frozen = True
    expect(page.locator("#stale")).to_be_visible()
    assert "line-through" in page.locator("#truck .value").first.evaluate(
        "node => getComputedStyle(node).textDecoration"
    )
    page.locator("#hold").click()
    expect(page.locator("#answer")).to_have_text("停止动作: 已接受")
    assert [request.payload.kind for request in server.peer.requests] == ["hold"]
    keep_picture(page, "desk-zh-stale")
    server.peer.frozen = False
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#vin")).to_have_value("LHALFWRITTEN")
    assert wrong == []
    page.context.close()


def test_a_page_that_gets_no_messages_marks_itself(browser: Browser, server: RunningServer) -> None:
    """The socket stays open and silent, as with a frozen server: only the page's own timer can tell."""
    width, height = SIZES["desk"]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.request.post(f"{server.url}/api/v1/session", data={"account": OPERATOR, "secret": PIN})
    snapshot = page.request.get(f"{server.url}/api/v1/snapshot").json()["snapshot"]
    message = json.dumps({"snapshot": snapshot, "age_s": 0.0, "connected": True, "training": True})
    page.route_web_socket(re.compile("/api/v1/live$"), lambda socket: socket.send(message))
    page.goto(server.url)
    expect(page.locator(".bay")).to_have_count(9)
    expect(page.locator("#training")).to_be_visible()
    expect(page.locator("#stale")).to_be_visible()
    go_to(page, "lane")
    expect(page.locator("#lane-sign")).to_contain_text("等待工作人员")
    context.close()


def test_the_language_is_switched_and_remembered(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "zh", "plan")
    page.locator("#language").click()
    expect(page.locator("#state")).to_have_text("Swapping")
    page.reload()
    expect(page.locator("#state")).to_have_text("Swapping")
    expect(page.locator("#plan-line")).to_be_visible()
    assert wrong == []
    page.context.close()
