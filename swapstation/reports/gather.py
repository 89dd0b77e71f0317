"""A report from what the station database holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from swapstation.config.settings import Config
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.inventory import energy_queries, queries, report_queries
from swapstation.inventory.database import Connection
from swapstation.inventory.health import battery_health
from swapstation.model.alarm_figures import alarm_figures
from swapstation.model.energy import Settlement
from swapstation.model.journal import SwapDiverted
from swapstation.records.telemetry.power_quality import PowerQuality
from swapstation.reports.beside import Beside, waiting_figures
from swapstation.reports.energy_figures import demand_figures, energy_figures
from swapstation.reports.haulage import haulage_figures
from swapstation.reports.period import Period
from swapstation.reports.report import BatteryFigures, Report
from swapstation.reports.swap_figures import promise_figures, step_figures, swap_figures
from swapstation.reports.time_figures import device_figures, station_time, stops_of

CAPACITY = "capacity"


def gather(
    connection: Connection,
    config: Config,
    period: Period,
    at: datetime,
    beside: Beside | None = None,
    quality: PowerQuality | None = None,
) -> Report:
    """The report of a period as it is known at `at` (UTC); without what could not be read beside it."""
    zone, first, last = LOCAL_ZONE, period.first.astimezone(UTC), period.last.astimezone(UTC)
    swaps = report_queries.swaps_between(connection, first, last)
    course = report_queries.course_between(connection, first, last)
    settlements = energy_queries.settled_charges(connection, first, last)
    energy = energy_figures(settlements, zone)
    alarms = queries.alarm_periods(connection, first, last)
    diverted = report_queries.times_of(connection, SwapDiverted.__name__, first, last)
    grace = timedelta(minutes=config.bookings.late_minutes)
    return Report(
        station=config.name,
        period=period,
        made_at=at,
        swaps=swap_figures(swaps, [*stops_of(course), *diverted], zone),
        steps=step_figures(swaps),
        promises=promise_figures(report_queries.promises_between(connection, first, last), grace),
        energy=energy,
        demand=demand_figures(report_queries.quarters_between(connection, first, last), config.site.power_kw),
        alarms=alarm_figures(queries.raisings(connection, first, last), alarms, first, last),
        time=station_time(
            course,
            first,
            last,
            report_queries.last_event_at(connection),
            partial(report_queries.last_event_before, connection),
        ),
        devices=device_figures(alarms, first, min(last, max(at, first))),
        batteries=_batteries(connection, config, settlements, min(last, at)),
        waiting=None if beside is None else waiting_figures(beside.entries, partial(_opened_at, connection)),
        quality=quality,
        maintenance=None if beside is None else beside.maintenance,
        haulage=None if beside is None else haulage_figures(beside.trips, swaps, energy, config.savings),
    )


def _opened_at(connection: Connection, swap: str) -> datetime | None:
    found = queries.find_swap(connection, swap)
    return None if found is None else found.opened_at


def _batteries(
    connection: Connection, config: Config, settlements: Sequence[Settlement], at: datetime
) -> tuple[BatteryFigures, ...]:
    charges = Counter(each.battery for each in settlements)
    energy_kwh = dict.fromkeys(charges, 0.0)
    for each in settlements:
        energy_kwh[each.battery] += float(each.energy_kwh or 0)
    figures = []
    for battery in queries.load_inventory(connection).batteries:
        card = battery_health(connection, config, battery.battery, at)
        found = {finding.figure: finding.value for finding in card.findings} if card else {}
        figures.append(
            BatteryFigures(
                battery=battery.battery,
                model=battery.model,
                grade=card.grade.value if card else "unknown",
                capacity_pct=found.get(CAPACITY),
                charges=charges[battery.battery],
                energy_kwh=round(energy_kwh.get(battery.battery, 0.0), 3),
            )
        )
    return tuple(figures)
