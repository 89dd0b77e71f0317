"""Pictures of a training station."""

from __future__ import annotations

from swapstation.demo.run import Demo
from tests.pictures.camera import Camera
from tests.pictures.waiting import begin


def pictures(demo: Demo, camera: Camera) -> None:
    """The instructor's page while a drill runs."""
    begin(demo, camera)
    demo.api.post("/training/drills", {"drill": "smoke", "bay": 5})
    camera.shoot("training-drill", "the instructor's page while a drill runs", "training")
