"""A browser, a real server with a controller at the end of its socket, and a person who comes in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.journal import AlarmChanged
from tests.server import station_sample
from tests.server.controller_peer import accept
from tests.server.people import OPERATOR, PASSWORD, PIN
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
HOUR = timedelta(hours=1)
SIZES = {"full": (1920, 1080), "desk": (1280, 800), "phone": (390, 844)}
NO_SIDEWAYS_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Of this folder, and no longer: while it is open its event loop runs in this thread, and no test elsewhere could
    begin one of its own, in whatever order a worker takes tests.
    """
    if not CHROMIUM.exists():
        pytest.skip("needs chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_server() -> Iterator[RunningServer]:
    with running_server(_with_past_alarms) as server:
        yield server


def _with_past_alarms(config: Config) -> None:
    """A smoke alarm of an hour ago that is over, and a lock that did not open half an hour ago and stands."""
    now = datetime.now(UTC)
    engine = open_station_database(config)
    smoke = Alarm("BAY_SMOKE@bay-5", "BAY_SMOKE", "bay-5", Priority.CRITICAL, AlarmState.UNACKNOWLEDGED, now - HOUR)
    seen = replace(smoke, state=AlarmState.ACKNOWLEDGED, acknowledged_by=OPERATOR)
    lock = replace(smoke, alarm="LOCK_NOT_OPEN@truck", code="LOCK_NOT_OPEN", source="truck", priority=Priority.HIGH)
    write(engine, [AlarmChanged(smoke)], now - HOUR, 1)
    write(engine, [AlarmChanged(seen), AlarmChanged(seen, gone=True)], now - HOUR / 2, 1)
    write(engine, [AlarmChanged(replace(lock, raised_at=now - HOUR / 2))], now - HOUR / 2, 1)
    engine.dispose()


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    """The server, with the controller as it was before any test."""
    peer = shared_server.peer
    peer.requests.clear()
    peer.snapshot, peer.answer, peer.frozen = station_sample.station, accept, False
    return shared_server


def open_page(
    browser: Browser, server: RunningServer, size: str, language: str, screen: str = "overview", away: str = ""
) -> tuple[Page, list[str]]:
    """A screen with data on it, and whatever went wrong in it: console errors and requests to other hosts.

    `away` is the account of somebody at a distance; without it a person in the cabin looks.
    """
    width, height = SIZES[size]
    through = {"X-Forwarded-For": "192.168.10.77"} if away else None
    context = browser.new_context(viewport={"width": width, "height": height}, extra_http_headers=through)
    context.add_init_script(
        f"localStorage.getItem('swapstation.language') ?? localStorage.setItem('swapstation.language', '{language}')"
    )
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if urlsplit(asked.url).hostname != "127.0.0.1" else None)
    page.goto(f"{server.url}/#/{screen}")
    come_in(page, *((away, PASSWORD) if away else ()))
    expect(page.locator("#ready")).to_contain_text(re.compile("LFP-282: [12]"))
    return page, wrong


def come_in(page: Page, account: str = OPERATOR, secret: str = PIN) -> None:
    """Log in as a person does, in the cabin unless told otherwise."""
    page.locator("#door-account").fill(account)
    page.locator("#door-secret").fill(secret)
    page.locator("#log-in button[type=submit]").click()
    expect(page.locator("#account")).to_have_text(account)


def go_to(page: Page, screen: str) -> None:
    """Another screen, as its link would."""
    page.evaluate(f"location.hash = '#/{screen}'")


def hold_down(page: Page, selector: str) -> None:
    """Press a button that is away from safe until it has taken effect: two seconds."""
    page.locator(selector).hover()
    page.mouse.down()
    expect(page.locator("#sheet")).to_be_hidden()
    page.mouse.up()


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where SWAPSTATION_PICTURES says so."""
    if folder := os.environ.get("SWAPSTATION_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
