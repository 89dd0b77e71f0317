"""Reading the energy ledger and the batteries' observations from the station database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.apply_energy import OBSERVATION, SETTLEMENT
from swapstation.inventory.energy_tables import (
    SITE_BAY,
    battery_observations,
    case_open,
    charger_records,
    energy_cases,
    energy_readings,
)
from swapstation.model.command import StartCharge
from swapstation.model.energy import BayReading, EnergyCase, Settlement, TimedReading
from swapstation.model.health import Observation

_READING = [energy_readings.c[name] for name in BayReading.__dataclass_fields__]
_CHARGE = [
    tables.charges.c[name]
    for name in (
        "sequence",
        "battery",
        "bay",
        "started_at",
        "start_soc_pct",
        "target_soc_pct",
        "ended_at",
        "end_soc_pct",
        "energy_kwh",
        "reasons",
        "settlement",
    )
]


_CASE_AFTER = timedelta(minutes=10)
"""A charger may hand its record over some time after the end of a charge."""
_ORDERS_BACK = 100
"""The order of a charge is among so many start orders before it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge on record; `charge` is its number. No settlement: it runs, or was before there was a ledger."""

    charge: int
    battery: str
    bay: int
    started_at: datetime | None
    start_soc_pct: float | None
    target_soc_pct: float | None
    ended_at: datetime | None
    end_soc_pct: float | None
    energy_kwh: float | None
    reasons: tuple[str, ...]
    settlement: Settlement | None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """An energy case and how it was closed, if it was."""

    case: EnergyCase
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""


@dataclass(frozen=True, slots=True)
class ChargePacket:
    """A dispute packet: a charge with its readings, the chargers' own records of it, and the cases about it."""

    charge: Charge
    order: int | None
    readings: tuple[TimedReading, ...]
    charger_records: tuple[dict[str, Any], ...]
    cases: tuple[KnownCase, ...]
    swaps: tuple[str, ...]


def list_charges(
    connection: sa.Connection,
    limit: int = 50,
    before: datetime | None = None,
    battery: str | None = None,
    bay: int | None = None,
) -> tuple[Charge, ...]:
    """Charges, newest first; `before` a start gives the next page. Those whose start was never seen are left out."""
    charges = tables.charges.c
    newest = sa.select(*_CHARGE).where(charges.started_at.is_not(None))
    if before is not None:
        newest = newest.where(charges.started_at < before)
    if battery is not None:
        newest = newest.where(charges.battery == battery)
    if bay is not None:
        newest = newest.where(charges.bay == bay)
    rows = connection.execute(newest.order_by(charges.started_at.desc(), charges.sequence.desc()).limit(limit))
    return tuple(_charge(row) for row in rows)


def find_charge(connection: sa.Connection, charge: int) -> Charge | None:
    """One charge by its number."""
    row = connection.execute(sa.select(*_CHARGE).where(tables.charges.c.sequence == charge)).one_or_none()
    return None if row is None else _charge(row)


def open_charges(connection: sa.Connection) -> tuple[Charge, ...]:
    """Charges that were begun and not yet seen to end."""
    begun = sa.select(*_CHARGE).where(tables.charge_open, tables.charges.c.started_at.is_not(None))
    return tuple(_charge(row) for row in connection.execute(begun))


def unsettled_charges(connection: sa.Connection, since: datetime) -> tuple[Charge, ...]:
    """Charges that ended after an instant and were not settled: the controller died in between."""
    charges = tables.charges.c
    ended = sa.select(*_CHARGE).where(charges.ended_at >= since, charges.started_at.is_not(None))
    known = (_charge(row) for row in connection.execute(ended.order_by(charges.sequence)))
    return tuple(charge for charge in known if charge.settlement is None)


def settled_charges(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Settlement, ...]:
    """Settlements of the charges that ended from `first` until before `last` (UTC), in the order of their begin."""
    charges = tables.charges.c
    ended = sa.select(*_CHARGE).where(
        charges.ended_at >= first, charges.ended_at < last, charges.started_at.is_not(None)
    )
    known = (_charge(row) for row in connection.execute(ended.order_by(charges.sequence)))
    return tuple(charge.settlement for charge in known if charge.settlement is not None)


def end_reasons(connection: sa.Connection, settlement: Settlement) -> tuple[str, ...]:
    """Why a settled charge ended, as the wire said; () where nobody saw it."""
    charges = tables.charges.c
    same = charges.battery == settlement.battery, charges.bay == settlement.bay
    reasons = sa.select(charges.reasons).where(*same, charges.started_at == settlement.started_at)
    return tuple(connection.scalars(reasons.limit(1)).first() or ())


def start_order(connection: sa.Connection, charge: Charge) -> int | None:
    """Command id of the order that began a charge; None where nobody ordered it."""
    if charge.started_at is None:
        return None
    intents = tables.intents.c
    orders = sa.select(intents.command_id, intents.parameters).where(
        intents.command == StartCharge.__name__, intents.recorded_at <= charge.started_at
    )
    rows = connection.execute(orders.order_by(intents.command_id.desc()).limit(_ORDERS_BACK))
    return next((row.command_id for row in rows if json.loads(row.parameters)["bay"] == charge.bay), None)


