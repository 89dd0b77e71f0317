"""`python -m tests.pictures [--only a,b] [--into FOLDER]`: take every picture of docs/pictures anew.

Real stations of the demo, one after the other, and a browser that looks at them. Exit 1 when a page had an error.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import DemoOptions, free_ports
from tests.pictures import danger, day, night, shift, training
from tests.pictures.camera import Camera, camera
from tests.ui.conftest import ARGUMENTS, CHROMIUM

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"


@dataclass(frozen=True, slots=True)
class Station:
    """A demo station of its own, and what happens there."""

    pictures: Callable[[Demo, Camera], None]
    speed: float = 10.0
    training: bool = False


STATIONS: Mapping[str, Station] = {
    "shift": Station(shift.pictures),
    "night": Station(night.pictures),
    "day": Station(day.pictures),
    "danger": Station(danger.pictures, speed=1.0),
    "training": Station(training.pictures, speed=1.0, training=True),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Take the pictures of the console.")
    parser.add_argument("--only", default=",".join(STATIONS), help="some of %(default)s")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder (default docs/pictures)")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    shown: dict[str, str] = {}
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        for name in options.only.split(","):
            held = _at_a_station(browser, name, options.into)
            shown |= held.shown
            wrong += held.wrong
        browser.close()
    if options.into == FOLDER and set(options.only.split(",")) == set(STATIONS):
        _finish(options.into, shown)
    for each in wrong:
        print(f"a page complained: {each}", file=sys.stderr)
    return 1 if wrong else 0


def _at_a_station(browser: Browser, name: str, folder: Path) -> Camera:
    there = STATIONS[name]
    how = DemoOptions(
        0, there.speed, "tcp", Exchange.STATION, Charging.DIRECT, 1, planner=True, training=there.training
    )
    with tempfile.TemporaryDirectory(prefix="swapstation-") as data:
        port = free_ports(1)[0]
        with station(how, Path(data), port, Path(data) / "logs") as demo:
            demo.until("the server answers", 60.0, lambda: demo.api.get("/session"))
            with camera(browser, f"http://127.0.0.1:{port}", folder) as held:
                there.pictures(demo, held)
                return held


def _finish(folder: Path, shown: dict[str, str]) -> None:
    """Take away pictures of screens that are no more, and say what made the others."""
    for file in folder.glob("*.webp"):
        if not any(file.name.startswith(f"{name}-") for name in shown):
            file.unlink()
    commit = subprocess.run(["git", "describe", "--always"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [
        "# Pictures of the console",
        "",
        f"Made by `make pictures` at commit {commit.stdout.strip()}, {datetime.now(UTC):%Y-%m-%d}: real stations of",
        "the demo, nothing drawn. A name ends with size and language: desk is 1280x800, wide 1920x1080, phone 390x844.",
        "",
        *(f"* `{name}`: {shows}" for name, shows in shown.items()),
    ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
