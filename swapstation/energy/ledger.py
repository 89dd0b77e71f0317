"""The energy ledger: follows every charge from its first reading to its settlement, and the site from day to day.

It looks at each scan cycle's snapshot and at what was decided in it, and says what is to be written down. Counters are
read when a charge begins and ends, at every quarter of an hour while it runs, and all of them every hour, so that any
tariff can be applied to them. Nothing here integrates power over time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from swapstation.config.settings import Config
from swapstation.energy.case import charge_case, site_case
from swapstation.energy.settlement import record_balances, settle
from swapstation.energy.site_balance import site_balance
from swapstation.energy.tariff import Tariff, step_of
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.energy import (
    BayReading,
    ChargerRecorded,
    ChargeSettled,
    EnergyCaseOpened,
    EnergyRead,
    Settlement,
    TimedReading,
)
from swapstation.model.journal import ChargeEnded, ChargeStarted, Record
from swapstation.model.snapshot import BayState, Snapshot

LAST_READING_S = 20.0
"""So long a finished charge waits for its meters at most."""
ZONE = "Asia/Shanghai"
"""Days of the balance where no tariff names a time zone."""


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """A charge that runs, with its readings so far, that of its begin first. `order` is the id of its start order.

    `soc_told`: the SOC of its begin is what the BMS said. Until then it is the last one on record.
    """

    battery: str
    bay: int
    readings: tuple[TimedReading, ...]
    order: str = ""
    soc_told: bool = False

    @property
    def started_at(self) -> datetime:
        return self.readings[0].at

    def read(self, at: datetime, reading: BayReading) -> OpenCharge:
        """With one more reading; one whose clock was set back counts from the last one's time."""
        following = TimedReading(max(at, self.readings[-1].at), reading)
        return replace(self, readings=(*self.readings, following))

    def begins_at_soc(self, soc_pct: float) -> OpenCharge:
        """With what the BMS said first as the SOC of its begin."""
        first, *others = self.readings
        told = replace(first, reading=replace(first.reading, soc_pct=soc_pct))
        return replace(self, readings=(told, *others), soc_told=True)


@dataclass(frozen=True, slots=True)
class EndedCharge:
    """A charge whose end was seen at monotonic `ended_s`, waiting for what its meters show after that."""

    charge: OpenCharge
    ended_s: float


@dataclass(frozen=True, slots=True)
class SiteDay:
    """What the meters of site and bays showed when a local day began."""

    day: date
    site_kwh: float
    ac_kwh: Mapping[int, float]


