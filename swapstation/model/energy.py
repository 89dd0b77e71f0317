"""The energy ledger's words: readings, charge details, balances, cases (own design; details after T/CEC 102).

Energy is in kWh as the counters show it, money in yuan as Decimal. A counter that is silent reads None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from swapstation.model.charge_record import ChargeRecord


class Counter(StrEnum):
    """What counts the energy of a bay: its meters, its charger, the charging process of GB/T 27930 (CSD)."""

    AC_METER = "ac_meter"
    DC_METER = "dc_meter"
    CHARGER = "charger"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class BayReading:
    """What the counters and the battery of a bay showed at one instant.

    `ac_meter_kwh` and `dc_meter_kwh` are registers that count for ever, `charger_kwh` and `process_kwh` those of the
    running charge alone.
    """

    bay: int
    battery: str | None = None
    ac_meter_kwh: float | None = None
    dc_meter_kwh: float | None = None
    charger_kwh: float | None = None
    process_kwh: float | None = None
    soc_pct: float | None = None

    def counted(self, counter: Counter) -> float | None:
        value = getattr(self, f"{counter.value}_kwh")
        return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class TimedReading:
    """A bay's reading and when it was taken."""

    at: datetime
    reading: BayReading


@dataclass(frozen=True, slots=True)
class ChargeDetail:
    """The part of a charge with one price (ChargeDetails of T/CEC 102): kWh, yuan per kWh, yuan.

    `interpolated`: a reading at its begin or end was missing. `fallback`: the market's price was missing. `version`
    names the tariff's tables and prices; "" and no money where the station knew no tariff.
    """

    start: datetime
    end: datetime
    energy_kwh: Decimal
    period: str = ""
    electricity_price: Decimal | None = None
    service_price: Decimal | None = None
    electricity_yuan: Decimal | None = None
    service_yuan: Decimal | None = None
    version: str = ""
    interpolated: bool = False
    fallback: bool = False


class BalanceKind(StrEnum):
    """What two figures of energy are compared."""

    CONVERSION = "conversion"
    BATTERY = "battery"
    COUNTERS = "counters"
    CHARGER_RECORD = "charger_record"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Balance:
    """Two figures of one energy, kWh. They agree within `uncertainty_kwh`, the root of the sum of squares of both.

    `expected_kwh` is what `expected_from` says `counted_kwh` should be.
    """

    kind: BalanceKind
    counted_from: str
    counted_kwh: float
    expected_from: str
    expected_kwh: float
    uncertainty_kwh: float

    @property
    def difference_kwh(self) -> float:
        return self.counted_kwh - self.expected_kwh

    @property
    def agrees(self) -> bool:
        return abs(self.difference_kwh) <= self.uncertainty_kwh


class MeterFault(StrEnum):
    """What a counter did that no energy can do."""

    SILENT = "silent"
    JUMPED_BACK = "jumped_back"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class CounterFault:
    """A counter that cannot be used for a charge, and from when on (UTC)."""

    counter: str
    fault: MeterFault
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger says of one finished charge. `counter` is the one its energy is settled on; None: none could be.

    `ac_kwh` is what the bay took from the site, `dc_kwh` what it gave to the battery, as far as meters tell.
    """

    battery: str
    bay: int
    started_at: datetime
    ended_at: datetime
    counter: Counter | None
    energy_kwh: Decimal | None
    ac_kwh: float | None
    dc_kwh: float | None
    start_soc_pct: float | None
    end_soc_pct: float | None
    details: tuple[ChargeDetail, ...] = ()
    electricity_yuan: Decimal | None = None
    service_yuan: Decimal | None = None
    balances: tuple[Balance, ...] = ()
    faults: tuple[CounterFault, ...] = ()

    @property
    def efficiency(self) -> float | None:
        """DC of AC; None where one of them is not metered."""
        return self.dc_kwh / self.ac_kwh if self.dc_kwh is not None and self.ac_kwh else None


@dataclass(frozen=True, slots=True)
class EnergyCase:
    """A mismatch beyond the uncertainty, with what proves it. `subject`: the bay's place, or "site".

    `evidence` is the dispute packet: readings, times, sources, uncertainties, tariff versions, ids.
    """

    case: str
    kind: BalanceKind
    subject: str
    battery: str
    opened_at: datetime
    difference_kwh: float
    uncertainty_kwh: float
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnergyRead:
    """Counters were read: of the site (None: its meter is silent) and of some bays, all at the record's time."""

    site_kwh: float | None
    bays: tuple[BayReading, ...]


@dataclass(frozen=True, slots=True)
class ChargeSettled:
    """The energy of a finished charge is settled; its row gets the details."""

    settlement: Settlement


@dataclass(frozen=True, slots=True)
class ChargerRecorded:
    """A charger handed over its own record of a charge; it may forget it once this is durable."""

    bay: int
    record: ChargeRecord


@dataclass(frozen=True, slots=True)
class EnergyCaseOpened:
    """Energy is missing or too much, beyond what the meters' uncertainty explains."""

    case: EnergyCase


@dataclass(frozen=True, slots=True)
class EnergyCaseClosed:
    """A person has dealt with a case."""

    case: str
    person: str
    reason: str


EnergyRecord = EnergyRead | ChargeSettled | ChargerRecorded | EnergyCaseOpened | EnergyCaseClosed
