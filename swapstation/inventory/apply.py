"""What each journal record does to the tables: one small function per record type, in one table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.inventory import tables
from swapstation.inventory.changes import review
from swapstation.inventory.effect import Effect
from swapstation.inventory.queries import load_inventory
from swapstation.model.inventory import Battery, Hold, StepTime, SwapResult, place_kind
from swapstation.model.job import JobResult
from swapstation.model.journal import (
    AlarmChanged,
    AlarmHidden,
    AlarmShown,
    BatteryDoubted,
    BatteryMeasured,
    BatteryMoved,
    BatteryQuarantined,
    BootStarted,
    ChargeEnded,
    ChargeStarted,
    FireDrillEnded,
    FireDrillStarted,
    FireReleased,
    HoldEnded,
    HoldPlaced,
    IdentityAttested,
    IntentRecorded,
    IntentResolved,
    InventoryChanged,
    JobClosed,
    JobOpened,
    JobStepped,
    ModeChanged,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    StateChanged,
    SwapAllocated,
    SwapClosed,
    SwapDiverted,
    SwapOpened,
    SwapStepped,
)
from swapstation.model.request import Answer, Payload

_PAYLOAD: TypeAdapter[Payload] = TypeAdapter(Payload)
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


class Contradiction(Exception):
    """A record that does not fit what the database says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The event being written: on which connection, its sequence number, boot and time."""

    connection: sa.Connection
    sequence: int
    boot: int
    at: datetime


def apply(entry: Entry, record: Record) -> tuple[str, ...]:
    """Apply a record and return the batteries it is about. Raises Contradiction, InputError or IntegrityError."""
    return _EFFECTS[type(record)](entry, record)


def add_places(connection: sa.Connection, names: Iterable[str]) -> None:
    """Make the places that are not known yet."""
    known = set(connection.scalars(sa.select(tables.places.c.name)))
    rows = [{"name": name, "kind": place_kind(name)} for name in dict.fromkeys(names) if name not in known]
    if rows:
        connection.execute(sa.insert(tables.places), rows)


def payload_hash(payload: Payload) -> str:
    """SHA-256 of a request's payload as canonical JSON."""
    canonical = json.dumps(_PAYLOAD.dump_python(payload, mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _boot_started(entry: Entry, record: BootStarted) -> tuple[str, ...]:
    _insert(entry, tables.boots, **asdict(record), started_at=entry.at)
    return ()


def _start_up_confirmed(entry: Entry, record: StartUpConfirmed) -> tuple[str, ...]:
    boots = tables.boots
    unconfirmed = sa.update(boots).where(boots.c.boot == record.boot, boots.c.confirmed_at.is_(None))
    _one(
        entry,
        unconfirmed,
        f"boot {record.boot} is unknown or confirmed",
        confirmed_by=record.person,
        confirmed_at=entry.at,
    )
    return ()


def _state_changed(entry: Entry, record: StateChanged) -> tuple[str, ...]:
    return ()


def _intent_recorded(entry: Entry, record: IntentRecorded) -> tuple[str, ...]:
    _insert(entry, tables.intents, **asdict(record), recorded_at=entry.at)
    return ()


def _intent_resolved(entry: Entry, record: IntentResolved) -> tuple[str, ...]:
    intents = tables.intents
    unresolved = sa.update(intents).where(intents.c.command_id == record.command_id, tables.intent_open)
    reason = f"command {record.command_id} is unknown or resolved"
    _one(entry, unresolved, reason, outcome=record.outcome, detail=record.detail, resolved_at=entry.at)
    return ()


def _battery_moved(entry: Entry, record: BatteryMoved) -> tuple[str, ...]:
    batteries = tables.batteries
    there = sa.update(batteries).where(batteries.c.battery == record.battery, batteries.c.place == record.origin)
    _one(entry, there, f"{record.battery} is not recorded in {record.origin}", place=record.destination)
    fact = {**asdict(record), "evidence": list(record.evidence)}
    _insert(entry, tables.facts, **fact, sequence=entry.sequence, at=entry.at)
    return (record.battery,)


def _battery_measured(entry: Entry, record: BatteryMeasured) -> tuple[str, ...]:
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    _one(entry, known, f"unknown battery {record.battery}", soc_pct=record.soc_pct, soc_at=entry.at)
    return (record.battery,)


def _battery_quarantined(entry: Entry, record: BatteryQuarantined) -> tuple[str, ...]:
    _quarantine(entry, record.battery, record.reason)
    return (record.battery,)


def _battery_doubted(entry: Entry, record: BatteryDoubted) -> tuple[str, ...]:
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == record.battery)
    _one(entry, known, f"unknown battery {record.battery}", doubtful=True, doubt_reason=record.reason)
    return (record.battery,)


def _quarantine(entry: Entry, battery: str, reason: str) -> None:
    """A release that somebody has asked for was asked before this: it ends."""
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == battery)
    ended = {"release_asked_by": "", "release_reason": "", "release_asked_at": None}
    _one(entry, known, f"unknown battery {battery}", quarantined=True, quarantine_reason=reason, **ended)


