"""What is due and when: periods by the calendar, counters and budgets by how fast they are used up. Own design.

A counter that has been used `used` of `limit`, `per_day` on a mean of the last weeks, is used up in
(limit - used) / per_day days; days are local ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor
from zoneinfo import ZoneInfo

from swapstation.maintenance.register import whole_of
from swapstation.model.maintenance import (
    Budget,
    Counter,
    Device,
    Due,
    DueKind,
    DueState,
    Plan,
    Task,
    TaskKind,
    WorkOrder,
    WorkState,
)

RATE_DAYS = 28
"""The mean use is that of so many days before today."""
_FAR_DAYS = 36_500

Use = Mapping[tuple[str, Counter], Mapping[date, float]]
"""What was counted of each device, by counter and local day."""


@dataclass(frozen=True, slots=True)
class Records:
    """What is on record: `use` by device, work orders, and today's local day with its zone."""

    use: Use
    orders: Sequence[WorkOrder]
    today: date
    zone: ZoneInfo


def due_work(plan: Plan, records: Records) -> tuple[Due, ...]:
    """Every task and budget of every device, what is due first."""
    found = sorted(_all(plan, records), key=lambda each: (each.due_on or date.max, each.device, each.name))
    return tuple(sorted(found, key=lambda each: _URGENT.index(each.state)))


_URGENT = (DueState.DUE, DueState.SOON, DueState.FINE)


def _all(plan: Plan, records: Records) -> Iterator[Due]:
    devices = {each.device: each for each in plan.devices}
    for task in plan.tasks:
        for name in task.devices:
            yield _task(task, devices[name], whole_of(plan.devices, name), records)
    for budget in plan.budgets:
        for name in budget.devices:
            yield _budget(budget, devices[name], whole_of(plan.devices, name), records)


def _task(task: Task, device: Device, whole: str, records: Records) -> Due:
    done, open_order = _orders(records.orders, device.device, task.task)
    begins = task.last_on or device.in_service_on
    since = _day(done, records.zone) or begins
    days = _day_after(since, task.every_days)
    used = per_day = forecast = None
    if task.counter is not None and task.every is not None:
        counted = records.use.get((whole, task.counter), {})
        used = _used(counted, task.counter, done, begins, 0.0)
        per_day = _per_day(counted, records.today)
        forecast = _used_up_on(used, task.every, per_day, records.today)
    due_on = min((day for day in (days, forecast) if day is not None), default=None)
    if task.every_days is not None and since is None:
        due_on = records.today  # nobody knows when it was done last: do it
    return Due(
        task.task,
        DueKind.TASK,
        device.device,
        task.zh,
        task.en,
        _state(due_on, task.warn_days, records.today),
        since,
        due_on,
        task.counter,
        used,
        task.every,
        per_day,
        calibration=task.kind is TaskKind.CALIBRATION,
        order=open_order,
    )


def _budget(budget: Budget, device: Device, whole: str, records: Records) -> Due:
    done, open_order = _orders(records.orders, device.device, budget.budget)
    counted = records.use.get((whole, budget.counter), {})
    used = _used(counted, budget.counter, done, device.in_service_on, budget.used_before)
    per_day = _per_day(counted, records.today)
    due_on = _used_up_on(used, budget.amount, per_day, records.today)
    return Due(
        budget.budget,
        DueKind.BUDGET,
        device.device,
        budget.zh,
        budget.en,
        _state(due_on, budget.warn_days, records.today),
        _day(done, records.zone) or device.in_service_on,
        due_on,
        budget.counter,
        used,
        budget.amount,
        per_day,
        part=budget.part,
        order=open_order,
    )


def _orders(orders: Sequence[WorkOrder], device: str, subject: str) -> tuple[WorkOrder | None, int | None]:
    """The last order that was done about something, and the number of one that is open."""
    about = [each for each in orders if each.wanted.device == device and each.wanted.subject == subject]
    done = [each for each in about if each.state is WorkState.DONE]
    standing = (each.number for each in about if each.state in (WorkState.OPEN, WorkState.BEGUN))
    return max(done, key=lambda each: each.steps[-1].at, default=None), next(standing, None)


def _day(done: WorkOrder | None, zone: ZoneInfo) -> date | None:
    return None if done is None else done.steps[-1].at.astimezone(zone).date()


def _day_after(since: date | None, days: int | None) -> date | None:
    return None if since is None or days is None else since + timedelta(days=days)


def _used(
    counted: Mapping[date, float], counter: Counter, done: WorkOrder | None, begins: date | None, before: float
) -> float:
    """What was counted since the reading of the last order; without one since the begin, and what was used before."""
    if done is not None:
        return round(max(sum(counted.values()) - done.readings.get(counter, 0.0), 0.0), 3)
    return round(before + sum(amount for day, amount in counted.items() if begins is None or day >= begins), 3)


def _per_day(counted: Mapping[date, float], today: date) -> float | None:
    """The mean of the last whole days that are counted; None of none."""
    first = min(counted, default=today)
    days = min((today - first).days, RATE_DAYS)
    if days < 1:
        return None
    return round(sum(amount for day, amount in counted.items() if 1 <= (today - day).days <= days) / days, 3)


def _used_up_on(used: float, limit: float, per_day: float | None, today: date) -> date | None:
    if used >= limit:
        return today
    if not per_day:
        return None
    days = (limit - used) / per_day
    return today + timedelta(days=floor(days)) if days < _FAR_DAYS else None


def _state(due_on: date | None, warn_days: int, today: date) -> DueState:
    if due_on is None or (due_on - today).days > warn_days:
        return DueState.FINE
    return DueState.DUE if due_on <= today else DueState.SOON
