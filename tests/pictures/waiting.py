"""What scenes wait for at a station, and what they do like a person."""

from __future__ import annotations

from typing import Any

from swapstation.demo.people import FIRST
from swapstation.demo.run import Demo
from tests.pictures.camera import Camera

PATIENCE_S = 90.0


def begin(demo: Demo, camera: Camera) -> None:
    """Confirm the start-up and log in at every page."""
    demo.start_up()
    camera.log_in(FIRST, demo.pins[FIRST])


def allowed(demo: Demo, action: str) -> bool | None:
    """Whether the station lets it now; None to wait on."""
    rows = demo.snapshot().get("actions", ())
    return next((True for row in rows if row["action"] == action and row["allowed"]), None)


def wait_allowed(demo: Demo, action: str) -> None:
    """Wait until the station lets it."""
    demo.until(f"{action} is allowed", PATIENCE_S, lambda: allowed(demo, action))


def step(demo: Demo, *names: str) -> None:
    """Wait until the swap is at one of these steps."""
    demo.until(
        f"a swap is at {names}", PATIENCE_S, lambda: (demo.snapshot()["swap"] or {}).get("step") in names or None
    )


def alarm(demo: Demo, code: str) -> str:
    """Wait for an alarm; its name."""

    def look() -> str | None:
        return next((each["alarm"] for each in demo.snapshot()["alarms"] if each["code"] == code), None)

    return demo.until(f"{code} is raised", PATIENCE_S, look)


def go_on(demo: Demo, swap: str) -> None:
    """The cause is gone: acknowledge, resume, and see the swap through."""
    wait_allowed(demo, "resume")
    acknowledge(demo)
    demo.api.post("/station/resume")
    demo.finish(swap)


def acknowledge(demo: Demo) -> None:
    """Every alarm was seen."""
    for each in demo.snapshot()["alarms"]:
        demo.api.post(f"/alarms/{each['alarm']}/acknowledge")


def batteries(demo: Demo) -> list[dict[str, Any]]:
    """All on record."""
    found: list[dict[str, Any]] = demo.snapshot()["inventory"]["batteries"]
    return found
