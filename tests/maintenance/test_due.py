"""When work is due: by the calendar, by counters, by what is first; and when a budget of wear is used up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from swapstation.maintenance.due import RATE_DAYS, Records, Use, due_work
from swapstation.model.maintenance import (
    Budget,
    Counter,
    Device,
    Due,
    DueState,
    Plan,
    Task,
    TaskKind,
    Wanted,
    WorkKind,
    WorkOrder,
    WorkState,
    WorkStep,
)

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 6, 30)
BEGAN = date(2026, 6, 1)
ROBOT = Device("robot", "机器人", "Robot", in_service_on=BEGAN)
HOIST = Device("hoist", "起升", "Hoist", part_of="robot", in_service_on=BEGAN)


def used(per_day: float, days: int = 20) -> Use:
    """So much on each of the days before today."""
    return {("robot", Counter.MOVES): {TODAY - timedelta(days=back): per_day for back in range(1, days + 1)}}


def done(
    number: int, subject: str, on: date, readings: dict[str, float], state: WorkState = WorkState.DONE
) -> WorkOrder:
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    steps = (WorkStep(WorkState.OPEN, "li", at), WorkStep(state, "li", at))
    return WorkOrder(number, Wanted("hoist", WorkKind.PREVENTIVE, "", subject), steps, readings)


def one(work: Task | Budget, use: Use, orders: tuple[WorkOrder, ...] = (), today: date = TODAY) -> Due:
    tasks, budgets = ((work,), ()) if isinstance(work, Task) else ((), (work,))
    plan = Plan((ROBOT, HOIST), tasks, budgets)
    (found,) = due_work(plan, Records(use, orders, today, ZONE))
    return found


def task(every_days: int | None = None, every: float | None = None, last_on: date | None = None) -> Task:
    counter = None if every is None else Counter.MOVES
    return Task("grease", ("hoist",), TaskKind.SERVICE, "加脂", "Grease", every_days, counter, every, last_on)


BUDGET = Budget("rope", ("hoist",), "绳", "Rope", Counter.MOVES, 1000.0)


def test_a_period_of_days_counts_from_the_service_the_certificate_or_the_last_order() -> None:
    assert one(task(60), {}).due_on == BEGAN + timedelta(days=60)
    assert one(task(60, last_on=date(2026, 5, 1)), {}).state is DueState.DUE
    after = one(task(60), {}, (done(1, "grease", date(2026, 6, 20), {}), done(2, "other", TODAY, {})))
    assert (after.since, after.due_on, after.state) == (date(2026, 6, 20), date(2026, 8, 19), DueState.FINE)


def test_it_is_soon_within_its_time_of_warning_and_due_on_its_day() -> None:
    states = {days: one(task(30), {}, today=BEGAN + timedelta(days=days)).state for days in (15, 16, 29, 30, 31)}
    assert list(states.values()) == [DueState.FINE, DueState.SOON, DueState.SOON, DueState.DUE, DueState.DUE]


def test_what_was_never_done_and_has_no_begin_is_due_now() -> None:
    plan = Plan((Device("meter", "表", "Meter"),), (Task("c", ("meter",), TaskKind.CALIBRATION, "检定", "V", 365),))
    (found,) = due_work(plan, Records({}, (), TODAY, ZONE))
    assert (found.state, found.due_on, found.calibration) == (DueState.DUE, TODAY, True)


def test_a_counter_is_forecast_by_its_mean_and_the_first_of_both_counts() -> None:
    found = one(task(every=300.0), used(10.0))
    assert (found.used, found.per_day, found.due_on) == (200.0, 10.0, TODAY + timedelta(days=10))
    assert one(task(35, 300.0), used(10.0)).due_on == BEGAN + timedelta(days=35)
    assert one(task(400, 300.0), used(10.0)).due_on == TODAY + timedelta(days=10)


def test_a_part_counts_what_its_whole_counts_and_begins_anew_with_an_order() -> None:
    replaced = one(BUDGET, used(10.0), (done(1, "rope", date(2026, 6, 25), {"moves": 150.0}),))
    assert (replaced.used, replaced.limit, replaced.order) == (50.0, 1000.0, None)
    standing = one(BUDGET, used(10.0), (done(1, "rope", TODAY, {}, WorkState.BEGUN),))
    assert (standing.used, standing.order) == (200.0, 1), "an order that is not done replaces nothing"


def test_what_was_used_before_it_was_counted_is_part_of_the_budget() -> None:
    old = Budget("rope", ("hoist",), "绳", "Rope", Counter.MOVES, 1000.0, used_before=800.0)
    assert one(old, used(10.0)).state is DueState.DUE
    assert one(old, used(10.0), (done(1, "rope", TODAY, {"moves": 200.0}),)).used == 0.0


def test_a_device_that_stands_still_has_no_forecast() -> None:
    idle = one(BUDGET, {("robot", Counter.MOVES): {TODAY - timedelta(days=60): 100.0}})
    assert (idle.per_day, idle.due_on, idle.state) == (0.0, None, DueState.FINE)
    assert one(BUDGET, {}).per_day is None


@given(st.floats(0.1, 1e4), st.floats(1.0, 1e6), st.integers(1, 60))
def test_a_budget_holds_until_the_day_before_it_is_used_up(per_day: float, amount: float, days: int) -> None:
    budget = Budget("rope", ("hoist",), "绳", "Rope", Counter.MOVES, amount)
    found = one(budget, used(per_day, days))
    assert found.used is not None
    assert found.per_day is not None
    if found.due_on is not None and found.due_on > TODAY:
        ahead = (found.due_on - TODAY).days
        assert found.used + found.per_day * ahead <= amount + 1e-6 * amount
        assert found.used + found.per_day * (ahead + 1) >= amount * (1 - 1e-9)
    assert (found.state is DueState.DUE) == (found.used >= amount or (found.due_on == TODAY))


def test_the_mean_looks_back_four_weeks_at_most() -> None:
    use = {
        ("robot", Counter.MOVES): {
            TODAY - timedelta(days=back): 100.0 if back > RATE_DAYS else 7.0 for back in range(1, 90)
        }
    }
    assert one(BUDGET, use).per_day == 7.0