def _swap_opened(entry: Entry, record: SwapOpened) -> tuple[str, ...]:
    swap = asdict(record.swap)
    _insert(entry, tables.swaps, **{**swap, "opened_at": swap["opened_at"] or entry.at})
    return _place_holds(entry, record.holds, record.swap.swap)


def _swap_stepped(entry: Entry, record: SwapStepped) -> tuple[str, ...]:
    swaps = tables.swaps
    here = (*_open_swap(record.swap), swaps.c.step == record.before)
    taken = entry.connection.scalar(sa.select(swaps.c.step_seconds).where(*here)) or []
    times = record.software_s, record.target_s, record.baseline_s, record.slow
    seconds = [*taken, asdict(StepTime(record.before, record.seconds, *times))]
    reason = f"swap {record.swap} is not open in step {record.before}"
    _one(entry, sa.update(swaps).where(*here), reason, step=record.after, step_seconds=seconds)
    return ()


def _swap_diverted(entry: Entry, record: SwapDiverted) -> tuple[str, ...]:
    _swap_stepped(entry, SwapStepped(record.swap, record.before, record.after, record.seconds))
    swap = sa.update(tables.swaps).where(*_open_swap(record.swap))
    _one(entry, swap, f"swap {record.swap} is not open", reason=f"{record.cause}: {record.reason}")
    held = _place_holds(entry, record.holds, record.swap)
    if record.quarantined is None:
        return held
    _quarantine(entry, record.quarantined, f"{record.cause}: {record.reason}")
    return (*held, record.quarantined)


def _identity_attested(entry: Entry, record: IdentityAttested) -> tuple[str, ...]:
    swaps = tables.swaps
    here = _open_swap(record.swap)
    attested = entry.connection.scalar(sa.select(swaps.c.attested).where(*here)) or []
    names = list(dict.fromkeys((*attested, record.battery)))
    _one(entry, sa.update(swaps).where(*here), f"swap {record.swap} is not open", attested=names)
    return (record.battery,)


def _swap_allocated(entry: Entry, record: SwapAllocated) -> tuple[str, ...]:
    _one(
        entry,
        sa.update(tables.swaps).where(*_open_swap(record.swap)),
        f"swap {record.swap} is not open",
        fresh=record.fresh,
        returned=record.returned,
        from_bay=record.from_bay,
        to_bay=record.to_bay,
    )
    return (record.fresh, record.returned, *_place_holds(entry, record.holds, record.swap))


