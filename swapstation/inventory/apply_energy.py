"""What the records of the energy ledger and of the batteries' health do to the tables.

None of them contradicts anything: what a counter said was said, whatever else the database holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.inventory import tables
from swapstation.inventory.energy_tables import (
    SITE_BAY,
    battery_observations,
    case_open,
    charger_records,
    energy_cases,
    energy_readings,
)
from swapstation.inventory.writing import Entry, insert
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.energy import (
    ChargerRecorded,
    ChargeSettled,
    EnergyCase,
    EnergyCaseClosed,
    EnergyCaseOpened,
    EnergyRead,
    Settlement,
)
from swapstation.model.health import BatteryObserved, Observation
from swapstation.model.journal import Record

SETTLEMENT: TypeAdapter[Settlement] = TypeAdapter(Settlement)
OBSERVATION: TypeAdapter[Observation] = TypeAdapter(Observation)
CASE: TypeAdapter[EnergyCase] = TypeAdapter(EnergyCase)
_RECORD: TypeAdapter[ChargeRecord] = TypeAdapter(ChargeRecord)


def _energy_read(entry: Entry, record: EnergyRead) -> tuple[str, ...]:
    rows = [{**asdict(reading), "site_kwh": None} for reading in record.bays]
    if record.site_kwh is not None:
        silent = dict.fromkeys(rows[0]) if rows else {}
        rows.append({**silent, "bay": SITE_BAY, "site_kwh": record.site_kwh})
    stamped = [{**row, "sequence": entry.sequence, "at": entry.at} for row in rows]
    if stamped:
        entry.connection.execute(sa.insert(energy_readings), stamped)
    return ()


def _charge_settled(entry: Entry, record: ChargeSettled) -> tuple[str, ...]:
    told, charges = record.settlement, tables.charges
    same = charges.c.battery == told.battery, charges.c.bay == told.bay, charges.c.started_at == told.started_at
    figures = {"ac_kwh": told.ac_kwh, "dc_kwh": told.dc_kwh}
    settled = sa.update(charges).where(*same)
    entry.connection.execute(settled, {**figures, "settlement": SETTLEMENT.dump_python(told, mode="json")})
    return (told.battery,)


def _charger_recorded(entry: Entry, record: ChargerRecorded) -> tuple[str, ...]:
    """A record that a charger hands over again, because it was not answered, is the one that is kept already."""
    told = record.record
    key = {name: getattr(told, name) for name in ("charger_id", "number", "order_id")}
    key |= {"started": told.started or ""}
    known = sa.select(charger_records.c.sequence).where(*(charger_records.c[name] == key[name] for name in key))
    if entry.connection.execute(known).first() is None:
        body = _RECORD.dump_python(told, mode="json")
        insert(
            entry, charger_records, **key, sequence=entry.sequence, bay=record.bay, received_at=entry.at, record=body
        )
    return ()


def _case_opened(entry: Entry, record: EnergyCaseOpened) -> tuple[str, ...]:
    known = sa.select(energy_cases.c.case).where(energy_cases.c.case == record.case.case)
    if entry.connection.execute(known).first() is None:
        insert(entry, energy_cases, **asdict(record.case))
    return ()


def _case_closed(entry: Entry, record: EnergyCaseClosed) -> tuple[str, ...]:
    closed = sa.update(energy_cases).where(energy_cases.c.case == record.case, case_open)
    how = {"closed_at": entry.at, "closed_by": record.person, "close_reason": record.reason}
    entry.connection.execute(closed, how)
    return ()


def _battery_observed(entry: Entry, record: BatteryObserved) -> tuple[str, ...]:
    body = OBSERVATION.dump_python(record.observation, mode="json")
    row = {"battery": record.battery, "at": record.observation.at, "observation": body}
    insert(entry, battery_observations, **row, sequence=entry.sequence)
    return (record.battery,)


ENERGY_EFFECTS: dict[type[Record], Callable[[Entry, Any], tuple[str, ...]]] = {
    EnergyRead: _energy_read,
    ChargeSettled: _charge_settled,
    ChargerRecorded: _charger_recorded,
    EnergyCaseOpened: _case_opened,
    EnergyCaseClosed: _case_closed,
    BatteryObserved: _battery_observed,
}
