"""What is on record of one battery, one truck or one bay: swaps, charges, alarms, places; newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.energy_queries import Charge, list_charges
from swapstation.inventory.queries import alarm_periods, find_swap
from swapstation.model.alarm_figures import AlarmPeriod
from swapstation.model.inventory import Swap, away_place, truck_places
from swapstation.model.journal import BatteryMoved, InventoryChanged

_LEAVES = ("send_battery_away", "transfer_battery")


@dataclass(frozen=True, slots=True)
class Stay:
    """A battery in a place; `until` None: there still. `why`: the record that brought it there."""

    battery: str
    place: str
    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Span:
    """From `first` until before `last` (UTC), at most `limit` of each sort."""

    first: datetime
    last: datetime
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Life:
    """What is on record about `about` within a span of time, newest first.

    `alarms` of a battery are those of the bays that it was in at that time. `cut`: there is more than is told here.
    """

    about: str
    first: datetime
    last: datetime
    stays: tuple[Stay, ...]
    swaps: tuple[Swap, ...]
    charges: tuple[Charge, ...]
    alarms: tuple[AlarmPeriod, ...]
    cut: bool


def battery_life(connection: sa.Connection, battery: str, span: Span) -> Life | None:
    """Where a battery was, every swap, charge and alarm; None for one that is on no record."""
    known = connection.scalar(sa.select(tables.batteries.c.battery).where(tables.batteries.c.battery == battery))
    if known is None:
        return None
    within = _stays(connection, span, tables.facts.c.battery == battery, battery=battery)
    swaps = _swaps(connection, span, _exchanges(battery))
    charges = list_charges(connection, span.limit + 1, span.last, battery)
    alarms = [each for each in alarm_periods(connection, span.first, span.last) if _was_there(each, within)]
    return _life(battery, span, (within, swaps, charges, alarms))


def truck_life(connection: sa.Connection, vin: str, span: Span) -> Life | None:
    """Every swap of a truck, the batteries it carried and the alarms while it was served."""
    known = connection.scalar(sa.select(tables.trucks.c.vin).where(tables.trucks.c.vin == vin))
    if known is None:
        return None
    swaps = _swaps(connection, span, tables.swaps.c.vin == vin)
    stays = _in_places(connection, span, truck_places(vin))
    served = [(swap.opened_at, swap.closed_at) for swap in swaps if swap.opened_at is not None]
    alarms = [
        each
        for each in alarm_periods(connection, span.first, span.last)
        if any(
            first <= each.alarm.raised_at and (last is None or each.alarm.raised_at <= last) for first, last in served
        )
    ]
    return _life(vin, span, (stays, swaps, (), alarms))


def bay_life(connection: sa.Connection, number: int, span: Span) -> Life:
    """Which batteries were in a bay, its charges, its swaps and its alarms."""
    place = f"bay-{number}"
    stays = _in_places(connection, span, (place,))
    swaps = _swaps(connection, span, sa.or_(tables.swaps.c.from_bay == number, tables.swaps.c.to_bay == number))
    told = list_charges(connection, span.limit + 1, span.last, bay=number)
    alarms = [each for each in alarm_periods(connection, span.first, span.last) if _of_place(each, place)]
    return _life(place, span, (stays, swaps, told, alarms))


def _life(
    about: str,
    span: Span,
    found: tuple[Sequence[Stay], Sequence[Swap], Sequence[Charge], Sequence[AlarmPeriod]],
) -> Life:
    stays, swaps, charges, alarms = found
    charges = [each for each in charges if each.started_at is None or each.started_at >= span.first]
    stays = sorted(stays, key=lambda stay: stay.since)[::-1]
    alarms = sorted(alarms, key=lambda each: each.alarm.raised_at, reverse=True)
    cut = any(len(each) > span.limit for each in (stays, swaps, charges, alarms))
    most = span.limit
    told = tuple(stays[:most]), tuple(swaps[:most]), tuple(charges[:most]), tuple(alarms[:most])
    return Life(about, span.first, span.last, *told, cut)


def _in_places(connection: sa.Connection, span: Span, places: Sequence[str]) -> list[Stay]:
    """The stays of all batteries in some places."""
    facts = tables.facts.c
    about = sa.or_(facts.origin.in_(places), facts.destination.in_(places))
    return [stay for stay in _stays(connection, span, about) if stay.place in places]


def _stays(
    connection: sa.Connection, span: Span, moves: sa.ColumnElement[bool], battery: str | None = None
) -> list[Stay]:
    """The stays within a span, by the moves that are asked for and what people entered of one battery or all."""
    facts, events = tables.facts.c, tables.events.c
    moved = sa.select(facts.sequence, facts.at, facts.battery, facts.destination).where(moves)
    entered = sa.select(events.sequence, events.at, events.body).where(events.kind == InventoryChanged.__name__)
    if battery is not None:
        about = tables.event_batteries.c
        entered = entered.join(tables.event_batteries, about.sequence == events.sequence).where(
            about.battery == battery
        )
    arrivals = [(*row, BatteryMoved.__name__) for row in connection.execute(moved)]
    arrivals += [found for row in connection.execute(entered) if (found := _entered(*row)) is not None]
    stays: dict[str, list[Stay]] = {}
    for _, at, moving, place, why in sorted(arrivals):
        known = stays.setdefault(moving, [])
        if known and known[-1].place == place:
            continue
        if known:
            known[-1] = replace(known[-1], until=at)
        known.append(Stay(moving, place, at, None, why))
    return [
        stay
        for known in stays.values()
        for stay in known
        if stay.since < span.last and (stay.until is None or stay.until > span.first)
    ]


def _entered(sequence: int, at: datetime, body: dict[str, Any]) -> tuple[int, datetime, str, str, str] | None:
    """Where a battery is after what people entered; None where that moved none."""
    change: dict[str, Any] = body["change"]
    kind, battery = change["kind"], change.get("battery")
    place = away_place(battery) if battery and kind in _LEAVES else change.get("place")
    return (sequence, at, battery, place, kind) if battery and place else None


def _exchanges(battery: str) -> sa.ColumnElement[bool]:
    """Of the swap's own position, or of any other position of its truck."""
    swaps, quoted = tables.swaps.c, f'"{battery}"'
    exchanged = sa.cast(swaps.exchanged, sa.String)
    return sa.or_(swaps.fresh == battery, swaps.returned == battery, exchanged.contains(quoted, autoescape=True))


def _swaps(connection: sa.Connection, span: Span, which: sa.ColumnElement[bool]) -> list[Swap]:
    swaps = tables.swaps.c
    within = sa.select(swaps.swap).where(which, swaps.opened_at >= span.first, swaps.opened_at < span.last)
    names = connection.scalars(within.order_by(swaps.opened_at.desc()).limit(span.limit + 1)).all()
    return [swap for name in names if (swap := find_swap(connection, name)) is not None]


def _of_place(period: AlarmPeriod, place: str) -> bool:
    return period.alarm.source.partition(".")[0] == place


def _was_there(period: AlarmPeriod, stays: Sequence[Stay]) -> bool:
    """An alarm of a place, raised while the battery was there, or of the battery itself."""
    raised_at = period.alarm.raised_at
    return any(
        period.alarm.source == stay.battery
        or (
            _of_place(period, stay.place)
            and stay.since <= raised_at
            and (stay.until is None or raised_at <= stay.until)
        )
        for stay in stays
    )
