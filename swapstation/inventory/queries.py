"""Reading the station database: every query takes a connection of a reader or writer and returns frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.truck_queries import seat_offsets, truck_models
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.alarm_figures import AlarmPeriod, Raising
from swapstation.model.arrival import Arrival
from swapstation.model.bypass import Bypass, BypassInput, BypassResult
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.inventory import Battery, Hold, HoldKind, Inventory, PositionExchange, StepTime, Swap, SwapResult
from swapstation.model.job import Difference, Job, JobResult
from swapstation.model.journal import AlarmChanged
from swapstation.model.mode import ModeState
from swapstation.model.power import Quarter

_HOLD_COLUMNS = [
    tables.holds.c[name]
    for name in (
        *("hold", "kind", "battery", "place", "vin", "model", "person", "created_at", "expires_at", "reason"),
        *("needed_at", "soc_pct", "return_soc_pct"),
    )
]
_ALARM_COLUMNS = [
    tables.alarms.c[name]
    for name in ("alarm", "code", "source", "priority", "state", "raised_at", "detail", "acknowledged_by")
]
_EVENT_COLUMNS = [tables.events.c[name] for name in ("sequence", "boot", "at", "kind", "body")]

# What the inventory is read with after every write, built once.
_LAST_COMMAND = sa.select(sa.func.max(tables.intents.c.command_id))
_OPEN_INTENTS = (
    sa.select(tables.intents.c.command_id, tables.intents.c.command)
    .where(tables.intent_open)
    .order_by(tables.intents.c.command_id)
)
_PLACES = sa.select(tables.places.c.name).order_by(tables.places.c.name)
_OPEN_HOLDS = sa.select(*_HOLD_COLUMNS).where(tables.hold_open).order_by(tables.holds.c.created_at, tables.holds.c.hold)
_OPEN_SWAP = sa.select(tables.swaps).where(tables.swaps.c.result == SwapResult.OPEN)
_OPEN_JOB = sa.select(tables.jobs).where(tables.jobs.c.result == JobResult.OPEN)
_OPEN_BYPASS = sa.select(tables.bypasses).where(tables.bypasses.c.result == BypassResult.OPEN)
_OPEN_DISPATCHES = (
    sa.select(*[tables.dispatches.c[each.name] for each in fields(Dispatch)])
    .where(tables.dispatch_open)
    .order_by(tables.dispatches.c.dispatch)
)
_LAST_QUARTER = sa.select(tables.quarters).order_by(tables.quarters.c.at.desc()).limit(1)
_PACK_CODES = sa.select(tables.pack_codes.c.battery, tables.pack_codes.c.code).order_by(
    tables.pack_codes.c.battery, tables.pack_codes.c.position
)
_BATTERIES = sa.select(tables.batteries).order_by(tables.batteries.c.battery)
_MODE = (
    sa.select(*[tables.modes.c[name] for name in ("mode", "person", "reason", "since")])
    .order_by(tables.modes.c.sequence.desc())
    .limit(1)
)
_LAST_SEQUENCE = sa.select(sa.func.max(tables.events.c.sequence))


@dataclass(frozen=True, slots=True)
class Event:
    """One journalled record: gapless `sequence`, `kind` = name of the record class, `body` = its fields as JSON."""

    sequence: int
    boot: int
    at: datetime
    kind: str
    body: dict[str, Any]


def load_inventory(connection: sa.Connection) -> Inventory:
    """Everything the database says about stock at this instant."""
    return reload_inventory(connection, Inventory(), EVERYTHING)


def reload_inventory(connection: sa.Connection, before: Inventory, parts: frozenset[str]) -> Inventory:
    """The inventory as it is now, of which only `parts` (its fields) can differ from `before`."""
    if not parts:
        return before
    return replace(before, **{part: read(connection) for part, read in _PARTS.items() if part in parts})


def open_holds(connection: sa.Connection) -> tuple[Hold, ...]:
    """Holds that have not ended, oldest first."""
    return tuple(Hold(*row) for row in connection.execute(_OPEN_HOLDS))


def find_swap(connection: sa.Connection, swap: str) -> Swap | None:
    """One swap by its id."""
    return read_swap(connection, tables.swaps.c.swap == swap)


def past_swaps(connection: sa.Connection, limit: int) -> tuple[Swap, ...]:
    """The last completed swaps, oldest first."""
    completed = sa.select(tables.swaps).where(tables.swaps.c.result == SwapResult.COMPLETED)
    newest = completed.order_by(tables.swaps.c.closed_at.desc(), tables.swaps.c.swap.desc()).limit(limit)
    return tuple(_swap(row) for row in reversed(connection.execute(newest).all()))


def arrivals_since(connection: sa.Connection, since: datetime, models: Mapping[str, str]) -> tuple[Arrival, ...]:
    """Every battery of the completed swaps opened since then, oldest first; `models`: truck model -> battery model.

    Trucks of a model that the station knows no more are left out.
    """
    swaps, holds = tables.swaps.c, tables.holds.c
    completed = sa.select(tables.swaps).where(swaps.result == SwapResult.COMPLETED, swaps.opened_at >= since)
    found = [_swap(row) for row in connection.execute(completed.order_by(swaps.opened_at))]
    booked = sa.select(holds.hold, holds.created_at).where(holds.kind == HoldKind.BOOKING, holds.ended_at >= since)
    known_at = {row.hold: row.created_at for row in connection.execute(booked)}
    return tuple(
        Arrival(
            swap.opened_at,
            models[swap.truck_model],
            each.returned_soc_pct,
            max((swap.opened_at - known_at.get(swap.booking, swap.opened_at)).total_seconds(), 0.0),
        )
        for swap in found
        if swap.opened_at is not None and swap.truck_model in models
        for each in swap.allocated
    )


def list_swaps(connection: sa.Connection, limit: int = 50, before: datetime | None = None) -> tuple[Swap, ...]:
    """Swaps, newest first; `before` an opening time gives the next page."""
    opened_at = tables.swaps.c.opened_at
    statement = sa.select(tables.swaps).order_by(opened_at.desc(), tables.swaps.c.swap.desc()).limit(limit)
    if before is not None:
        statement = statement.where(opened_at < before)
    return tuple(_swap(row) for row in connection.execute(statement))


def swaps_of_trucks(
    connection: sa.Connection,
    times: Sequence[tuple[str, datetime, datetime | None]],
    limit: int,
    before: tuple[datetime, str] | None = None,
) -> tuple[Swap, ...]:
    """Swaps of trucks opened within their times (VIN, from, until before; None: open), newest first.

    `before` is opening time and id of the last swap of the page before.
    """
    swaps = tables.swaps.c
    if not times:
        return ()
    within = [
        sa.and_(swaps.vin == vin, swaps.opened_at >= first, sa.true() if last is None else swaps.opened_at < last)
        for vin, first, last in times
    ]
    wanted = sa.select(tables.swaps).where(sa.or_(*within))
    if before is not None:
        at, swap = before
        wanted = wanted.where(sa.or_(swaps.opened_at < at, sa.and_(swaps.opened_at == at, swaps.swap < swap)))
    rows = connection.execute(wanted.order_by(swaps.opened_at.desc(), swaps.swap.desc()).limit(limit))
    return tuple(map(_swap, rows))


def swaps_handed_over(connection: sa.Connection, first: datetime, last: datetime) -> frozenset[str]:
    """The swaps that were opened from `first` until before `last` and exchanged at least one position."""
    swaps = tables.swaps.c
    within = swaps.opened_at >= first, swaps.opened_at < last, swaps.closed_at.is_not(None)
    rows = connection.execute(sa.select(swaps.swap, swaps.exchanged).where(*within))
    return frozenset(row.swap for row in rows if row.exchanged)


def find_job(connection: sa.Connection, job: str) -> Job | None:
    """One job by its id."""
    return _one_job(connection, sa.select(tables.jobs).where(tables.jobs.c.job == job))


def list_jobs(connection: sa.Connection, limit: int = 50, before: datetime | None = None) -> tuple[Job, ...]:
    """Jobs, newest first; `before` an opening time gives the next page."""
    opened_at = tables.jobs.c.opened_at
    statement = sa.select(tables.jobs).order_by(opened_at.desc(), tables.jobs.c.job.desc()).limit(limit)
    if before is not None:
        statement = statement.where(opened_at < before)
    return tuple(_job(row) for row in connection.execute(statement))


def list_bypasses(connection: sa.Connection, limit: int = 50, before: datetime | None = None) -> tuple[Bypass, ...]:
    """Bypasses, newest first; `before` the time one was set gives the next page."""
    bypasses = tables.bypasses.c
    newest = sa.select(tables.bypasses).order_by(bypasses.set_at.desc(), bypasses.bypass.desc()).limit(limit)
    if before is not None:
        newest = newest.where(bypasses.set_at < before)
    return tuple(_bypass(row) for row in connection.execute(newest))


def events_after(connection: sa.Connection, sequence: int, limit: int = 500) -> tuple[Event, ...]:
    """Events with a higher sequence number, in order: the station's outbox, read with a cursor."""
    number = tables.events.c.sequence
    rows = connection.execute(sa.select(*_EVENT_COLUMNS).where(number > sequence).order_by(number).limit(limit))
    return tuple(Event(*row) for row in rows)