def _swap_closed(entry: Entry, record: SwapClosed) -> tuple[str, ...]:
    swaps, holds = tables.swaps, tables.holds
    _one(
        entry,
        sa.update(swaps).where(*_open_swap(record.swap)),
        f"swap {record.swap} is not open",
        result=record.result,
        reason=record.reason,
        closed_at=entry.at,
    )
    still_held = sa.update(holds).where(holds.c.swap == record.swap, tables.hold_open)
    entry.connection.execute(still_held.values(ended_at=entry.at, end_reason=f"swap {record.result}"))
    row = entry.connection.execute(sa.select(swaps.c.fresh, swaps.c.returned).where(swaps.c.swap == record.swap)).one()
    return tuple(battery for battery in row if battery is not None)


def _job_opened(entry: Entry, record: JobOpened) -> tuple[str, ...]:
    job = record.job
    _insert(entry, tables.jobs, **{**asdict(job), "differences": [], "opened_at": job.opened_at or entry.at})
    held = _place_holds(entry, record.holds, job=job.job)
    return held if job.battery is None else tuple(dict.fromkeys((*held, job.battery)))


def _job_stepped(entry: Entry, record: JobStepped) -> tuple[str, ...]:
    here = sa.update(tables.jobs).where(*_open_job(record.job), tables.jobs.c.step == record.before)
    _one(entry, here, f"job {record.job} is not open in step {record.before}", step=record.after)
    return ()


def _job_closed(entry: Entry, record: JobClosed) -> tuple[str, ...]:
    _one(
        entry,
        sa.update(tables.jobs).where(*_open_job(record.job)),
        f"job {record.job} is not open",
        result=record.result,
        reason=record.reason,
        closed_at=entry.at,
        differences=[asdict(difference) for difference in record.differences],
    )
    still_held = sa.update(tables.holds).where(tables.holds.c.job == record.job, tables.hold_open)
    entry.connection.execute(still_held.values(ended_at=entry.at, end_reason=f"job {record.result}"))
    battery = entry.connection.scalar(sa.select(tables.jobs.c.battery).where(tables.jobs.c.job == record.job))
    return () if battery is None else (battery,)


def _mode_changed(entry: Entry, record: ModeChanged) -> tuple[str, ...]:
    row = {"mode": record.after, "person": record.person, "reason": record.reason}
    _insert(entry, tables.modes, **row, sequence=entry.sequence, since=entry.at)
    return ()


def _hold_placed(entry: Entry, record: HoldPlaced) -> tuple[str, ...]:
    return _place_holds(entry, (record.hold,))


def _hold_ended(entry: Entry, record: HoldEnded) -> tuple[str, ...]:
    holds = tables.holds
    still_open = sa.update(holds).where(holds.c.hold == record.hold, tables.hold_open)
    _one(entry, still_open, f"hold {record.hold} is unknown or ended", ended_at=entry.at, end_reason=record.reason)
    battery = entry.connection.scalar(sa.select(holds.c.battery).where(holds.c.hold == record.hold))
    return () if battery is None else (battery,)


def _alarm_changed(entry: Entry, record: AlarmChanged) -> tuple[str, ...]:
    alarms = tables.alarms
    stored = {name: value for name, value in asdict(record.alarm).items() if name in alarms.c}
    values = {**stored, "gone_at": entry.at if record.gone else None}
    standing = sa.update(alarms).where(alarms.c.alarm == record.alarm.alarm, tables.alarm_stands)
    if entry.connection.execute(standing.values(values)).rowcount == 0:
        _insert(entry, alarms, **values, sequence=entry.sequence)
    return ()


def _alarm_hidden(entry: Entry, record: AlarmHidden) -> tuple[str, ...]:
    """Only an event: hiding ends with the controller."""
    return ()


def _alarm_shown(entry: Entry, record: AlarmShown) -> tuple[str, ...]:
    return ()


