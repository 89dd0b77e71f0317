"""How reliable devices are, in the words of IEC 60050-192 and IEC 61703; repair times as ISO 14224 has them.

Down is a device while an alarm says that it does no work. With `up` = observed - down over the span:

    availability       A   = up / (up + down)                    observed (operational) availability, IEC 61703
    mean up time       MUT = up / failures
    mean time to restoration
                       MTTR = down of the restored outages / their number     from failure to working again
    mean waiting           = mean of (begun - opened)             of corrective work orders: administrative delay
    mean active repair MRT = mean of (done - begun)               of corrective work orders
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from swapstation.model.maintenance import Device, Reliability, WorkKind, WorkOrder, WorkState


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a device did no work; `until` None: it still does none."""

    device: str
    since: datetime
    until: datetime | None


def merged(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """Outages of one device that touch or overlap as one, in the order of their begin."""
    found: list[Outage] = []
    for each in sorted(outages, key=lambda outage: outage.since):
        before = found[-1] if found else None
        if before is not None and (before.until is None or each.since <= before.until):
            until = None if before.until is None or each.until is None else max(before.until, each.until)
            found[-1] = Outage(before.device, before.since, until)
        else:
            found.append(each)
    return tuple(found)


def reliability(
    devices: Sequence[Device], outages: Sequence[Outage], orders: Sequence[WorkOrder], first: datetime, last: datetime
) -> tuple[Reliability, ...]:
    """The figures of every device from `first` until before `last` (UTC), the least available first."""
    figures = (
        _figures(
            each.device,
            merged(outage for outage in outages if outage.device == each.device),
            [order for order in orders if order.wanted.device == each.device],
            (first, last),
        )
        for each in devices
    )
    return tuple(sorted(figures, key=lambda each: (-each.down_s, -each.failures)))


def _figures(
    device: str, outages: Sequence[Outage], orders: Sequence[WorkOrder], span: tuple[datetime, datetime]
) -> Reliability:
    first, last = span
    within = [each for each in outages if each.since < last and (each.until is None or each.until > first)]
    down_s = sum((min(each.until or last, last) - max(each.since, first)).total_seconds() for each in within)
    observed_s = max((last - first).total_seconds(), 0.0)
    failures = sum(first <= each.since for each in within)
    restored = [(each.until - each.since).total_seconds() for each in within if each.until and each.until <= last]
    mended = [
        order
        for order in orders
        if order.wanted.kind is WorkKind.CORRECTIVE and _within(order.at(WorkState.DONE), first, last)
    ]
    return Reliability(
        device=device,
        observed_s=round(observed_s, 1),
        failures=failures,
        down_s=round(down_s, 1),
        restorations=len(restored),
        availability_pct=round(100.0 * (observed_s - down_s) / observed_s, 3) if observed_s else None,
        mean_up_s=round((observed_s - down_s) / failures, 1) if failures else None,
        mean_restoration_s=_mean(restored),
        mean_waiting_s=_mean(_spans(mended, WorkState.OPEN, WorkState.BEGUN)),
        mean_repair_s=_mean(_spans(mended, WorkState.BEGUN, WorkState.DONE)),
    )


def _within(at: datetime | None, first: datetime, last: datetime) -> bool:
    return at is not None and first <= at < last


def _spans(orders: Iterable[WorkOrder], before: WorkState, after: WorkState) -> list[float]:
    return [seconds for order in orders if (seconds := order.seconds(before, after)) is not None]


def _mean(seconds: Sequence[float]) -> float | None:
    return round(fmean(seconds), 1) if seconds else None