def events_of(connection: sa.Connection, kinds: Sequence[str], after: int, limit: int) -> tuple[tuple[Event, ...], int]:
    """Events of some kinds after a sequence number, in order, and up to which number every one of them is told."""
    events = tables.events.c
    wanted = sa.select(*_EVENT_COLUMNS).where(events.sequence > after, events.kind.in_(kinds))
    found = tuple(Event(*row) for row in connection.execute(wanted.order_by(events.sequence).limit(limit)))
    return found, found[-1].sequence if len(found) == limit else last_sequence(connection)


def battery_history(connection: sa.Connection, battery: str, limit: int = 200) -> tuple[Event, ...]:
    """The last events about a battery, newest first."""
    about = tables.event_batteries.c
    rows = connection.execute(
        sa.select(*_EVENT_COLUMNS)
        .join(tables.event_batteries, about.sequence == tables.events.c.sequence)
        .where(about.battery == battery)
        .order_by(about.sequence.desc())
        .limit(limit)
    )
    return tuple(Event(*row) for row in rows)


def standing_alarms(connection: sa.Connection) -> tuple[Alarm, ...]:
    """Alarms that are not normal again, oldest first."""
    rows = connection.execute(sa.select(*_ALARM_COLUMNS).where(tables.alarm_stands).order_by(tables.alarms.c.sequence))
    return tuple(_alarm(row) for row in rows)