class EnergyLedger:
    """The ledger of one station.

    `tariff` gives the tariff of now; `open_charges`, `ended` (not settled yet) and `day` are of before a restart.
    """

    def __init__(
        self,
        config: Config,
        tariff: Callable[[], Tariff | None],
        open_charges: Sequence[OpenCharge] = (),
        day: SiteDay | None = None,
        ended: Sequence[OpenCharge] = (),
    ) -> None:
        self._config = config
        self._tariff = tariff
        self._open = {charge.bay: charge for charge in open_charges}
        self._ended = [EndedCharge(charge, float("-inf")) for charge in ended]
        self._orders: dict[int, str] = {charge.bay: charge.order for charge in open_charges}
        self._settled: dict[int, Settlement] = {}
        self._unmetered: list[Settlement] = []
        self._kept: set[ChargeRecord] = set()
        self._offered: dict[int, ChargeRecord] = {}
        self._day = day
        self._given_kwh = 0.0
        self._quarter: datetime | None = None

    def follow(
        self,
        snapshot: Snapshot,
        records: Sequence[Record],
        orders: Mapping[int, str],
        charge_records: Mapping[int, ChargeRecord],
    ) -> list[Record]:
        """What one cycle leaves to be written down.

        `records` were decided in it; `orders` are the ids of start orders that left in it, by bay; `charge_records` are
        those that chargers offer.
        """
        told: list[Record] = []
        self._orders |= orders
        told += self._hear_soc(snapshot)
        for record in records:
            if isinstance(record, ChargeStarted):
                told += self._begin(snapshot, record)
            elif isinstance(record, ChargeEnded):
                told += self._end(snapshot, record)
            elif isinstance(record, BatteryDischarged):
                self._given_kwh += record.energy_kwh or 0.0
        told += self._settle_ended(snapshot)
        told += self._read_on_time(snapshot)
        for bay, charge_record in charge_records.items():
            told += self._keep(snapshot, bay, charge_record)
        return told

    def _hear_soc(self, snapshot: Snapshot) -> Iterator[Record]:
        """What the BMS says first is the SOC of the begin; it is written down for a restart."""
        for number, charge in self._open.items():
            reading = bay_reading(snapshot.bay(number))
            if not charge.soc_told and reading.soc_pct is not None:
                self._open[number] = charge.read(snapshot.at, reading).begins_at_soc(reading.soc_pct)
                yield EnergyRead(_site_kwh(snapshot), (reading,))

    def _begin(self, snapshot: Snapshot, record: ChargeStarted) -> Iterator[Record]:
        """A charge of this bay that is still open was never seen to end: what was read of it is settled."""
        lost = self._open.pop(record.bay, None)
        if lost is not None:
            self._ended.append(EndedCharge(lost, float("-inf")))
        yield from self._settle_ended(snapshot, record.bay)
        reading = replace(bay_reading(snapshot.bay(record.bay)), battery=record.battery)
        reading = replace(reading, soc_pct=record.soc_pct)
        first, order = TimedReading(snapshot.at, reading), self._orders.get(record.bay, "")
        self._open[record.bay] = OpenCharge(record.battery, record.bay, (first,), order)
        yield EnergyRead(_site_kwh(snapshot), (reading,))

    def _end(self, snapshot: Snapshot, record: ChargeEnded) -> Iterator[Record]:
        charge = self._open.pop(record.bay, None)
        if charge is None or charge.battery != record.battery:
            return
        reading = replace(bay_reading(snapshot.bay(record.bay)), battery=record.battery)
        if record.soc_pct is not None:
            reading = replace(reading, soc_pct=record.soc_pct)
        yield EnergyRead(_site_kwh(snapshot), (reading,))
        self._ended.append(EndedCharge(charge.read(snapshot.at, reading), snapshot.now_s))

    def _settle_ended(self, snapshot: Snapshot, at_once: int | None = None) -> Iterator[Record]:
        """Settle what has ended once its meters were read after that: they are polled slower than a charge ends."""
        waiting, self._ended = self._ended, []
        for ended in waiting:
            bay, waited_s = snapshot.bay(ended.charge.bay), snapshot.now_s - ended.ended_s
            ages_s = [seen.age_s for seen in (bay.ac_meter, bay.dc_meter) if seen.good is not None]
            old = any(age_s is not None and age_s > waited_s for age_s in ages_s)
            if old and waited_s < LAST_READING_S and at_once != bay.number:
                self._ended.append(ended)
                continue
            charge = ended.charge
            if ages_s and not old and waited_s < LAST_READING_S:
                charge, told = _with_last_registers(charge, bay)
                yield from (EnergyRead(None, (reading,)) for reading in told)
            yield from self._settle(snapshot, charge)

    def _settle(self, snapshot: Snapshot, charge: OpenCharge) -> Iterator[Record]:
        ledger, tariff = self._config.ledger, self._tariff()
        readings, capacity_kwh = charge.readings, self._capacity_kwh(snapshot, charge.battery)
        settlement = settle(charge.battery, charge.bay, readings, tariff, ledger, capacity_kwh)
        self._settled[charge.bay] = settlement
        if settlement.ac_kwh is None:
            self._unmetered.append(settlement)
        yield ChargeSettled(settlement)
        offered = self._offered.get(charge.bay)
        record = offered if offered is not None and offered.order_id == charge.order else None
        compared = record_balances(settlement, record, ledger) if record is not None else ()
        wrong = [balance for balance in (*settlement.balances, *compared) if not balance.agrees]
        if wrong:
            yield EnergyCaseOpened(charge_case(snapshot, settlement, wrong, readings, charge.order, ledger, record))

    def _read_on_time(self, snapshot: Snapshot) -> Iterator[Record]:
        """Readings at each quarter of an hour of the running charges, each hour of everything."""
        quarter = step_of(snapshot.at)
        before, self._quarter = self._quarter, quarter
        if before is None or before == quarter:
            return
        hourly = before.replace(minute=0) != quarter.replace(minute=0)
        bays = [bay for bay in snapshot.bays if bay.charges and (hourly or bay.number in self._open)]
        readings = tuple(self._one_more(snapshot, bay) for bay in bays)
        if hourly or readings:
            yield EnergyRead(_site_kwh(snapshot), readings)
        yield from self._change_of_day(snapshot)

    def _one_more(self, snapshot: Snapshot, bay: BayState) -> BayReading:
        reading, charge = bay_reading(bay), self._open.get(bay.number)
        if charge is not None:
            self._open[bay.number] = charge.read(snapshot.at, reading)
        return reading

    def _change_of_day(self, snapshot: Snapshot) -> Iterator[Record]:
        tariff, site_kwh = self._tariff(), _site_kwh(snapshot)
        today = snapshot.at.astimezone(tariff.zone if tariff else ZoneInfo(ZONE)).date()
        if site_kwh is None or (self._day is not None and self._day.day == today):
            return
        ac_kwh = {bay.number: kwh for bay in snapshot.bays if (kwh := bay_reading(bay).ac_meter_kwh) is not None}
        began, self._day = self._day, SiteDay(today, site_kwh, ac_kwh)
        unmetered, self._unmetered = self._unmetered, []
        given_kwh, self._given_kwh = self._given_kwh, 0.0
        if began is None:
            return
        counted = {bay: ac_kwh[bay] - kwh for bay, kwh in began.ac_kwh.items() if ac_kwh.get(bay, -1.0) >= kwh}
        days = max((today - began.day).days, 1)
        ledger, store = self._config.ledger, self._config.store
        store_kwh = 0.0 if store is None else store.energy_kwh
        balance = site_balance(site_kwh - began.site_kwh, counted, unmetered, ledger, days, given_kwh, store_kwh)
        if not balance.agrees:
            yield EnergyCaseOpened(site_case(snapshot, began.day, balance, counted, unmetered, self._config.ledger))

    def _keep(self, snapshot: Snapshot, bay: int, record: ChargeRecord) -> Iterator[Record]:
        """A record that a charger offers is written down once; it is offered until that is durable.

        It is compared with the settlement here, or there if the charge is not settled yet.
        """
        if record in self._kept:
            return
        self._kept.add(record)
        self._offered[bay] = record
        yield ChargerRecorded(bay, record)
        settlement, order, ledger = self._settled.get(bay), self._orders.get(bay, ""), self._config.ledger
        if settlement is None or bay in self._open or record.order_id != order:
            return
        wrong = [balance for balance in record_balances(settlement, record, ledger) if not balance.agrees]
        if wrong:
            yield EnergyCaseOpened(charge_case(snapshot, settlement, wrong, (), order, ledger, record))

    def kept(self, record: ChargeRecord) -> None:
        """A charger's record is durable: its charger may forget it, and it will not come again."""
        self._kept.discard(record)

    def _capacity_kwh(self, snapshot: Snapshot, battery: str) -> float | None:
        """The energy of the battery's model; None for one that is on no record."""
        known = snapshot.inventory.battery(battery)
        models = {model.name: model.energy_kwh for model in self._config.battery_models}
        return models.get(known.model) if known else None


