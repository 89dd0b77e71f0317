"""The operator page in a real browser, against a real server and a controller at the end of its socket."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from swapstation.model.charge_plan import PlanReason, PlanWatch
from swapstation.model.climate import ClimateGoal, ClimateMode
from swapstation.model.power import Demand, LimitCause, PowerState
from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.people import OPERATOR, PIN
from tests.server.running_server import RunningServer, running_server

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
STATIC = Path(__file__).parents[2] / "swapstation" / "server" / "static"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs chromium: apt-get install chromium fonts-noto-cjk"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with running_server() as server:
        yield server


def open_page(browser: Browser, server: RunningServer, size: str, language: str) -> tuple[Page, list[str]]:
    """The page with data on it, and whatever went wrong in it: console errors and requests to other hosts."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_init_script(
        f"localStorage.getItem('swapstation.language') ?? localStorage.setItem('swapstation.language', '{language}')"
    )
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if urlsplit(asked.url).hostname != "127.0.0.1" else None)
    page.goto(server.url)
    come_in(page)
    expect(page.locator(".bay")).to_have_count(9)
    expect(page.locator("#ready")).to_contain_text(re.compile("LFP-282: [12]"))
    return page, wrong


def come_in(page: Page) -> None:
    """Log in as a person does in the cabin."""
    page.locator("#door-account").fill(OPERATOR)
    page.locator("#door-secret").fill(PIN)
    page.locator("#log-in button").click()
    expect(page.locator("#account")).to_have_text(OPERATOR)


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where SWAPSTATION_PICTURES says so."""
    if folder := os.environ.get("SWAPSTATION_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_shows_the_station(browser: Browser, server: RunningServer, size: str, language: str) -> None:
    page, wrong = open_page(browser, server, size, language)
    zh = language == "zh"
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if zh else "en")
    expect(page.locator("#state")).to_have_text("换电中" if zh else "Swapping")
    expect(page.locator("#truck")).to_contain_text("LFWSRXSJ7M1F00001")
    expect(page.locator("#alarms li")).to_have_count(2)
    expect(page.locator("#alarms")).to_contain_text("车辆锁止未打开" if zh else "Truck lock did not open")
    expect(page.locator("#alarms")).to_contain_text("ODD_CODE")
    reach, chain = (
        ("车辆不在机器人可达范围内", "安全回路断开")
        if zh
        else ("the truck is out of the robot's reach", "Safety chain open")
    )
    expect(page.locator("#alarms")).to_contain_text(f"unlock: {reach}, {chain}, left pin")
    expect(page.locator(".steps .running")).to_contain_text("起吊并称重" if zh else "Lift and weigh")
    expect(page.locator(".missing")).to_contain_text("电池未称重" if zh else "the battery is not weighed")
    expect(page.locator(".bay").nth(2)).to_contain_text("充电中" if zh else "charging")
    expect(page.locator("#stale")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keep_picture(page, f"{size}-{language}")
    assert wrong == []
    page.context.close()


def _giving_and_heating(number: int) -> Snapshot:
    """Bay 1 gives power back, as planned, and the battery of bay 3 is warmed up before it is charged."""
    now = station_sample.promised(number)
    goals = tuple(replace(goal, max_kw=0.0, discharge_kw=60.0) if goal.bay == 1 else goal for goal in now.charge_goals)
    warms = PlanReason("climate_heats_for_charge", {"temperature_c": "-12", "to_c": "12"})
    return replace(now, charge_goals=goals, climate_goals=(ClimateGoal(3, ClimateMode.HEAT, 40.0, (warms,)),))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_what_gives_power_back_and_what_is_warmed_up(
    browser: Browser, server: RunningServer, language: str
) -> None:
    server.peer.snapshot = _giving_and_heating
    page, wrong = open_page(browser, server, "phone", language)
    rows = page.locator("#plan-rows li")
    zh = language == "zh"
    expect(rows.nth(0)).to_contain_text("放电 60 kW" if zh else "gives 60 kW")
    expect(rows.nth(1)).to_contain_text("充电前加热：-12 → 12 °C" if zh else "warms up to charge: -12 to 12")
    keep_picture(page, f"gives-phone-{language}")
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_shows_the_plan_its_reasons_and_the_site_s_course(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    server.peer.snapshot = station_sample.promised
    page, wrong = open_page(browser, server, size, language)
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
    expect(page.locator("#plan-chart path.limit")).to_be_visible()
    expect(page.locator("#plan-chart path.price")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keep_picture(page, f"plan-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_a_late_plan_is_said_and_its_course_is_not_shown(browser: Browser, server: RunningServer) -> None:
    late = PlanWatch(True, 130.0, late=True)
    server.peer.snapshot = lambda number: replace(station_sample.station(number), plan=None, plan_watch=late)
    page, wrong = open_page(browser, server, "desk", "zh")
    expect(page.locator("#plan-line")).to_have_text("没有新计划, 到站即充")
    expect(page.locator("#plan-chart-part")).to_be_hidden()
    assert wrong == []
    page.context.close()


def _with_a_full_header(number: int) -> Snapshot:
    """Everything that the header can tell: the limit with its cause and the running quarter of an hour."""
    demand = Demand(station_sample.AT, 155.0, False, limit_kw=800.0)
    power = PowerState(charging_kw=612.0, causes=(LimitCause("limit_demand", 700.0),), demand=demand)
    return replace(station_sample.station(number), power=power)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_however_much_the_header_tells_the_stop_is_within_the_window(
    browser: Browser, server: RunningServer, size: str, language: str
) -> None:
    server.peer.snapshot = _with_a_full_header
    page, wrong = open_page(browser, server, size, language)
    expect(page.locator("#limit-part")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    box = page.locator("#hold").bounding_box()
    assert box is not None
    assert box["x"] >= 0.0
    assert box["x"] + box["width"] <= SIZES[size][0]
    assert box["y"] + box["height"] <= 160.0, "at the top"
    keep_picture(page, f"header-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_the_limit_of_the_charging_is_shown_with_its_cause_and_the_demand(
    browser: Browser, server: RunningServer
) -> None:
    demand = Demand(station_sample.AT, 155.0, False, 700.0, 800.0)
    power = PowerState(charging_kw=612.0, causes=(LimitCause("limit_demand", 700.0),), demand=demand)
    server.peer.snapshot = lambda number: replace(station_sample.station(number), power=power)
    page, wrong = open_page(browser, server, "desk", "zh")
    expect(page.locator("#limit-part")).to_have_text("充电上限 612 kW 本刻钟需量 · 本刻钟 155 kWh / 200 kWh")
    assert wrong == []
    page.context.close()


def test_a_frozen_controller_is_seen_on_the_page(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "zh")
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
    assert wrong == []
    page.context.close()


def test_a_page_whose_scripts_get_no_messages_marks_itself(browser: Browser, server: RunningServer) -> None:
    """The socket stays open and silent, as with a frozen server: only the page's own timer can tell."""
    width, height = SIZES["desk"]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.request.post(f"{server.url}/api/v1/session", data={"account": OPERATOR, "secret": PIN})
    snapshot = page.request.get(f"{server.url}/api/v1/snapshot").json()["snapshot"]
    message = json.dumps({"snapshot": snapshot, "age_s": 0.0, "connected": True})
    page.route_web_socket(re.compile("/api/v1/live$"), lambda socket: socket.send(message))
    page.goto(server.url)
    expect(page.locator(".bay")).to_have_count(9)
    expect(page.locator("#stale")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_without_a_log_in_the_page_has_a_door_and_hold_works(
    browser: Browser, server: RunningServer, size: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(server.url)
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator("#door-code")).to_be_hidden()
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#actions-panel")).to_be_hidden()
    page.locator("#hold").click()
    expect(page.locator("#answer")).to_have_text("停止动作: 已接受")
    assert [(request.person, request.payload.kind) for request in server.peer.requests] == [("console", "hold")]
    page.locator("#door-account").fill(OPERATOR)
    page.locator("#door-secret").fill("wrong")
    page.locator("#log-in button").click()
    expect(page.locator("#door-answer")).to_contain_text("账号或口令不对")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keep_picture(page, f"door-{size}")
    come_in(page)
    expect(page.locator("#door")).to_be_hidden()
    expect(page.locator("#actions-panel")).to_be_visible()
    expect(page.locator(".bay")).to_have_count(9)
    page.locator("#log-out").click()
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator(".bay")).to_have_count(0)
    context.close()


