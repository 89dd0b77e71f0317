"""The score of promises: by fleet, and by the local day of the promised time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.inventory.report_queries import KnownPromise
from swapstation.reports.kept_promises import promise_scores

AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
"""14:30 local time: ten hours later is the next local day, in UTC it is not."""


def promise(vin: str, hours: float, late_min: float | None) -> KnownPromise:
    needed_at = AT + timedelta(hours=hours)
    opened = None if late_min is None else needed_at + timedelta(minutes=late_min)
    swap = None if opened is None else "S"
    return KnownPromise("H", vin, AT, needed_at, opened or needed_at, "no_battery", swap, opened)


def test_promises_are_scored_by_fleet_and_local_day() -> None:
    told = [promise("V1", 0, 5), promise("V1", 1, 40), promise("V1", 10, None), promise("V2", 1, 0)]
    fleets = {("V1", date(2026, 11, 21)): "pit", ("V1", date(2026, 11, 22)): "port"}
    scores = promise_scores(
        told, lambda vin, day: fleets.get((vin, day), ""), grace=timedelta(minutes=15), zone=LOCAL_ZONE
    )
    assert [(each.day.day, each.fleet, each.figures.promised, each.figures.kept_pct) for each in scores] == [
        (21, "", 1, 100.0),
        (21, "pit", 2, 50.0),
        (22, "port", 1, 0.0),
    ]
