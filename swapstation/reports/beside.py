"""What a report reads beside the station database: the business database, with queue, maintenance and trips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean, median

from swapstation.business.database import Connection
from swapstation.business.queue import entries_between
from swapstation.business.spare_parts import stocks
from swapstation.business.trips import trips_between
from swapstation.business.upkeep import records_at
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.maintenance.due import due_work
from swapstation.model.maintenance import Due, DueState, Plan, WorkKind, WorkOrder, WorkState
from swapstation.model.queue import HERE, Entry, QueueState
from swapstation.model.trip import Trip
from swapstation.reports.period import Period
from swapstation.reports.report import MaintenanceFigures, WaitingFigures, WorkRow
from swapstation.reports.swap_figures import percentile


@dataclass(frozen=True, slots=True)
class Beside:
    """What the business database has of a period: trucks that came, maintenance, trips."""

    entries: Sequence[Entry]
    maintenance: MaintenanceFigures
    trips: Sequence[Trip] = ()


def read_beside(connection: Connection, plan: Plan, period: Period, at: datetime) -> Beside:
    """The same as it is known at `at` (UTC)."""
    first, last = period.first.astimezone(UTC), period.last.astimezone(UTC)
    entries = entries_between(connection, first, last)
    records = records_at(connection, max(min(last, at), first), LOCAL_ZONE)
    short = sum(each.short for each in stocks(connection, plan.parts))
    due = due_work(plan, records)
    told = trips_between(connection, first, last)
    return Beside(entries, maintenance_figures(records.orders, due, short, first, last), told)


def waiting_figures(entries: Sequence[Entry], swap_opened_at: Callable[[str], datetime | None]) -> WaitingFigures:
    """How long trucks waited; `swap_opened_at` tells when a swap began."""
    opened = [(entry.came_at, swap_opened_at(entry.swap)) for entry in entries if entry.swap]
    seconds = sorted(max((begun - came).total_seconds(), 0.0) for came, begun in opened if begun is not None)
    return WaitingFigures(
        came=len(entries),
        swapped=len(opened),
        left=sum(entry.state is QueueState.LEFT and not entry.swap for entry in entries),
        waits=sum(entry.state in HERE and not entry.swap for entry in entries),
        mean_s=_mean(seconds),
        median_s=round(median(seconds), 1) if seconds else None,
        p95_s=percentile(seconds, 0.95),
        longest_s=round(seconds[-1], 1) if seconds else None,
    )


def maintenance_figures(
    orders: Sequence[WorkOrder], due: Sequence[Due], parts_short: int, first: datetime, last: datetime
) -> MaintenanceFigures:
    """Orders as they were at the end of the span, and what was due then."""
    done = [order for order in orders if _within(order.at(WorkState.DONE), first, last)]
    kinds = [order.wanted.kind for order in done]
    urgent = [each for each in due if each.state is not DueState.FINE]
    return MaintenanceFigures(
        opened=sum(_within(order.opened_at, first, last) for order in orders),
        corrective_done=kinds.count(WorkKind.CORRECTIVE),
        preventive_done=kinds.count(WorkKind.PREVENTIVE),
        other_done=kinds.count(WorkKind.OTHER),
        cancelled=sum(_within(order.at(WorkState.CANCELLED), first, last) for order in orders),
        standing=sum(order.state in (WorkState.OPEN, WorkState.BEGUN) for order in orders),
        mean_waiting_s=_mean(_spans(done, WorkState.OPEN, WorkState.BEGUN)),
        mean_work_s=_mean(_spans(done, WorkState.BEGUN, WorkState.DONE)),
        due=sum(each.state is DueState.DUE for each in due),
        calibrations_due=sum(each.state is DueState.DUE and each.calibration for each in due),
        soon=sum(each.state is DueState.SOON for each in due),
        parts_short=parts_short,
        work=(*map(_done_row, done), *map(_due_row, urgent)),
    )


def _done_row(order: WorkOrder) -> WorkRow:
    wanted, day = order.wanted, order.steps[-1].at.astimezone(LOCAL_ZONE).date()
    return WorkRow(wanted.text, wanted.text, wanted.device, order.state.value, day)


def _due_row(due: Due) -> WorkRow:
    return WorkRow(due.zh, due.en, due.device, due.state.value, due.due_on)


def _within(at: datetime | None, first: datetime, last: datetime) -> bool:
    return at is not None and first <= at < last


def _spans(orders: Iterable[WorkOrder], before: WorkState, after: WorkState) -> list[float]:
    return [seconds for order in orders if (seconds := order.seconds(before, after)) is not None]


def _mean(seconds: Sequence[float]) -> float | None:
    return round(fmean(seconds), 1) if seconds else None