def bay_readings(
    connection: sa.Connection, bay: int, first: datetime, last: datetime | None = None
) -> tuple[TimedReading, ...]:
    """What the counters of a bay showed from `first` to `last`, both included, in the order of their writing."""
    readings = energy_readings.c
    told = sa.select(readings.at, *_READING).where(readings.bay == bay, readings.at >= first)
    if last is not None:
        told = told.where(readings.at <= last)
    rows = connection.execute(told.order_by(readings.sequence))
    return tuple(TimedReading(row[0], BayReading(*row[1:])) for row in rows)


def first_site_reading(connection: sa.Connection, since: datetime) -> tuple[datetime, float, dict[int, float]] | None:
    """The first reading of the site meter from an instant on that came with the bays': time, kWh, AC kWh by bay."""
    readings = energy_readings.c
    whole = sa.select(readings.sequence).group_by(readings.sequence).having(sa.func.count() > 1)
    site = sa.select(readings.sequence, readings.at, readings.site_kwh).where(
        readings.bay == SITE_BAY, readings.at >= since, readings.sequence.in_(whole)
    )
    row = connection.execute(site.order_by(readings.sequence).limit(1)).one_or_none()
    if row is None:
        return None
    beside = sa.select(readings.bay, readings.ac_meter_kwh).where(
        readings.sequence == row.sequence, readings.bay != SITE_BAY, readings.ac_meter_kwh.is_not(None)
    )
    return row.at, row.site_kwh, {each.bay: each.ac_meter_kwh for each in connection.execute(beside)}


def list_cases(
    connection: sa.Connection, limit: int = 50, before: datetime | None = None, only_open: bool = False
) -> tuple[KnownCase, ...]:
    """Cases, newest first; `before` the time one was opened gives the next page."""
    cases = energy_cases.c
    newest = sa.select(energy_cases)
    if before is not None:
        newest = newest.where(cases.opened_at < before)
    if only_open:
        newest = newest.where(case_open)
    rows = connection.execute(newest.order_by(cases.opened_at.desc(), cases.case.desc()).limit(limit))
    return tuple(_case(row) for row in rows)


def find_case(connection: sa.Connection, case: str) -> KnownCase | None:
    """One case by its id."""
    row = connection.execute(sa.select(energy_cases).where(energy_cases.c.case == case)).one_or_none()
    return None if row is None else _case(row)


def charger_records_of(connection: sa.Connection, order_id: str) -> tuple[dict[str, Any], ...]:
    """What chargers recorded of a start order, as JSON."""
    rows = connection.scalars(sa.select(charger_records.c.record).where(charger_records.c.order_id == order_id))
    return tuple(rows)


def charge_packet(connection: sa.Connection, charge: Charge) -> ChargePacket:
    """Everything that is on record of a charge: `swaps` brought the battery or took it, the last ones around it."""
    begin, end, order = charge.started_at, charge.ended_at, start_order(connection, charge)
    readings = bay_readings(connection, charge.bay, begin, end) if begin else ()
    cases = sa.select(energy_cases).where(energy_cases.c.battery == charge.battery)
    if begin is not None:
        cases = cases.where(energy_cases.c.opened_at >= begin)
    if end is not None:
        cases = cases.where(energy_cases.c.opened_at <= end + _CASE_AFTER)
    swaps = tables.swaps.c
    about = sa.or_(swaps.fresh == charge.battery, swaps.returned == charge.battery)
    newest = sa.select(swaps.swap).where(about).order_by(swaps.opened_at.desc())
    before = connection.scalars(newest.where(swaps.opened_at <= begin).limit(1)) if begin else ()
    after = (
        connection.scalars(
            sa.select(swaps.swap).where(about, swaps.opened_at > begin).order_by(swaps.opened_at).limit(1)
        )
        if begin
        else ()
    )
    return ChargePacket(
        charge,
        order,
        readings,
        charger_records_of(connection, str(order)) if order is not None else (),
        tuple(_case(row) for row in connection.execute(cases.order_by(energy_cases.c.opened_at))),
        (*before, *after),
    )


def observations_of(connection: sa.Connection, battery: str, limit: int = 2000) -> tuple[Observation, ...]:
    """What the last charges showed of a battery, oldest first."""
    observations = battery_observations.c
    newest = sa.select(observations.observation).where(observations.battery == battery)
    rows: Sequence[Any] = connection.scalars(newest.order_by(observations.sequence.desc()).limit(limit)).all()
    return tuple(OBSERVATION.validate_python(row) for row in reversed(rows))


def charged_kwh(connection: sa.Connection, battery: str) -> float:
    """DC energy that was ever charged into a battery here, kWh."""
    total = sa.select(sa.func.sum(tables.charges.c.dc_kwh)).where(tables.charges.c.battery == battery)
    return float(connection.scalar(total) or 0.0)


def _charge(row: sa.Row[Any]) -> Charge:
    fields = row._asdict()
    settlement = fields.pop("settlement")
    return Charge(
        charge=fields.pop("sequence"),
        reasons=tuple(fields.pop("reasons")),
        settlement=None if settlement is None else SETTLEMENT.validate_python(settlement),
        **fields,
    )


def _case(row: sa.Row[Any]) -> KnownCase:
    fields = row._asdict()
    closed = {name: fields.pop(name) for name in ("closed_at", "closed_by", "close_reason")}
    return KnownCase(EnergyCase(**fields), **closed)