def test_the_language_is_switched_and_remembered(browser: Browser, server: RunningServer) -> None:
    page, wrong = open_page(browser, server, "desk", "zh")
    page.locator("#language").click()
    expect(page.locator("#state")).to_have_text("Swapping")
    page.reload()
    expect(page.locator("#state")).to_have_text("Swapping")
    assert wrong == []
    page.context.close()


def test_what_is_refused_is_grey_and_says_why_and_what_is_allowed_takes_two_steps(
    browser: Browser, server: RunningServer
) -> None:
    page, _ = open_page(browser, server, "desk", "en")
    swap = page.locator("[data-action=swap]")
    expect(swap).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#actions-panel")).to_contain_text("the station is not idle, Truck lock did not open")
    swap.click(force=True)
    expect(page.locator("#answer")).to_contain_text("Not possible")
    page.locator("[data-action=abandon_swap]").click()
    page.locator("#sheet-reason").fill("lock pin <b>iced</b>")
    keep_picture(page, "desk-en-sheet")
    assert server.peer.requests == []
    page.locator("#sheet-go").click()
    expect(page.locator("#answer")).to_have_text("Abandon swap: accepted")
    page.locator("#alarms button").click()
    expect(page.locator("#answer")).to_have_text("Ack: accepted")
    assert [request.payload.kind for request in server.peer.requests] == ["abandon_swap", "acknowledge_alarm"]
    page.context.close()


def test_before_the_start_up_is_confirmed_the_survey_is_shown(browser: Browser, server: RunningServer) -> None:
    server.peer.snapshot = station_sample.after_start
    page, wrong = open_page(browser, server, "desk", "en")
    expect(page.locator("#state")).to_have_text("Start-up not confirmed")
    expect(page.locator(".survey")).to_contain_text("CONTRADICTS")
    expect(page.locator("#held")).to_have_text("Held because: after the start-up, waits for a resume")
    keep_picture(page, "desk-en-start")
    page.locator("[data-action=confirm_start_up]").click()
    page.locator("#sheet-go").click()
    expect(page.locator("#answer")).to_have_text("Confirm start-up: accepted")
    assert wrong == []
    page.context.close()


def test_both_languages_have_the_same_keys(browser: Browser) -> None:
    source = (STATIC / "texts.js").read_text(encoding="utf-8")
    zh, en = (
        set(re.findall(r'(?:^|, |\{ )\s*"?([a-z0-9_.]+)"?: "', block, re.MULTILINE))
        for block in re.findall(r"const (?:zh|en) = \{(.*?)\n\};", source, re.DOTALL)
    )
    assert zh == en
    assert len(zh) > 80
