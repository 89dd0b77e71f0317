"""Past swaps, jobs, bypasses and events, read from the station database; the controller is its only writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, partial

from swapstation.config.settings import Config
from swapstation.energy.swap_energy import SwapEnergy, swap_energy
from swapstation.errors import InputError
from swapstation.inventory import energy_queries, lives, queries, report_queries, use_queries
from swapstation.inventory.database import open_reader, storage_errors
from swapstation.inventory.energy_queries import Charge, ChargePacket, KnownCase
from swapstation.inventory.health import battery_health
from swapstation.inventory.lives import Life, Span
from swapstation.inventory.queries import Event
from swapstation.inventory.report_queries import KnownPromise
from swapstation.model.alarm_figures import AlarmFigures, AlarmPeriod, alarm_figures
from swapstation.model.bypass import Bypass
from swapstation.model.health import HealthCard
from swapstation.model.inventory import Swap
from swapstation.model.job import Job
from swapstation.model.maintenance import Counter
from swapstation.records.telemetry.power_quality import PowerQuality
from swapstation.reports.beside import Beside
from swapstation.reports.gather import gather
from swapstation.reports.period import Period
from swapstation.reports.report import Report


class History:
    """Opens the database when first asked, so that the server starts before the controller has made it.

    Every method raises DatabaseError while the database cannot be read.
    """

    def __init__(self, url: str) -> None:
        self._engine = cache(partial(open_reader, url))

    def swaps(self, limit: int, before: datetime | None) -> tuple[Swap, ...]:
        """Swaps, newest first, opened before an instant."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.list_swaps(connection, limit, None if before is None else _utc(before))

    def swap(self, swap: str) -> Swap | None:
        """One swap by its id."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.find_swap(connection, swap)

    def swaps_of_trucks(
        self,
        times: Sequence[tuple[str, datetime, datetime | None]],
        limit: int,
        before: tuple[datetime, str] | None,
    ) -> tuple[Swap, ...]:
        """Swaps of trucks within their times (VIN, from, until before), newest first; `before` gives the next page."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.swaps_of_trucks(connection, times, limit, before)

    def swaps_handed_over(self, first: datetime, last: datetime) -> frozenset[str]:
        """The swaps that began from `first` until before `last` and handed a battery over."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.swaps_handed_over(connection, _utc(first), _utc(last))

    def jobs(self, limit: int, before: datetime | None) -> tuple[Job, ...]:
        """Jobs, newest first, opened before an instant."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.list_jobs(connection, limit, None if before is None else _utc(before))

    def job(self, job: str) -> Job | None:
        """One job by its id."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.find_job(connection, job)

    def bypasses(self, limit: int, before: datetime | None) -> tuple[Bypass, ...]:
        """Bypasses, newest first, set before an instant."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.list_bypasses(connection, limit, None if before is None else _utc(before))

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """Events with a higher sequence number, in order."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.events_after(connection, after, limit)

    def events_of(self, kinds: tuple[str, ...], after: int, limit: int) -> tuple[tuple[Event, ...], int]:
        """Events of some kinds after a sequence number, and up to which number every one of them is told."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.events_of(connection, kinds, after, limit)

    def events_between(self, first: datetime, last: datetime, limit: int) -> tuple[Event, ...]:
        """The first events from `first` until before `last`, in order."""
        with storage_errors(), self._engine().connect() as connection:
            return report_queries.events_between(connection, _utc(first), _utc(last), limit)

    def alarm_figures(self, first: datetime, last: datetime) -> AlarmFigures:
        """The figures of alarm management from `first` until before `last` (UTC)."""
        with storage_errors(), self._engine().connect() as connection:
            periods = queries.alarm_periods(connection, first, last)
            return alarm_figures(queries.raisings(connection, first, last), periods, first, last)

    def alarm_periods(self, first: datetime, last: datetime) -> tuple[AlarmPeriod, ...]:
        """Alarms that stood at some time from `first` until before `last`, newest first."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.alarm_periods(connection, _utc(first), _utc(last))[::-1]

    def charges(self, limit: int, before: datetime | None, battery: str | None) -> tuple[Charge, ...]:
        """Charges, newest first, begun before an instant; of one battery or all."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.list_charges(connection, limit, None if before is None else _utc(before), battery)

    def charge(self, charge: int) -> Charge | None:
        """One charge by its number."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.find_charge(connection, charge)

    def charge_packet(self, charge: Charge) -> ChargePacket:
        """Everything that is on record of a charge."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.charge_packet(connection, charge)

    def energy_cases(self, limit: int, before: datetime | None, only_open: bool) -> tuple[KnownCase, ...]:
        """Cases of missing or surplus energy, newest first, opened before an instant."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.list_cases(connection, limit, None if before is None else _utc(before), only_open)

    def energy_case(self, case: str) -> KnownCase | None:
        """One case by its id."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.find_case(connection, case)

    def swap_energy(self, config: Config, swap: str) -> tuple[SwapEnergy, ...] | None:
        """What each exchange of a swap handed over; None for a swap that is on no record."""
        with storage_errors(), self._engine().connect() as connection:
            known = queries.find_swap(connection, swap)
            stock = queries.load_inventory(connection)
        if known is None:
            return None
        models = {model.name: model.energy_kwh for model in config.battery_models}
        capacities_kwh = {each.battery: models[each.model] for each in stock.batteries if each.model in models}
        return tuple(swap_energy(exchange, capacities_kwh, config.ledger) for exchange in known.exchanged)

    def health(self, config: Config, battery: str, at: datetime) -> HealthCard | None:
        """The health card of a battery as of `at`; None for one that is on no record."""
        with storage_errors(), self._engine().connect() as connection:
            return battery_health(connection, config, battery, at)

    def report(
        self, config: Config, period: Period, at: datetime, beside: Beside, quality: PowerQuality | None
    ) -> Report:
        """The report of a period as it is known at `at` (UTC)."""
        with storage_errors(), self._engine().connect() as connection:
            return gather(connection, config, period, at, beside, quality)

    def counted(self, config: Config, first: datetime, last: datetime) -> dict[tuple[str, Counter], float]:
        """What was counted of devices from `first` until before `last`, by device and counter."""
        with storage_errors(), self._engine().connect() as connection:
            return use_queries.counted_between(connection, config, _utc(first), _utc(last))

    def first_event_at(self) -> datetime | None:
        """When the oldest event was written."""
        with storage_errors(), self._engine().connect() as connection:
            return use_queries.first_event_at(connection)

    def promises(self, first: datetime, last: datetime) -> tuple[KnownPromise, ...]:
        """Bookings whose promised time is in the span."""
        with storage_errors(), self._engine().connect() as connection:
            return report_queries.promises_between(connection, _utc(first), _utc(last))

    def battery_life(self, battery: str, span: Span) -> Life | None:
        """What is on record of a battery; None for one that is on none."""
        with storage_errors(), self._engine().connect() as connection:
            return lives.battery_life(connection, battery, span)

    def truck_life(self, vin: str, span: Span) -> Life | None:
        """What is on record of a truck; None for one that is on none."""
        with storage_errors(), self._engine().connect() as connection:
            return lives.truck_life(connection, vin, span)

    def bay_life(self, number: int, span: Span) -> Life:
        """What is on record of a bay."""
        with storage_errors(), self._engine().connect() as connection:
            return lives.bay_life(connection, number, span)

    def close(self) -> None:
        if self._engine.cache_info().currsize:
            self._engine().dispose()


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InputError("before", at.isoformat(), "an instant that exists in UTC") from None
