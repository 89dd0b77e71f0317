"""`python -m tests.jobs`: do the five jobs at a real demo station in a browser, and write docs/console.md's table."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import START_PATIENCE_S, Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from tests.jobs.five import JOBS
from tests.jobs.hands import Hands
from tests.reliability.document import DOCS, write_section
from tests.ui.conftest import ARGUMENTS, CHROMIUM, SIZES

DOCUMENT, SECTION = DOCS / "console.md", "jobs"
SPEED = 10.0


@dataclass(frozen=True, slots=True)
class Done:
    """One job: what the person pressed and typed, its seconds, and those of the station at ten times its speed."""

    job: str
    presses: int
    letters: int
    person_s: float
    station_s: float


def do_all(browser: Browser, demo: Demo) -> list[Done]:
    """One after the other, at one station and one page. Fails where a job cannot be done by the page."""
    demo.until("the console answers", START_PATIENCE_S, lambda: demo.snapshot() or None)
    page = _opened(browser, demo)
    told = []
    for job, done in JOBS.items():
        hands = Hands(page)
        done(demo, hands)
        told.append(Done(job, hands.presses, hands.letters, hands.seconds, hands.waited_s))
    page.context.close()
    return told


def table(told: list[Done]) -> str:
    """For the document."""
    lines = ["| job | presses | letters typed | person's time | station's, x 10 |", "| --- | --- | --- | --- | --- |"]
    rows = (f"| {x.job} | {x.presses} | {x.letters} | {x.person_s:.0f} s | {x.station_s:.0f} s |" for x in told)
    return "\n".join((*lines, *rows))


def run() -> list[Done]:
    """At a demo station of its own."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, sync_playwright() as playwright:
        (port,) = free_ports(1)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        how = DemoOptions(0, SPEED, "tcp", Exchange.STATION, Charging.DIRECT, 1, planner=True)
        with station(how, Path(folder), port, None) as demo:
            told = do_all(browser, demo)
        browser.close()
    return told


def main() -> int:
    told = run()
    write_section(SECTION, table(told), DOCUMENT)
    print(table(told))
    return 0


def _opened(browser: Browser, demo: Demo) -> Page:
    width, height = SIZES["desk"]
    page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    page.goto(f"http://127.0.0.1:{demo.config.server.port}/")
    return page


if __name__ == "__main__":
    sys.exit(main())
