"""How promises were kept, by fleet and local day: the score that a fleet may hold against the station."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from swapstation.inventory.report_queries import KnownPromise
from swapstation.reports.report import PromiseFigures
from swapstation.reports.swap_figures import promise_figures


@dataclass(frozen=True, slots=True)
class PromiseScore:
    """What became of the promises to one fleet of one local day; fleet "": trucks of none."""

    day: date
    fleet: str
    figures: PromiseFigures


def promise_scores(
    promises: Iterable[KnownPromise], fleet_of: Callable[[str, date], str], grace: timedelta, zone: ZoneInfo
) -> tuple[PromiseScore, ...]:
    """Scores by day, then fleet; the day is that of the promised time. `fleet_of`: VIN and day -> fleet."""
    told: dict[tuple[date, str], list[KnownPromise]] = defaultdict(list)
    for each in promises:
        day = each.needed_at.astimezone(zone).date()
        told[day, fleet_of(each.vin, day)].append(each)
    return tuple(PromiseScore(day, fleet, promise_figures(told[day, fleet], grace)) for day, fleet in sorted(told))
