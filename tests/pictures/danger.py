"""Pictures of a battery that heats itself until it burns."""

from __future__ import annotations

from swapstation.demo.run import Demo
from tests.pictures.camera import BOTH, EVERY_VIEW, Camera
from tests.pictures.waiting import alarm, begin

BAY = 6


def pictures(demo: Demo, camera: Camera) -> None:
    """Heat first, smoke and fire later."""
    begin(demo, camera)
    demo.simulator.do("fault", name="thermal_runaway", target=str(BAY), on=True)
    raised = alarm(demo, "BATTERY_HEATING")
    camera.shoot("hot-battery", "a battery heats itself: its bay and the neighbours have stopped", "overview", BOTH)
    camera.shoot("hot-battery-card", "the card of the alarm", f"alarms/{raised}")
    camera.shoot("hot-battery-bay", "the bay of the hot battery: quarantine is one press", f"bays/{BAY}")
    alarm(demo, "FIRE_CONFIRMED")
    camera.shoot("fire", "fire is confirmed: leave at once", "overview", EVERY_VIEW)
    camera.shoot("fire-alarms", "one root alarm; what follows from it is listed under it", "alarms")