def _charge_started(entry: Entry, record: ChargeStarted) -> tuple[str, ...]:
    """A charge whose end was never seen (a crash) ends here."""
    lost = sa.update(tables.charges).where(tables.charges.c.battery == record.battery, tables.charge_open)
    entry.connection.execute(lost.values(ended_at=entry.at, reasons=["end_not_seen"]))
    _insert(
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
        _insert(entry, charges, **end, sequence=entry.sequence, battery=record.battery, bay=record.bay)
    return (record.battery,)


def _inventory_changed(entry: Entry, record: InventoryChanged) -> tuple[str, ...]:
    effect = review(record.change, load_inventory(entry.connection), entry.at, record.person)
    _write_effect(entry, effect)
    return tuple(battery.battery for battery in effect.batteries)


def _request_answered(entry: Entry, record: RequestAnswered) -> tuple[str, ...]:
    _insert(
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


def _write_effect(entry: Entry, effect: Effect) -> None:
    add_places(entry.connection, effect.places)
    for truck in effect.trucks:
        _put(entry, tables.trucks, "vin", asdict(truck))
    for battery in effect.batteries:
        _write_battery(entry, battery)


def _write_battery(entry: Entry, battery: Battery) -> None:
    row = asdict(battery)
    codes = row.pop("codes")
    _put(entry, tables.batteries, "battery", row)
    pack_codes = tables.pack_codes
    entry.connection.execute(sa.delete(pack_codes).where(pack_codes.c.battery == battery.battery))
    numbered = [{"code": code, "battery": battery.battery, "position": n} for n, code in enumerate(codes, start=1)]
    if numbered:
        entry.connection.execute(sa.insert(pack_codes), numbered)


def _place_holds(
    entry: Entry, holds: tuple[Hold, ...], swap: str | None = None, job: str | None = None
) -> tuple[str, ...]:
    for hold in holds:
        row = asdict(hold)
        _insert(entry, tables.holds, **{**row, "created_at": hold.created_at or entry.at}, swap=swap, job=job)
    return tuple(hold.battery for hold in holds if hold.battery is not None)


def _open_swap(swap: str) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.swaps.c.swap == swap, tables.swaps.c.result == SwapResult.OPEN


def _open_job(job: str) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.jobs.c.job == job, tables.jobs.c.result == JobResult.OPEN


def _insert(entry: Entry, table: sa.Table, **values: Any) -> None:
    entry.connection.execute(sa.insert(table).values(values))


def _put(entry: Entry, table: sa.Table, key: str, row: dict[str, Any]) -> None:
    """Write a row whole: over the one with its key, or new."""
    if entry.connection.execute(sa.update(table).where(table.c[key] == row[key]).values(row)).rowcount == 0:
        _insert(entry, table, **row)


def _one(entry: Entry, update: sa.Update, otherwise: str, **values: Any) -> None:
    """Run an update that must hit exactly one row."""
    if entry.connection.execute(update.values(values)).rowcount != 1:
        raise Contradiction(otherwise)


_EFFECTS: dict[type[Record], Callable[[Entry, Any], tuple[str, ...]]] = {
    BootStarted: _boot_started,
    StartUpConfirmed: _start_up_confirmed,
    StateChanged: _state_changed,
    IntentRecorded: _intent_recorded,
    IntentResolved: _intent_resolved,
    BatteryMoved: _battery_moved,
    BatteryMeasured: _battery_measured,
    BatteryQuarantined: _battery_quarantined,
    BatteryDoubted: _battery_doubted,
    SwapOpened: _swap_opened,
    SwapStepped: _swap_stepped,
    SwapDiverted: _swap_diverted,
    IdentityAttested: _identity_attested,
    SwapAllocated: _swap_allocated,
    SwapClosed: _swap_closed,
    JobOpened: _job_opened,
    JobStepped: _job_stepped,
    JobClosed: _job_closed,
    ModeChanged: _mode_changed,
    HoldPlaced: _hold_placed,
    HoldEnded: _hold_ended,
    AlarmChanged: _alarm_changed,
    AlarmHidden: _alarm_hidden,
    AlarmShown: _alarm_shown,
    ChargeStarted: _charge_started,
    ChargeEnded: _charge_ended,
    **dict.fromkeys((FireReleased, FireDrillStarted, FireDrillEnded), lambda entry, record: ()),
    InventoryChanged: _inventory_changed,
    RequestAnswered: _request_answered,
}
