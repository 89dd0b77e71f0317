"""Swaps, their steps and the promises of a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from swapstation.inventory.report_queries import KnownPromise
from swapstation.model.inventory import StepTime, Swap, SwapResult
from swapstation.reports.report import PromiseFigures, StepFigures, SwapFigures, share_pct

_NOT_USED = ("cancelled", "expired")


def swap_figures(swaps: Sequence[Swap], stops: Sequence[datetime], zone: ZoneInfo) -> SwapFigures:
    """Figures of swaps; `stops` are the times at which the station was held or a swap was led out of its course."""
    ended = [swap for swap in swaps if swap.result is not SwapResult.OPEN]
    completed = [swap for swap in ended if swap.result is SwapResult.COMPLETED]
    seconds = sorted(_seconds(swap) for swap in completed)
    hours = Counter(swap.opened_at.astimezone(zone).hour for swap in swaps if swap.opened_at is not None)
    smooth = sum(not any(_within(swap, stop) for stop in stops) for swap in completed)
    return SwapFigures(
        opened=len(swaps),
        completed=len(completed),
        failed=len(ended) - len(completed),
        at_first_try=smooth,
        first_try_pct=share_pct(smooth, len(ended)),
        median_s=round(median(seconds), 1) if seconds else None,
        p95_s=percentile(seconds, 0.95),
        longest_s=round(seconds[-1], 1) if seconds else None,
        by_hour=tuple(hours[hour] for hour in range(24)),
        by_truck_model=tuple(sorted(Counter(swap.truck_model for swap in swaps).items())),
    )


def _seconds(swap: Swap) -> float:
    assert swap.opened_at is not None
    assert swap.closed_at is not None
    return (swap.closed_at - swap.opened_at).total_seconds()


def _within(swap: Swap, at: datetime) -> bool:
    assert swap.opened_at is not None
    assert swap.closed_at is not None
    return swap.opened_at <= at <= swap.closed_at


def step_figures(swaps: Iterable[Swap]) -> tuple[StepFigures, ...]:
    """Every step of the completed swaps, the one that took most time in all first."""
    times: dict[str, list[StepTime]] = {}
    for swap in swaps:
        if swap.result is SwapResult.COMPLETED:
            for each in swap.step_seconds:
                times.setdefault(each.step, []).append(each)
    figures = [_step(step, told) for step, told in times.items()]
    return tuple(sorted(figures, key=lambda each: (-each.count * each.median_s, each.step)))


def _step(step: str, told: Sequence[StepTime]) -> StepFigures:
    seconds = sorted(each.seconds for each in told)
    return StepFigures(
        step=step,
        count=len(told),
        median_s=round(median(seconds), 1),
        p95_s=percentile(seconds, 0.95) or 0.0,
        software_s=round(sum(each.software_s for each in told) / len(told), 2),
        target_s=told[-1].target_s,
        over_target=sum(each.target_s is not None and each.seconds > each.target_s for each in told),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of values in their order; None of none."""
    if not ordered:
        return None
    rank = max(-(-len(ordered) * round(share * 100) // 100), 1)
    return round(ordered[rank - 1], 1)


def promise_figures(promises: Iterable[KnownPromise], grace: timedelta) -> PromiseFigures:
    """What became of promises; a swap that begins within `grace` of the promised time keeps its promise."""
    fates = Counter(_fate(each, grace) for each in promises)
    return PromiseFigures(
        promised=fates.total(),
        kept=fates["kept"],
        late=fates["late"],
        not_used=fates["not_used"],
        broken=fates["broken"],
        open=fates["open"],
        kept_pct=share_pct(fates["kept"], fates["kept"] + fates["late"] + fates["broken"]),
    )


def _fate(promise: KnownPromise, grace: timedelta) -> str:
    if promise.swap_opened_at is not None:
        return "kept" if promise.swap_opened_at <= promise.needed_at + grace else "late"
    if promise.ended_at is None:
        return "open"
    return "not_used" if promise.end_reason in _NOT_USED else "broken"
