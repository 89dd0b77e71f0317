"""Settling a finished charge: its energy and money by period, and whether everything that counted it agrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from swapstation.config.energy_settings import Ledger
from swapstation.energy.charge_details import Details, charge_details
from swapstation.energy.counters import DC_COUNTERS, Counted, all_counted, dc_counted, settled_on
from swapstation.energy.tariff import Tariff
from swapstation.energy.uncertainty import counted_kwh, efficiency_range, soc_kwh
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.energy import Balance, BalanceKind, Counter, Settlement, TimedReading

_NO_COUNTER = "no_counter"


def settle(
    battery: str,
    bay: int,
    readings: Sequence[TimedReading],
    tariff: Tariff | None,
    ledger: Ledger,
    capacity_kwh: float | None,
) -> Settlement:
    """Settle a charge by its readings, those of begin and end among them. `capacity_kwh` is the battery's energy."""
    good, faults = all_counted(readings)
    chosen, dc, ac = settled_on(good, ledger), dc_counted(good), good.get(Counter.AC_METER)
    start, end = readings[0], readings[-1]
    details = charge_details(chosen.readings, _known(tariff, readings)) if chosen else Details(())
    change_pct = _change_pct(start, end)
    balances = [*_counters(good, dc, ledger), *_conversion(ac, dc, ledger)]
    if change_pct is not None and capacity_kwh is not None:
        balances += _stored(dc, change_pct, capacity_kwh, ledger)
        balances += _uncounted(change_pct, capacity_kwh, ledger) if chosen is None and faults else ()
    return Settlement(
        battery=battery,
        bay=bay,
        started_at=start.at,
        ended_at=end.at,
        counter=chosen.counter if chosen else None,
        energy_kwh=details.energy_kwh if chosen else None,
        ac_kwh=ac.energy_kwh if ac else None,
        dc_kwh=dc.energy_kwh if dc else None,
        start_soc_pct=start.reading.soc_pct,
        end_soc_pct=end.reading.soc_pct,
        details=details.items,
        electricity_yuan=details.electricity_yuan if chosen else None,
        service_yuan=details.service_yuan if chosen else None,
        balances=tuple(balances),
        faults=faults,
    )


def record_balances(settlement: Settlement, record: ChargeRecord, ledger: Ledger) -> tuple[Balance, ...]:
    """A charger's own record against our counters, and against its own meter before and after."""
    own_kwh = record.meter_end_kwh - record.meter_start_kwh
    u_kwh = counted_kwh(ledger, Counter.CHARGER, record.energy_kwh)
    told = [("charger_meter", own_kwh, counted_kwh(ledger, Counter.DC_METER, own_kwh))]
    if settlement.dc_kwh is not None:
        told.append(("dc", settlement.dc_kwh, counted_kwh(ledger, Counter.CHARGER, settlement.dc_kwh)))
    return tuple(
        Balance(BalanceKind.CHARGER_RECORD, "charger_record", record.energy_kwh, source, kwh, hypot(u_kwh, other_kwh))
        for source, kwh, other_kwh in told
    )


def _known(tariff: Tariff | None, readings: Sequence[TimedReading]) -> Tariff | None:
    """The tariff, if it knows the time of the charge."""
    if tariff is None or readings[0].at.astimezone(tariff.zone).date() < tariff.since:
        return None
    return tariff


def _change_pct(start: TimedReading, end: TimedReading) -> float | None:
    before, after = start.reading.soc_pct, end.reading.soc_pct
    return None if before is None or after is None else after - before


def _counters(good: dict[Counter, Counted], dc: Counted | None, ledger: Ledger) -> Iterator[Balance]:
    """Other DC counters against the best one."""
    for counter in DC_COUNTERS:
        other = good.get(counter)
        if dc is None or other is None or other is dc:
            continue
        u_kwh = hypot(counted_kwh(ledger, counter, other.energy_kwh), counted_kwh(ledger, dc.counter, dc.energy_kwh))
        yield Balance(BalanceKind.COUNTERS, counter.value, other.energy_kwh, dc.counter.value, dc.energy_kwh, u_kwh)


def _conversion(ac: Counted | None, dc: Counted | None, ledger: Ledger) -> Iterator[Balance]:
    """DC against AC through the efficiency of the charging modules."""
    if ac is None or dc is None:
        return
    middle, half = efficiency_range(ledger)
    u_kwh = hypot(
        counted_kwh(ledger, dc.counter, dc.energy_kwh),
        counted_kwh(ledger, Counter.AC_METER, ac.energy_kwh) * middle,
    )
    expected_kwh = ac.energy_kwh * middle
    yield Balance(
        BalanceKind.CONVERSION, dc.counter.value, dc.energy_kwh, "ac_meter", expected_kwh, u_kwh + ac.energy_kwh * half
    )


def _stored(dc: Counted | None, change_pct: float, capacity_kwh: float, ledger: Ledger) -> Iterator[Balance]:
    """DC against the change of SOC through the battery's capacity and charging efficiency."""
    if dc is None:
        return
    expected_kwh = change_pct / 100.0 * capacity_kwh / ledger.battery_efficiency
    u_kwh = hypot(counted_kwh(ledger, dc.counter, dc.energy_kwh), soc_kwh(ledger, capacity_kwh, change_pct))
    yield Balance(BalanceKind.BATTERY, dc.counter.value, dc.energy_kwh, "soc", expected_kwh, u_kwh)


def _uncounted(change_pct: float, capacity_kwh: float, ledger: Ledger) -> Iterator[Balance]:
    """A charge whose counters all failed: what the SOC says was charged is counted by nobody."""
    expected_kwh = change_pct / 100.0 * capacity_kwh / ledger.battery_efficiency
    u_kwh = soc_kwh(ledger, capacity_kwh, change_pct)
    yield Balance(BalanceKind.COUNTERS, _NO_COUNTER, 0.0, "soc", expected_kwh, u_kwh)