def alarm_periods(connection: sa.Connection, first: datetime, last: datetime) -> tuple[AlarmPeriod, ...]:
    """Alarms that stood at some time from `first` until before `last` (UTC), oldest first."""
    alarms = tables.alarms.c
    over = sa.and_(alarms.gone_at.is_not(None), alarms.gone_at < first)
    rows = connection.execute(
        sa.select(*_ALARM_COLUMNS, alarms.gone_at)
        .where(alarms.raised_at < last, sa.not_(over))
        .order_by(alarms.sequence)
    )
    return tuple(AlarmPeriod(_alarm(row[:-1]), row.gone_at) for row in rows)


def raisings(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Raising, ...]:
    """Every time an alarm was raised from `first` until before `last` (UTC), also again before it was acknowledged."""
    events = tables.events.c
    bodies = connection.scalars(
        sa.select(events.body).where(events.kind == AlarmChanged.__name__, events.at >= first, events.at < last)
    )
    alarms = (body["alarm"] for body in bodies)
    return tuple(
        Raising(each["alarm"], each["code"], Priority(each["priority"]), datetime.fromisoformat(each["raised_at"]))
        for each in alarms
        if each["state"] == AlarmState.UNACKNOWLEDGED
    )


def last_sequence(connection: sa.Connection) -> int:
    """Sequence number of the newest event, 0 before the first."""
    return connection.scalar(_LAST_SEQUENCE) or 0


def _batteries(connection: sa.Connection) -> tuple[Battery, ...]:
    codes: dict[str, list[str]] = {}
    for battery, code in connection.execute(_PACK_CODES):
        codes.setdefault(battery, []).append(code)
    return tuple(
        Battery(
            battery=row.battery,
            model=row.model,
            codes=tuple(codes.get(row.battery, ())),
            place=row.place,
            soc_pct=row.soc_pct,
            soc_at=row.soc_at,
            quarantined=row.quarantined,
            doubtful=row.doubtful,
            quarantine_reason=row.quarantine_reason,
            doubt_reason=row.doubt_reason,
            release_asked_by=row.release_asked_by,
            release_reason=row.release_reason,
            release_asked_at=row.release_asked_at,
            full_at=row.full_at,
            charges_since_full=row.charges_since_full,
        )
        for row in connection.execute(_BATTERIES)
    )


