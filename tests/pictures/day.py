"""Pictures of a day's other work: a cap from the grid, manual work, handing over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from swapstation.demo.run import Demo
from tests.pictures.camera import BOTH, Camera
from tests.pictures.waiting import PATIENCE_S, acknowledge, alarm, batteries, begin

FULL, FREE = 4, 8
CAP_KW = 300.0


def pictures(demo: Demo, camera: Camera) -> None:
    """In the order of a day."""
    begin(demo, camera)
    _grid_cap(demo, camera)
    _manual_work(demo, camera)
    _hand_over(demo, camera)


def _grid_cap(demo: Demo, camera: Camera) -> None:
    now = datetime.now(UTC)
    cap: dict[str, Any] = {"source": "grid_emergency", "kind": "import_cap", "value": CAP_KW}
    times = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    demo.api.ask("PUT", "/power/dispatches/grid-1", {**cap, **times})
    raised = alarm(demo, "GRID_LIMIT_ORDERED")
    demo.until("charging is within the cap", PATIENCE_S, lambda: _charging(demo))
    camera.shoot("grid-cap", "the grid caps the site: charging is within it at once", "plan", BOTH)
    camera.shoot("grid-cap-card", "the card of the alarm: who caps, how much", f"alarms/{raised}")
    demo.api.ask("DELETE", "/power/dispatches/grid-1?reason=lifted")
    acknowledge(demo)


def _manual_work(demo: Demo, camera: Camera) -> None:
    demo.api.post("/station/mode", {"mode": "maintenance", "reason": "bay 8 is being inspected"})
    demo.api.post("/jobs", {"job": "move", "bay": FULL, "to_bay": FREE})
    demo.until("the job runs", PATIENCE_S, lambda: _job(demo))
    camera.shoot("manual", "maintenance: a job moves a battery from bay to bay", "maintenance", BOTH)
    demo.until("the job is done", PATIENCE_S, lambda: _job(demo) is None or None)
    assert f"bay-{FREE}" in {each["place"] for each in batteries(demo)}


def _hand_over(demo: Demo, camera: Camera) -> None:
    demo.api.post(f"/bays/{FULL}/lock-out", {"reason": "fan is being changed"})
    demo.simulator.do("fault", name="meter_silent", on=True)
    raised = alarm(demo, "METER_SILENT")
    demo.api.post(f"/alarms/{raised}/shelve", {"minutes": 60, "reason": "electrician is on the way"})
    camera.shoot("hand-over", "hand-over: all that is not as it should be, on one page", "handover", BOTH)


def _job(demo: Demo) -> Any:
    return demo.snapshot()["inventory"]["job"]


def _charging(demo: Demo) -> bool | None:
    """Whether something is charged again, and the site takes no more than it may."""
    power_kw = demo.snapshot()["meter"]["value"]["power_kw"]
    return True if CAP_KW / 2 < power_kw <= CAP_KW else None
