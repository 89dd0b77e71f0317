"""Pictures of a quiet shift: its start, every screen of the console, a swap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from swapstation.demo.people import FIRST
from swapstation.demo.run import START_PATIENCE_S, Demo
from swapstation.demo.station_file import TRUCKS
from tests.pictures.camera import BOTH, EVERY_VIEW, Camera
from tests.pictures.routes import screens
from tests.pictures.waiting import step, wait_allowed

MODEL = "LFP-282"
LARGE = ("overview", "swap")
DETAILS = {"bays-detail": ("bays/5", "one bay: its battery, cells and charge")}
"""Screens behind a screen."""


def pictures(demo: Demo, camera: Camera) -> None:
    """In the order of a day."""
    _start(demo, camera)
    _every_screen(demo, camera)
    _swap(demo, camera)


def _start(demo: Demo, camera: Camera) -> None:
    camera.shoot("door", "logging in at the station's own machine", "overview")
    demo.until("the console answers", START_PATIENCE_S, lambda: demo.snapshot() or None)
    camera.log_in(FIRST, demo.pins[FIRST])
    wait_allowed(demo, "confirm_start_up")
    camera.shoot("start-up", "after a start nothing moves: the survey, and Confirm start-up", "swap")
    demo.start_up()


def _every_screen(demo: Demo, camera: Camera) -> None:
    for vin in TRUCKS[:2]:
        demo.swap(vin)
    in_a_while = (datetime.now(UTC) + timedelta(minutes=45)).isoformat(timespec="minutes")
    demo.api.post("/bookings", {"vin": TRUCKS[1], "model": MODEL, "arrives_at": in_a_while})
    asked = {"kind": "inquiry", "who": "driver", "text": "asks for the energy of the last swap"}
    demo.api.post("/complaints", asked)
    for screen in screens():
        camera.shoot(screen, f"the screen {screen}", screen, EVERY_VIEW if screen in LARGE else BOTH)
    for name, (place, shows) in DETAILS.items():
        camera.shoot(name, shows, place, BOTH)


def _swap(demo: Demo, camera: Camera) -> None:
    swap = demo.begin(TRUCKS[2])
    step(demo, "lift", "put")
    camera.shoot("swap-running", "a swap step by step", "swap", EVERY_VIEW)
    camera.shoot("swap-running-overview", "a swap: where robot and batteries are", "overview")
    camera.shoot("swap-running-lane", "the driver's display during a swap", "lane")
    demo.finish(swap)
    camera.shoot("replay-swap", "a finished swap on one time line", f"replay/swap:{swap}")
