"""The console in a real browser at a station whose ten bays charge: how old a picture is, alarms, staleness, memory.

Simulator, controller and server are processes. A picture's age is counted from the controller's own stamp in a message
to after the browser has painted it. The soak gives the page every message nine times more, 20 ms apart: 50 a second.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from swapstation.contract.simulator_link import ask_simulator
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.machine import load
from tests.bench.station_processes import Served, served
from tests.bench.ten_bays import BAYS
from tests.ui.conftest import ARGUMENTS, CHROMIUM, come_in, go_to

WATCH = """
(() => {
  window.painted = [];
  window.times = 1;
  const after = (done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { channel.port1.close(); done(performance.timeOrigin + performance.now()); };
    channel.port2.postMessage(0);
  });
  window.seen = (selector) => new Promise((done) => {
    const look = () => {
      if (!document.querySelector(selector)) return false;
      after(done);
      return true;
    };
    if (look()) return;
    const observer = new MutationObserver(() => { if (look()) observer.disconnect(); });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", (event) => {
        if (!event.isTrusted) return;
        const stamp = Date.parse(/"at":"([^"]+)"/.exec(event.data)?.[1]);
        after((at) => window.painted.push([stamp, at - stamp]));
        for (let n = 1; n < window.times; n++) {
          setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data: event.data })), 20 * n);
        }
      });
    }
  };
})()
"""
STALE = ".frame.stale"
FRESH = ".frame:not(.stale)"


def measure(seconds: float = 60.0, soak_s: float = 180.0) -> list[Figure]:
    """Watch each of two screens for so long, and soak for so long."""
    busy = load()
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as station, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = _opened(browser, station)
        figures = [
            *_ages(page, "overview", "overview", seconds),
            *_ages(page, "bays/3", "one bay with its 240 cells", seconds),
            *_alarms(page, station),
            *_staleness(page, station),
            *_soak(page, soak_s),
        ]
        browser.close()
    return [*figures, Figure("others that wanted a core before (load of the last minute)", busy)]


def _opened(browser: Browser, station: Served) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(WATCH)
    page.goto(f"http://127.0.0.1:{station.port}/")
    come_in(page)
    expect(page.locator(".bay")).to_have_count(BAYS + 1)
    return page


def _ages(page: Page, screen: str, name: str, seconds: float) -> list[Figure]:
    go_to(page, screen)
    page.evaluate("window.painted = []")
    page.wait_for_timeout(1000.0 * seconds)
    newest: dict[float, float] = {}
    for stamp, age in page.evaluate("window.painted"):
        newest.setdefault(stamp, age)
    ages = sorted(newest.values())
    return [
        Figure(f"{name}: controller's stamp to painted, 99th percentile", ages[int(0.99 * len(ages))], "ms"),
        Figure(f"{name}: the same, median", median(ages), "ms"),
        at_least(f"{name}: pictures painted", len(ages) / seconds, 4.9, "1/s"),
    ]


def _smoke(station: Served, bay: int) -> dict[str, Any]:
    return asyncio.run(ask_simulator(station.simulator, "fault", name="smoke", target=str(bay)))


def _alarms(page: Page, station: Served) -> list[Figure]:
    """Smoke in one bay after another, from the simulator's knob to the words on the screen."""
    go_to(page, "alarms")
    raised_ms, knob_ms = [], []
    hand = ThreadPoolExecutor(1)
    for bay in range(1, BAYS + 1):
        alarm = f"BAY_SMOKE@bay-{bay}"
        _look_for(page, f'#alarms a[href*="{alarm.replace("@", "%40")}"]')
        begun_ms = 1000.0 * time.time()
        hand.submit(_smoke, station, bay).result()  # the browser's event loop runs in this thread
        shown_ms = _seen_ms(page)
        alarms = page.evaluate("fetch('/api/v1/alarms').then((answer) => answer.json())")
        raised_at = next(each["raised_at"] for each in alarms if each["alarm"] == alarm)
        raised_ms.append(shown_ms - 1000.0 * datetime.fromisoformat(raised_at).timestamp())
        knob_ms.append(shown_ms - begun_ms)
    return [
        at_most("alarm raised to painted, largest of ten", max(raised_ms), 500.0, "ms"),
        Figure("the same, median", median(raised_ms), "ms"),
        Figure("smoke at the detector to painted, largest of ten", max(knob_ms), "ms"),
    ]


def _look_for(page: Page, selector: str) -> None:
    """Begin to look; `_seen_ms` waits."""
    page.evaluate("selector => void (window.shown = window.seen(selector))", selector)


def _seen_ms(page: Page) -> float:
    """When what was looked for had been painted."""
    return float(page.evaluate("window.shown"))


def _staleness(page: Page, station: Served) -> list[Figure]:
    figures = []
    for name, pid in (("server", station.pid), ("controller", station.controller_pid)):
        times = []
        for _ in range(5):
            _look_for(page, FRESH)
            _seen_ms(page)
            _look_for(page, STALE)
            with _stopped(pid):
                begun_ms = 1000.0 * time.time()
                times.append(_seen_ms(page) - begun_ms)
        figures.append(at_most(f"frozen {name} to its mark on the screen, largest of five", max(times), 2000.0, "ms"))
    return figures


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _soak(page: Page, seconds: float) -> list[Figure]:
    """Heap of the page after garbage was collected, at a tenth of the time and at its end."""
    go_to(page, "overview")
    page.evaluate("window.times = 10")
    tools = page.context.new_cdp_session(page)

    def heap_mb() -> float:
        tools.send("HeapProfiler.collectGarbage")
        page.evaluate("window.painted = []")
        return float(tools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    page.wait_for_timeout(100.0 * seconds)
    early = heap_mb()
    page.wait_for_timeout(900.0 * seconds)
    late = heap_mb()
    return [
        at_most(
            f"heap of the page, growth over {0.9 * seconds:.0f} s of 50 messages a second",
            100.0 * (late / early - 1.0),
            10.0,
            "%",
        ),
        Figure("heap of the page at the end", late, "MB"),
    ]
