"""What each journal record does to the tables: one small function per record type, in one table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.inventory import tables
from swapstation.inventory.apply_energy import ENERGY_EFFECTS
from swapstation.inventory.apply_power import POWER_EFFECTS
from swapstation.inventory.apply_work import WORK_EFFECTS
from swapstation.inventory.changes import review
from swapstation.inventory.queries import load_inventory
from swapstation.inventory.writing import Entry, insert, one, place_holds, quarantine, write_effect
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.bypass import BypassResult
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.fire_record import FireDrillEnded, FireDrillStarted, FireReleased, TransferRefused
from swapstation.model.journal import (
    AlarmChanged,
    AlarmHidden,
    AlarmShown,
    BatteryDoubted,
    BatteryMeasured,
    BatteryMoved,
    BatteryQuarantined,
    BootStarted,
    BypassEnded,
    BypassSet,
    ChargeEnded,
    ChargeStarted,
    HoldChanged,
    HoldEnded,
    HoldPlaced,
    IntentRecorded,
    IntentResolved,
    InventoryChanged,
    ModeChanged,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    StateChanged,
)
from swapstation.model.power_record import PowerLimitChanged
from swapstation.model.request import Answer, Payload

_PAYLOAD: TypeAdapter[Payload] = TypeAdapter(Payload)
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


def apply(entry: Entry, record: Record) -> tuple[str, ...]:
    """Apply a record and return the batteries it is about. Raises Contradiction, InputError or IntegrityError."""
    return _EFFECTS[type(record)](entry, record)


def payload_hash(payload: Payload) -> str:
    """SHA-256 of a request's payload as canonical JSON."""
    canonical = json.dumps(_PAYLOAD.dump_python(payload, mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _boot_started(entry: Entry, record: BootStarted) -> tuple[str, ...]:
    insert(entry, tables.boots, **asdict(record), started_at=entry.at)
    return ()


def _start_up_confirmed(entry: Entry, record: StartUpConfirmed) -> tuple[str, ...]:
    boots = tables.boots
    unconfirmed = sa.update(boots).where(boots.c.boot == record.boot, boots.c.confirmed_at.is_(None))
    one(
        entry,
        unconfirmed,
        f"boot {record.boot} is unknown or confirmed",
        confirmed_by=record.person,
        confirmed_at=entry.at,
    )
    return ()


def _intent_recorded(entry: Entry, record: IntentRecorded) -> tuple[str, ...]:
    insert(entry, tables.intents, **asdict(record), recorded_at=entry.at)
    return ()


def _intent_resolved(entry: Entry, record: IntentResolved) -> tuple[str, ...]:
    intents = tables.intents
    unresolved = sa.update(intents).where(intents.c.command_id == record.command_id, tables.intent_open)
    reason = f"command {record.command_id} is unknown or resolved"
    one(entry, unresolved, reason, outcome=record.outcome, detail=record.detail, resolved_at=entry.at)
    return ()


def _battery_moved(entry: Entry, record: BatteryMoved) -> tuple[str, ...]:
    batteries = tables.batteries
    there = sa.update(batteries).where(batteries.c.battery == record.battery, batteries.c.place == record.origin)
    one(entry, there, f"{record.battery} is not recorded in {record.origin}", place=record.destination)
    fact = {**asdict(record), "evidence": list(record.evidence)}
    insert(entry, tables.facts, **fact, sequence=entry.sequence, at=entry.at)
    return (record.battery,)


def _battery_measured(entry: Entry, record: BatteryMeasured) -> tuple[str, ...]:
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    one(entry, known, f"unknown battery {record.battery}", soc_pct=record.soc_pct, soc_at=entry.at)
    return (record.battery,)


def _battery_quarantined(entry: Entry, record: BatteryQuarantined) -> tuple[str, ...]:
    quarantine(entry, record.battery, record.reason)
    return (record.battery,)


def _battery_doubted(entry: Entry, record: BatteryDoubted) -> tuple[str, ...]:
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    one(entry, known, f"unknown battery {record.battery}", doubtful=True, doubt_reason=record.reason)
    return (record.battery,)


def _mode_changed(entry: Entry, record: ModeChanged) -> tuple[str, ...]:
    row = {"mode": record.after, "person": record.person, "reason": record.reason}
    insert(entry, tables.modes, **row, sequence=entry.sequence, since=entry.at)
    return ()


def _bypass_set(entry: Entry, record: BypassSet) -> tuple[str, ...]:
    row = asdict(record.bypass)
    del row["left_s"]
    insert(entry, tables.bypasses, **row)
    return ()


def _bypass_ended(entry: Entry, record: BypassEnded) -> tuple[str, ...]:
    bypasses = tables.bypasses
    still_open = sa.update(bypasses).where(bypasses.c.bypass == record.bypass, bypasses.c.result == BypassResult.OPEN)
    reason = f"bypass {record.bypass} is unknown or ended"
    one(entry, still_open, reason, result=record.result, ended_at=entry.at, ended_by=record.person)
    return ()


def _hold_placed(entry: Entry, record: HoldPlaced) -> tuple[str, ...]:
    return place_holds(entry, (record.hold,))


def _hold_changed(entry: Entry, record: HoldChanged) -> tuple[str, ...]:
    holds, hold = tables.holds, record.hold
    still_open = sa.update(holds).where(holds.c.hold == hold.hold, tables.hold_open)
    before = entry.connection.scalar(sa.select(holds.c.battery).where(holds.c.hold == hold.hold))
    changes = {
        name: getattr(hold, name) for name in ("battery", "needed_at", "soc_pct", "return_soc_pct", "expires_at")
    }
    one(entry, still_open, f"hold {hold.hold} is unknown or ended", **changes)
    return tuple(dict.fromkeys(battery for battery in (before, hold.battery) if battery is not None))


def _hold_ended(entry: Entry, record: HoldEnded) -> tuple[str, ...]:
    holds = tables.holds
    still_open = sa.update(holds).where(holds.c.hold == record.hold, tables.hold_open)
    one(entry, still_open, f"hold {record.hold} is unknown or ended", ended_at=entry.at, end_reason=record.reason)
    battery = entry.connection.scalar(sa.select(holds.c.battery).where(holds.c.hold == record.hold))
    return () if battery is None else (battery,)


def _alarm_changed(entry: Entry, record: AlarmChanged) -> tuple[str, ...]:
    alarms = tables.alarms
    stored = {name: value for name, value in asdict(record.alarm).items() if name in alarms.c}
    values = {**stored, "gone_at": entry.at if record.gone else None}
    standing = sa.update(alarms).where(alarms.c.alarm == record.alarm.alarm, tables.alarm_stands)
    if entry.connection.execute(standing.values(values)).rowcount == 0:
        insert(entry, alarms, **values, sequence=entry.sequence)
    return ()


def _charge_started(entry: Entry, record: ChargeStarted) -> tuple[str, ...]:
    """A charge whose end was never seen (a crash) ends here."""
    lost = sa.update(tables.charges).where(tables.charges.c.battery == record.battery, tables.charge_open)
    entry.connection.execute(lost.values(ended_at=entry.at, reasons=["end_not_seen"]))
    insert(
        entry,
        tables.charges,
        sequence=entry.sequence,
        battery=record.battery,
        bay=record.bay,
        started_at=entry.at,
        start_soc_pct=record.soc_pct,
        target_soc_pct=record.target_soc_pct,
    )
    return (record.battery,)


def _charge_ended(entry: Entry, record: ChargeEnded) -> tuple[str, ...]:
    """A charge whose start was never seen gets a row without one."""
    charges = tables.charges
    end = {
        "ended_at": entry.at,
        "end_soc_pct": record.soc_pct,
        "energy_kwh": record.energy_kwh,
        "reasons": list(record.reasons),
    }
    running = sa.update(charges).where(charges.c.battery == record.battery, tables.charge_open)
    if entry.connection.execute(running.values(end)).rowcount == 0:
        insert(entry, charges, **end, sequence=entry.sequence, battery=record.battery, bay=record.bay)
    counted = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    entry.connection.execute(counted.values(charges_since_full=tables.batteries.c.charges_since_full + 1))
    return (record.battery,)


def _battery_balanced(entry: Entry, record: BatteryBalanced) -> tuple[str, ...]:
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    one(entry, known, f"unknown battery {record.battery}", full_at=entry.at, charges_since_full=0)
    return (record.battery,)


def _inventory_changed(entry: Entry, record: InventoryChanged) -> tuple[str, ...]:
    effect = review(record.change, load_inventory(entry.connection), entry.at, record.person)
    write_effect(entry, effect)
    return tuple(battery.battery for battery in effect.batteries)


def _request_answered(entry: Entry, record: RequestAnswered) -> tuple[str, ...]:
    insert(
        entry,
        tables.requests,
        key=record.request.key,
        person=record.request.person,
        kind=record.request.payload.kind,
        payload_hash=payload_hash(record.request.payload),
        answer=ANSWER.dump_python(record.answer, mode="json"),
        answered_at=entry.at,
    )
    return ()


_ONLY_EVENTS = (
    StateChanged,
    AlarmHidden,
    AlarmShown,
    FireReleased,
    FireDrillStarted,
    FireDrillEnded,
    TransferRefused,
    PowerLimitChanged,
)
"""Records that no table holds: the event is all there is of them."""

_EFFECTS: dict[type[Record], Callable[[Entry, Any], tuple[str, ...]]] = {
    BootStarted: _boot_started,
    StartUpConfirmed: _start_up_confirmed,
    IntentRecorded: _intent_recorded,
    IntentResolved: _intent_resolved,
    BatteryMoved: _battery_moved,
    BatteryMeasured: _battery_measured,
    BatteryQuarantined: _battery_quarantined,
    BatteryDoubted: _battery_doubted,
    ModeChanged: _mode_changed,
    BypassSet: _bypass_set,
    BypassEnded: _bypass_ended,
    HoldPlaced: _hold_placed,
    HoldChanged: _hold_changed,
    HoldEnded: _hold_ended,
    AlarmChanged: _alarm_changed,
    ChargeStarted: _charge_started,
    ChargeEnded: _charge_ended,
    BatteryBalanced: _battery_balanced,
    InventoryChanged: _inventory_changed,
    RequestAnswered: _request_answered,
    **WORK_EFFECTS,
    **ENERGY_EFFECTS,
    **POWER_EFFECTS,
    BatteryDischarged: lambda entry, record: (record.battery,),
    **dict.fromkeys(_ONLY_EVENTS, lambda entry, record: ()),
}
