"""How rows are written: the event that is being applied, and the few statements that every record is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.effect import Effect
from swapstation.model.inventory import Battery, Hold, place_kind


class Contradiction(Exception):
    """A record that does not fit what the database says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The event being written: on which connection, its sequence number, boot and time."""

    connection: sa.Connection
    sequence: int
    boot: int
    at: datetime


def add_places(connection: sa.Connection, names: Iterable[str]) -> None:
    """Make the places that are not known yet."""
    known = set(connection.scalars(sa.select(tables.places.c.name)))
    rows = [{"name": name, "kind": place_kind(name)} for name in dict.fromkeys(names) if name not in known]
    if rows:
        connection.execute(sa.insert(tables.places), rows)


def write_effect(entry: Entry, effect: Effect) -> None:
    add_places(entry.connection, effect.places)
    for truck in effect.trucks:
        row = {"vin": truck.vin, "model": truck.model, "vin_warning": truck.vin_warning, **asdict(truck.seat)}
        put(entry, tables.trucks, "vin", row)
    for battery in effect.batteries:
        write_battery(entry, battery)


def write_battery(entry: Entry, battery: Battery) -> None:
    row = asdict(battery)
    codes = row.pop("codes")
    put(entry, tables.batteries, "battery", row)
    pack_codes = tables.pack_codes
    entry.connection.execute(sa.delete(pack_codes).where(pack_codes.c.battery == battery.battery))
    numbered = [{"code": code, "battery": battery.battery, "position": n} for n, code in enumerate(codes, start=1)]
    if numbered:
        entry.connection.execute(sa.insert(pack_codes), numbered)


def quarantine(entry: Entry, battery: str, reason: str) -> None:
    """A release that somebody has asked for was asked before this: it ends."""
    known = sa.update(tables.batteries).where(tables.batteries.c.battery == battery)
    ended = {"release_asked_by": "", "release_reason": "", "release_asked_at": None}
    one(entry, known, f"unknown battery {battery}", quarantined=True, quarantine_reason=reason, **ended)


def place_holds(
    entry: Entry, holds: tuple[Hold, ...], swap: str | None = None, job: str | None = None
) -> tuple[str, ...]:
    for hold in holds:
        row = asdict(hold)
        insert(entry, tables.holds, **{**row, "created_at": hold.created_at or entry.at}, swap=swap, job=job)
    return tuple(hold.battery for hold in holds if hold.battery is not None)


def insert(entry: Entry, table: sa.Table, **values: Any) -> None:
    entry.connection.execute(sa.insert(table), values)


def put(entry: Entry, table: sa.Table, key: str, row: dict[str, Any]) -> None:
    """Write a row whole: over the one with its key, or new."""
    if entry.connection.execute(sa.update(table).where(table.c[key] == row[key]), row).rowcount == 0:
        insert(entry, table, **row)


def one(entry: Entry, update: sa.Update, otherwise: str, **values: Any) -> None:
    """Run an update that must hit exactly one row."""
    if entry.connection.execute(update, values).rowcount != 1:
        raise Contradiction(otherwise)