def bay_reading(bay: BayState) -> BayReading:
    """What the counters of a bay show now; a charger's own meters stand for the bay's where it has none."""
    charger, charge = bay.charger.good, bay.charge.good
    ac, dc = bay.ac_meter.good, bay.dc_meter.good
    return BayReading(
        bay=bay.number,
        battery=bay.battery,
        ac_meter_kwh=ac.energy_kwh if ac else charger.ac_meter_kwh if charger else None,
        dc_meter_kwh=dc.energy_kwh if dc else charger.dc_meter_kwh if charger else None,
        charger_kwh=charger.energy_kwh if charger else None,
        process_kwh=charge.session_energy_kwh if charge else None,
        soc_pct=charge.soc_pct if charge else None,
    )


def _with_last_registers(charge: OpenCharge, bay: BayState) -> tuple[OpenCharge, tuple[BayReading, ...]]:
    """A finished charge with what its meters show after the end, and the reading if it says more than the last."""
    *before, last = charge.readings
    now = bay_reading(bay)
    told = {name: getattr(now, name) for name in ("ac_meter_kwh", "dc_meter_kwh") if getattr(now, name) is not None}
    reading = replace(last.reading, **told)
    readings = (*before, replace(last, reading=reading))
    return replace(charge, readings=readings), (() if reading == last.reading else (reading,))


def _site_kwh(snapshot: Snapshot) -> float | None:
    return snapshot.meter.good.energy_kwh if snapshot.meter.good else None
