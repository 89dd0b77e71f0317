"""Availability, mean up time, mean time to restoration, by hand and for any outages."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from swapstation.maintenance.reliability import Outage, merged, reliability
from swapstation.model.maintenance import Device, Wanted, WorkKind, WorkOrder, WorkState, WorkStep

FIRST = datetime(2026, 6, 1, tzinfo=UTC)
LAST = FIRST + timedelta(hours=100)
ROBOT = Device("robot", "机器人", "Robot")


def at(hours: float) -> datetime:
    return FIRST + timedelta(hours=hours)


def outage(begin_h: float, end_h: float | None, device: str = "robot") -> Outage:
    return Outage(device, at(begin_h), None if end_h is None else at(end_h))


def order(opened_h: float, begun_h: float, done_h: float, kind: WorkKind = WorkKind.CORRECTIVE) -> WorkOrder:
    times = zip((WorkState.OPEN, WorkState.BEGUN, WorkState.DONE), (opened_h, begun_h, done_h), strict=True)
    return WorkOrder(1, Wanted("robot", kind, ""), tuple(WorkStep(state, "li", at(hours)) for state, hours in times))


def test_the_figures_are_those_of_the_formulas() -> None:
    outages = [outage(-2, 1), outage(10, 12), outage(11, 14), outage(95, None), outage(5, 6, "meter")]
    orders = [order(10, 10.5, 13.5), order(20, 30, 31, WorkKind.PREVENTIVE)]
    (found,) = reliability([ROBOT], outages, orders, FIRST, LAST)
    assert (found.failures, found.restorations, found.down_s) == (2, 2, 10 * 3600.0), "1 + 4 + 5 hours"
    assert found.availability_pct == 90.0
    assert found.mean_up_s == 45 * 3600.0, "90 hours up, two failures"
    assert found.mean_restoration_s == 3.5 * 3600.0, "3 and 4 hours, from failure to working again"
    assert (found.mean_waiting_s, found.mean_repair_s) == (1800.0, 3 * 3600.0), "of corrective work alone"


def test_what_never_failed_is_available_and_has_no_means() -> None:
    (found,) = reliability([ROBOT], [], [], FIRST, LAST)
    assert (found.availability_pct, found.failures, found.mean_up_s, found.mean_restoration_s) == (100.0, 0, None, None)
    (nothing,) = reliability([ROBOT], [], [], FIRST, FIRST)
    assert nothing.availability_pct is None


@given(st.lists(st.tuples(st.floats(-50, 150), st.one_of(st.none(), st.floats(0, 50))), max_size=8))
def test_down_time_is_neither_counted_twice_nor_outside_the_span(spans: list[tuple[float, float | None]]) -> None:
    outages = [outage(begin, None if long is None else begin + long) for begin, long in spans]
    (found,) = reliability([ROBOT], outages, [], FIRST, LAST)
    minutes = [at(number / 10) for number in range(1000)]
    down = sum(
        any(each.since <= now and (each.until is None or now < each.until) for each in outages) for now in minutes
    )
    assert abs(found.down_s / 360.0 - down) <= len(spans) + 1
    assert found.availability_pct is not None
    assert 0.0 <= found.availability_pct <= 100.0
    apart = merged(outages)
    assert all(before.until is not None and before.until < after.since for before, after in itertools.pairwise(apart))