def read_swap(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Swap | None:
    """The one swap of which all conditions are true."""
    return _one_swap(connection, sa.select(tables.swaps).where(*conditions))


def _one_swap(connection: sa.Connection, statement: sa.Select[Any]) -> Swap | None:
    row = connection.execute(statement).one_or_none()
    return None if row is None else _swap(row)


def _step_time(entry: dict[str, Any] | list[Any]) -> StepTime:
    """An entry of a swap's `step_seconds`; those written before a step had a target are pairs."""
    return StepTime(*entry) if isinstance(entry, list) else StepTime(**entry)


def _swap(row: sa.Row[Any]) -> Swap:
    fields = row._asdict()
    steps = tuple(_step_time(entry) for entry in fields.pop("step_seconds"))
    attested = tuple(fields.pop("attested"))
    exchanged, ahead = (tuple(PositionExchange(**each) for each in fields.pop(name)) for name in ("exchanged", "ahead"))
    return Swap(**fields, step_seconds=steps, attested=attested, exchanged=exchanged, ahead=ahead)


def _one_job(connection: sa.Connection, statement: sa.Select[Any]) -> Job | None:
    row = connection.execute(statement).one_or_none()
    return None if row is None else _job(row)


def _job(row: sa.Row[Any]) -> Job:
    fields = row._asdict()
    differences = tuple(Difference(**difference) for difference in fields.pop("differences"))
    return Job(**fields, differences=differences)


def _mode(connection: sa.Connection) -> ModeState:
    row = connection.execute(_MODE).one_or_none()
    return ModeState() if row is None else ModeState(*row)


def _bypass(row: sa.Row[Any]) -> Bypass:
    fields = row._asdict()
    return Bypass(**{**fields, "input": BypassInput(fields["input"])})


def _dispatch(row: sa.Row[Any]) -> Dispatch:
    columns = row._asdict()
    return Dispatch(**{**columns, "source": DispatchSource(row.source), "kind": DispatchKind(row.kind)})


def _alarm(row: Sequence[Any]) -> Alarm:
    alarm, code, source, priority, *rest = row
    return Alarm(alarm, code, source, Priority(priority), *rest)


def open_dispatches(connection: sa.Connection) -> tuple[Dispatch, ...]:
    """Dispatch records that have not ended, by name."""
    return tuple(_dispatch(row) for row in connection.execute(_OPEN_DISPATCHES))


def last_quarter(connection: sa.Connection) -> Quarter | None:
    """The newest quarter of an hour on record."""
    return next((Quarter(*row) for row in connection.execute(_LAST_QUARTER)), None)


def _places(connection: sa.Connection) -> tuple[str, ...]:
    return tuple(connection.scalars(_PLACES))


def _open_swap(connection: sa.Connection) -> Swap | None:
    return _one_swap(connection, _OPEN_SWAP)


def _open_job(connection: sa.Connection) -> Job | None:
    return _one_job(connection, _OPEN_JOB)


def _open_bypass(connection: sa.Connection) -> Bypass | None:
    return next((_bypass(row) for row in connection.execute(_OPEN_BYPASS)), None)


def _next_command_id(connection: sa.Connection) -> int:
    return (connection.scalar(_LAST_COMMAND) or 0) + 1


def _open_intents(connection: sa.Connection) -> tuple[tuple[int, str], ...]:
    return tuple((row.command_id, row.command) for row in connection.execute(_OPEN_INTENTS))


_PARTS: dict[str, Callable[[sa.Connection], Any]] = {
    "batteries": _batteries,
    "places": _places,
    "trucks": truck_models,
    "holds": open_holds,
    "swap": _open_swap,
    "job": _open_job,
    "mode": _mode,
    "bypass": _open_bypass,
    "next_command_id": _next_command_id,
    "open_intents": _open_intents,
    "dispatches": open_dispatches,
    "quarter": last_quarter,
    "seat_offsets": seat_offsets,
}
EVERYTHING = frozenset(_PARTS)
"""All parts of an inventory."""
