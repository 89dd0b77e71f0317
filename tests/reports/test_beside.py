"""Figures from the business database: how long trucks waited, maintenance done and due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from swapstation.model.arriving import Proof, Source
from swapstation.model.maintenance import Due, DueKind, DueState, Wanted, WorkKind, WorkOrder, WorkState, WorkStep
from swapstation.model.queue import Entry, QueueState
from swapstation.reports.beside import maintenance_figures, waiting_figures
from swapstation.reports.report import WorkRow

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=1)


def at(minutes: float) -> datetime:
    return FIRST + timedelta(minutes=minutes)


def entry(number: int, came_min: float, state: QueueState, swap: str = "") -> Entry:
    return Entry(number, state, at(came_min), at(came_min), (Proof(Source.PLATE, "P", "", at(came_min)),), swap=swap)


def test_trucks_wait_from_their_arrival_until_their_swap_begins() -> None:
    entries = [
        entry(1, 0, QueueState.LEFT, "S1"),
        entry(2, 5, QueueState.SWAPPING, "S2"),
        entry(3, 6, QueueState.LEFT),
        entry(4, 7, QueueState.WAITING),
        entry(5, 8, QueueState.DONE, "gone from the record"),
    ]
    told = waiting_figures(entries, begun)
    assert (told.came, told.swapped, told.left, told.waits) == (5, 3, 1, 1)
    assert (told.mean_s, told.median_s, told.longest_s) == (360.0, 360.0, 600.0)
    assert waiting_figures([], lambda _: None).mean_s is None


def begun(swap: str) -> datetime | None:
    return {"S1": at(2), "S2": at(15)}.get(swap)


def order(number: int, kind: WorkKind, *minutes: float) -> WorkOrder:
    states = (WorkState.OPEN, WorkState.BEGUN, WorkState.DONE)
    steps = tuple(WorkStep(state, "li", at(minute)) for state, minute in zip(states, minutes, strict=False))
    return WorkOrder(number, Wanted("robot", kind, f"work {number}"), steps)


def due(state: DueState, calibration: bool = False) -> Due:
    day = date(2026, 5, 3)
    return Due("t", DueKind.TASK, "meter", "检定", "Verify", state, None, day, calibration=calibration)


def test_maintenance_is_what_was_done_in_the_span_and_what_is_due_at_its_end() -> None:
    orders = [
        order(1, WorkKind.CORRECTIVE, -60, 30, 90),
        order(2, WorkKind.PREVENTIVE, 0, 10, 40),
        order(3, WorkKind.OTHER, 5),
        order(4, WorkKind.CORRECTIVE, -500, -400, -300),
    ]
    told = maintenance_figures(
        orders, [due(DueState.DUE, calibration=True), due(DueState.SOON), due(DueState.FINE)], 2, FIRST, LAST
    )
    assert (told.opened, told.corrective_done, told.preventive_done, told.standing) == (2, 1, 1, 1)
    assert (told.mean_waiting_s, told.mean_work_s) == (50 * 60.0, 45 * 60.0)
    assert (told.due, told.calibrations_due, told.soon, told.parts_short) == (1, 1, 1, 2)
    assert told.work[0] == WorkRow("work 1", "work 1", "robot", "done", date(2026, 5, 1))
    assert [row.state for row in told.work] == ["done", "done", "due", "soon"]
