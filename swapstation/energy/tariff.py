"""What electricity costs at a moment: flat energy price x factor of the period, or a spot price, plus fixed components.

price(t) = flat x factor(t) + loss + system operation + transmission and distribution + government funds
(晋发改商品发〔2026〕15号: the last four are not floated). Every part has versions by date: an old charge is priced with
what was in force at its time. Yuan per kWh as Decimal throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from swapstation.energy.day_series import DayValue, Series, told_at
from swapstation.energy.tariff_table import STEP_MINUTES, Customer, Holidays, Hours, Period, TariffTable
from swapstation.errors import InputError

STEP = timedelta(minutes=STEP_MINUTES)
SPOT_PRICE = DayValue("price", "prices", "0.3120", Decimal(-5), Decimal(50), "元/kWh", "yuan/kWh")
"""Energy prices of the market."""
LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""Where no tariff says otherwise: one zone for all of China."""


@dataclass(frozen=True, slots=True)
class EnergyPrice:
    """The operator's price components from a day on, yuan per kWh; `flat` alone is multiplied by the factors."""

    since: date
    flat: Decimal
    loss: Decimal = Decimal(0)
    system_operation: Decimal = Decimal(0)
    transmission: Decimal = Decimal(0)
    funds: Decimal = Decimal(0)

    @property
    def fixed(self) -> Decimal:
        return self.loss + self.system_operation + self.transmission + self.funds


@dataclass(frozen=True, slots=True)
class ServiceFee:
    """The operator's service fee from a day on, yuan per kWh; `periods` have their own where it is not `fee`."""

    since: date
    fee: Decimal
    periods: Mapping[Period, Decimal] = field(default_factory=dict)

    def of(self, period: Period) -> Decimal:
        return self.periods.get(period, self.fee)


class SpotPrices:
    """Energy prices of the market by local day: 24, 48 or 96 for its hours, half hours or quarters; None: not told."""

    def __init__(self, days: Mapping[date, Series], since: date) -> None:
        self.since = since
        self.days = days

    def at(self, local: datetime) -> Decimal | None:
        """The price of a moment of local time; None: nobody told it."""
        return told_at(self.days, local)


@dataclass(frozen=True, slots=True)
class Price:
    """What a kWh costs at a moment, electricity and service separately, and by which versions.

    `fallback`: the spot price of this moment is missing, the time-of-use price counts.
    """

    period: Period
    electricity: Decimal
    service: Decimal
    version: str
    fallback: bool = False

    @property
    def total(self) -> Decimal:
        return self.electricity + self.service


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time with one price, from `start` until before `end` (UTC)."""

    start: datetime
    end: datetime
    price: Price


class Tariff:
    """All versions of a station's tariff. Times may be in any zone; one before the first version is an InputError."""

    def __init__(
        self,
        tables: Iterable[TariffTable],
        prices: Iterable[EnergyPrice],
        service: Iterable[ServiceFee],
        customer: Customer,
        holidays: Holidays,
        spot: SpotPrices | None = None,
    ) -> None:
        self.tables = tuple(sorted(tables, key=lambda table: table.in_force))
        self.energy_prices = tuple(sorted(prices, key=lambda price: price.since))
        self.service_fees = tuple(sorted(service, key=lambda fee: fee.since))
        self.customer = customer
        self.holidays = holidays
        self.spot = spot
        self.zone = ZoneInfo(self.tables[0].timezone)
        self.since = max(self.tables[0].in_force, self.energy_prices[0].since, self.service_fees[0].since)
        self._days: dict[date, tuple[Price, ...]] = {}

    def price(self, at: datetime) -> Decimal:
        """Yuan per kWh of electricity at a moment, without the service fee."""
        return self.at(at).electricity

    def period(self, at: datetime) -> Period:
        """The time-of-use period of a moment."""
        return self.at(at).period

    def prices(self, starts: Sequence[datetime]) -> tuple[Decimal, ...]:
        """Yuan per kWh of electricity of steps that begin at `starts`."""
        return tuple(self.price(start) for start in starts)

    def at(self, at: datetime) -> Price:
        """Everything a kWh costs at a moment."""
        local = at.astimezone(self.zone)
        price = self._day(local.date())[(local.hour * 60 + local.minute) // STEP_MINUTES]
        if self.spot is None or local.date() < self.spot.since:
            return price
        return self._spot_price(price, local)

    def stretches(self, start: datetime, end: datetime) -> tuple[Stretch, ...]:
        """The stretches of one price between two instants, in their order; neighbours differ."""
        if start >= end:
            return ()
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        edges = [start]
        while (following := step_of(edges[-1]) + STEP) < end:
            edges.append(following)
        found: list[Stretch] = []
        for first, last in pairwise([*edges, end]):
            price = self.at(first)
            same = bool(found) and found[-1].price == price
            found.append(Stretch(found.pop().start if same else first, last, price))
        return tuple(found)

    def table_of(self, day: date) -> TariffTable:
        """The table in force on a local day."""
        return in_force(self.tables, [table.in_force for table in self.tables], day)

    def periods(self, day: date) -> tuple[tuple[Hours, Period], ...]:
        """The periods of a local day."""
        return self.table_of(day).day(day, self.customer, self.holidays)

    def energy_price_of(self, day: date) -> EnergyPrice:
        """The price components in force on a local day."""
        return in_force(self.energy_prices, [price.since for price in self.energy_prices], day)

    def service_fee_of(self, day: date) -> ServiceFee:
        """The service fee in force on a local day."""
        return in_force(self.service_fees, [fee.since for fee in self.service_fees], day)

    def _day(self, day: date) -> tuple[Price, ...]:
        """The price of each quarter of a local day by the time-of-use table."""
        known = self._days.get(day)
        if known is None:
            table, energy, service = self.table_of(day), self.energy_price_of(day), self.service_fee_of(day)
            version = f"{table.name}/{energy.since}/{service.since}"
            price_of = {
                period: Price(
                    period, energy.flat * table.factors.of(period) + energy.fixed, service.of(period), version
                )
                for _, period in self.periods(day)
            }
            known = self._days[day] = tuple(
                price_of[period]
                for hours, period in self.periods(day)
                for _ in range(hours.start, hours.end, STEP_MINUTES)
            )
        return known

    def _spot_price(self, usual: Price, local: datetime) -> Price:
        assert self.spot is not None
        spot, day = self.spot.at(local), local.date()
        if spot is None:
            return replace(usual, fallback=True)
        energy = self.energy_price_of(day)
        version = f"spot/{energy.since}/{self.service_fee_of(day).since}"
        return Price(usual.period, spot + energy.fixed, usual.service, version)


Version = TypeVar("Version")


def in_force(versions: Sequence[Version], since: Sequence[date], day: date) -> Version:
    """The last of the versions, in order of their first days, that counts on a day. InputError before the first."""
    counting = [version for version, first in zip(versions, since, strict=True) if first <= day]
    if not counting:
        raise InputError("at", day.isoformat(), f"a day from {since[0].isoformat()} on, when the tariff begins")
    return counting[-1]


def step_of(at: datetime) -> datetime:
    """The UTC instant at which the quarter of an hour of a moment begins."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % STEP_MINUTES, second=0, microsecond=0)
