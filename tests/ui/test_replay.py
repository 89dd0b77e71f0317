"""A swap and a safety event, replayed: what held, what happened, who pressed what, the station as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.model.inventory import Swap, SwapResult
from swapstation.model.journal import (
    IntentRecorded,
    IntentResolved,
    Outcome,
    Record,
    RequestAnswered,
    StateChanged,
    SwapClosed,
    SwapOpened,
    SwapStepped,
)
from swapstation.model.request import Accepted, HoldStation, Request
from swapstation.model.snapshot import Snapshot
from swapstation.model.truck_request import RegisterTruck
from swapstation.records.telemetry.hot import open_hot
from swapstation.records.telemetry.sampling import Sampler
from tests.inventory.stock import change
from tests.records.moments import AT as EVENT_AT
from tests.records.moments import moment, raised, recorder
from tests.server import station_sample
from tests.server.running_server import RunningServer, running_server
from tests.ui.conftest import NO_SIDEWAYS_SCROLL, go_to, keep_picture, open_page
from tests.ui.test_screens import AXE, FAULTS

pytestmark = pytest.mark.slow
WORKERS_S = 60
"""Telemetry is asked in processes of its own, with low priority, which begin with the first question."""
BEGIN = datetime(2026, 11, 20, 6, tzinfo=UTC)
VIN, SWAP = station_sample.VIN, "S0001-00000007"


def _records() -> list[tuple[float, Record]]:
    """A swap of a minute that a person holds once."""
    swap = Swap(SWAP, VIN, "6x4-tractor", "top_lift", "hash", "identify", person="wang", opened_at=BEGIN)
    hold = Request("key-1", "wang", HoldStation("a hand in the lane"))
    return [
        (0.0, StateChanged("idle", "execute", "swap")),
        (0.0, SwapOpened(swap, ())),
        (5.0, SwapStepped(SWAP, "identify", "lift", 5.0)),
        (6.0, IntentRecorded(7, 1, "LiftBattery", "{}", SWAP)),
        (20.0, RequestAnswered(hold, Accepted("key-1", {}))),
        (21.0, StateChanged("execute", "held", "person")),
        (40.0, StateChanged("held", "execute", "resumed")),
        (45.0, IntentResolved(7, Outcome.DONE, "")),
        (60.0, SwapClosed(SWAP, SwapResult.COMPLETED, "", 60.0)),
        (60.0, StateChanged("execute", "idle", "swap")),
    ]


def _seen(second: int) -> Snapshot:
    """The sample at a second of the swap: the robot moves, a bay is charged."""
    now = station_sample.station()
    assert now.robot.value is not None
    robot = replace(now.robot, value=replace(now.robot.value, x_mm=1000 + 100 * second))
    return replace(now, at=BEGIN + timedelta(seconds=second), robot=robot)


def _recorded(config: Config) -> None:
    engine = open_station_database(config)
    boot = start_boot(engine, "1", "hash", EVENT_AT)
    change(engine, RegisterTruck(VIN, "6x4-tractor"))
    write(engine, [raised("BAY_SMOKE")], EVENT_AT, boot)
    for second, record in _records():
        write(engine, [record], BEGIN + timedelta(seconds=second), boot)
    engine.dispose()
    store, sampler = open_hot(config.data / "telemetry"), Sampler()
    for second in range(-5, 90):
        store.add(sampler.rows(_seen(second)))
    store.close()
    box = recorder(config.data / "black_box")
    box.take(moment(0.0, raised("BAY_SMOKE")))
    box.take(moment(61.0))
    box.close()


@pytest.fixture(scope="module")
def past() -> Iterator[RunningServer]:
    with running_server(_recorded) as server:
        span = {"first": BEGIN.isoformat(), "last": (BEGIN + timedelta(minutes=1)).isoformat()}
        frames = f"{server.url}/api/v1/records/frames/robot"
        headers = server.log_in()
        told = httpx2.get(frames, params=span, headers=headers, timeout=WORKERS_S, trust_env=False)
        assert len(told.json()["series"]["robot"]) > 60
        yield server


def _drag_to(page: Page, second: float) -> None:
    page.locator("#scrub").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        BEGIN.timestamp() + second,
    )


@pytest.mark.parametrize(("size", "language"), [("full", "zh"), ("desk", "en"), ("phone", "zh")])
def test_a_swap_is_scrubbed_with_the_station_as_it_was(
    browser: Browser, past: RunningServer, size: str, language: str
) -> None:
    zh = language == "zh"
    page, wrong = open_page(browser, past, size, language, "replay")
    page.locator("#replay-list a", has_text=VIN).click()
    expect(page.locator("#replay-state")).to_have_text("换电中" if zh else "Swapping")
    expect(page.locator("#moments li")).to_have_count(10)
    expect(page.locator("#moments li").nth(7)).to_contain_text("吊起电池 · 已完成" if zh else "Lift the battery · done")
    expect(page.locator("#moments li", has_text="wang").nth(1)).to_contain_text("停止动作" if zh else "Hold")
    robot = page.locator("#past-robot" if size == "phone" else "#past #rail")
    expect(robot).to_be_visible(timeout=1000 * WORKERS_S)
    for second, state, step, x in (
        (10, "Swapping", True, "2.00"),
        (30, "Held", True, "4.00"),
        (80, "Idle", False, "9.00"),
    ):
        _drag_to(page, second)
        expect(robot).to_contain_text(x)
        expect(page.locator("#replay-step")).to_have_text(("吊起并称重" if zh else "Lift and weigh") if step else "-")
        if not zh:
            expect(page.locator("#replay-state")).to_have_text(state)
    expect(page.locator("#past .bay").nth(2)).to_contain_text("38 %")
    assert page.evaluate(NO_SIDEWAYS_SCROLL)
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(FAULTS) == []
    keep_picture(page, f"replay-{size}-{language}")
    assert wrong == []
    page.context.close()


def test_events_are_stepped_through_and_played(browser: Browser, past: RunningServer) -> None:
    page, _ = open_page(browser, past, "desk", "en", f"replay/swap%3A{SWAP}")
    expect(page.locator("#replay-at")).to_have_text("14:00:00")
    page.locator("#moment-next").click()
    expect(page.locator("#replay-at")).to_have_text("14:00:05")
    page.locator("#moments button").nth(5).click()
    expect(page.locator("#replay-state")).to_have_text("Held")
    page.locator("#moment-before").click()
    expect(page.locator("#replay-at")).to_have_text("14:00:20")
    page.get_by_role("button", name="×20").click()
    page.locator("#play").click()
    expect(page.locator("#replay-state")).to_have_text("Idle")
    page.context.close()


def test_a_safety_event_is_replayed_and_what_was_not_recorded_is_not_invented(
    browser: Browser, past: RunningServer
) -> None:
    page, wrong = open_page(browser, past, "desk", "en", "replay")
    page.locator("#replay-list a", has_text="bay-1").click()
    expect(page.locator("#past")).to_contain_text("There is no telemetry of this time", timeout=1000 * WORKERS_S)
    expect(page.locator("#moments")).to_contain_text("raised")
    expect(page.locator("#past")).to_contain_text("Alarms that stood (1)")
    go_to(page, "replay/swap%3Anothing")
    expect(page.locator("#main")).to_contain_text("There is no such record")
    assert [each for each in wrong if "404" not in each] == []
    page.context.close()
