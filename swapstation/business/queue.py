"""Trucks that were taken on, and the queue of those that came: entries change, none is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.queue_tables import known_trucks, queue_entries
from swapstation.errors import InputError
from swapstation.model.arriving import Proof, Source
from swapstation.model.queue import HERE, NEXT, Entry, KnownTruck, QueueState

SAME_STAY = timedelta(minutes=2)
"""Proofs of a truck that nobody can name yet belong together when they come so soon after each other."""
SAME_READ = timedelta(seconds=2)
"""So far the time of one read may differ as it is told again."""
LOOKED_BACK = 50
BEFORE_SCALE = timedelta(seconds=30)
"""So long before a truck stands on the scale its plate may be read."""
ON_SCALE = (Source.PLATE, Source.RFID, Source.PERSON)
_PROOFS: TypeAdapter[tuple[Proof, ...]] = TypeAdapter(tuple[Proof, ...])
_COLUMNS = {Source.PLATE: known_trucks.c.plate, Source.RFID: known_trucks.c.rfid, Source.TRUCK_LINK: known_trucks.c.vin}


def take_on(connection: sa.Connection, truck: KnownTruck) -> KnownTruck:
    """Take a truck on, or change what is known of it. Raises InputError for a plate or tag of another truck."""
    for name in ("plate", "rfid"):
        value = getattr(truck, name)
        other = connection.scalar(sa.select(known_trucks.c.vin).where(known_trucks.c[name] == value)) if value else None
        if other not in (None, truck.vin):
            raise InputError(name, value, f"one that no other truck has: {other} has it")
    row = {column.name: getattr(truck, column.name) for column in known_trucks.c}
    connection.execute(sa.delete(known_trucks).where(known_trucks.c.vin == truck.vin))
    connection.execute(sa.insert(known_trucks).values(row))
    return truck


def list_trucks(connection: sa.Connection) -> list[KnownTruck]:
    """Trucks that were taken on, by VIN."""
    return [KnownTruck(*row) for row in connection.execute(sa.select(known_trucks).order_by(known_trucks.c.vin))]


def find_truck(connection: sa.Connection, vin: str) -> KnownTruck | None:
    """One truck that was taken on."""
    row = connection.execute(sa.select(known_trucks).where(known_trucks.c.vin == vin)).one_or_none()
    return None if row is None else KnownTruck(*row)


def vin_of(connection: sa.Connection, source: Source, value: str) -> str:
    """The truck that a plate, a tag or a VIN stands for; "": none that was taken on."""
    column = _COLUMNS.get(source, known_trucks.c.vin)
    return connection.scalar(sa.select(known_trucks.c.vin).where(column == value)) or ""


def note_proof(connection: sa.Connection, proof: Proof) -> Entry:
    """Take a proof into the stay that it belongs to, or begin a stay with it. The same proof again changes nothing."""
    here = entries_here(connection)
    known = next((entry for entry in here if _same_passage(entry, proof)), None)
    known = known or next((entry for entry in here if _belongs(entry, proof)), None)
    if known is None:
        return _add(connection, Entry(0, QueueState.WAITING, proof.at, proof.at, (proof,)))
    same = any((each.source, each.value, each.vin) == (proof.source, proof.value, proof.vin) for each in known.proofs)
    return known if same else _change(connection, replace(known, proofs=(*known.proofs, proof)))


def note_read(connection: sa.Connection, source: Source, value: str, passage: str, at: datetime) -> Entry | None:
    """Take what a device before the lane read; None: it was taken already, in a stay that may have ended since."""
    read = Proof(source, value, vin_of(connection, source, value), at, passage=passage)
    taken = (each for entry in list_entries(connection, LOOKED_BACK, None) for each in entry.proofs)
    return None if any(_same_read(each, read) for each in taken) else note_proof(connection, read)


def weigh(connection: sa.Connection, gross_kg: float, loaded_at: datetime, at: datetime) -> Entry | None:
    """Put a gross mass to the one stay that came onto the scale; None: nobody can say whose mass it is.

    `loaded_at`: since when the scale is loaded. A stay came onto it that was noted around then and has no mass yet.
    """
    first, last = loaded_at - BEFORE_SCALE, loaded_at + SAME_STAY
    came = [
        entry
        for entry in waiting(connection)
        if entry.gross_kg is None and any(each.source in ON_SCALE and first <= each.at <= last for each in entry.proofs)
    ]
    return _change(connection, replace(came[0], gross_kg=gross_kg, weighed_at=at)) if len(came) == 1 else None


def _same_read(known: Proof, read: Proof) -> bool:
    told = (known.source, known.value, known.passage) == (read.source, read.value, read.passage)
    return told and abs(known.at - read.at) < SAME_READ


def _same_passage(entry: Entry, proof: Proof) -> bool:
    """The devices before the lane say that it is the same vehicle."""
    return bool(proof.passage) and any(
        each.passage == proof.passage and abs(proof.at - each.at) <= SAME_STAY for each in entry.proofs
    )


def _belongs(entry: Entry, proof: Proof) -> bool:
    named = {each.vin for each in entry.proofs if each.vin}
    if proof.vin in named:
        return True
    if any((each.source, each.value) == (proof.source, proof.value) for each in entry.proofs):
        return True
    soon = proof.at - entry.proofs[-1].at <= SAME_STAY
    sources = {each.source for each in entry.proofs}
    return soon and not entry.identity.certain and proof.source not in sources


def decide(connection: sa.Connection, number: int, proof: Proof) -> Entry:
    """A person says which truck this is. Raises InputError."""
    entry = _here(connection, number)
    return _change(connection, replace(entry, proofs=(*entry.proofs, proof)))


def move(connection: sa.Connection, number: int, state: QueueState, at: datetime, swap: str = "") -> Entry:
    """Bring an entry to a state. Raises InputError for one that cannot follow, and for an unknown entry."""
    entry = find(connection, number)
    if entry is None:
        raise InputError("number", number, "the number of an entry of the queue")
    if state not in NEXT[entry.state]:
        allowed = ", ".join(NEXT[entry.state]) or "nothing"
        raise InputError("state", state.value, f"{allowed} after {entry.state.value}")
    ended_at = at if state not in HERE else None
    return _change(connection, replace(entry, state=state, swap=swap or entry.swap, ended_at=ended_at))


def skip(connection: sa.Connection, number: int, reason: str) -> Entry:
    """Let the next truck pass: the entry comes behind it. Raises InputError where nobody waits behind."""
    entry = _here(connection, number)
    behind = [each for each in waiting(connection) if each.turn_at > entry.turn_at]
    if entry.state is QueueState.SWAPPING or not behind:
        raise InputError("number", number, "an entry that waits and has another one behind it")
    turn_at = behind[0].turn_at + timedelta(microseconds=1)
    changed = replace(entry, state=QueueState.WAITING, turn_at=turn_at, skipped=entry.skipped + 1, skip_reason=reason)
    return _change(connection, changed)


def call_reasons(entries: Sequence[Entry], number: int, lane_free: bool) -> tuple[str, ...]:
    """Why an entry of those that are here cannot be called now, or again: codes of the reasons catalogue."""
    waits = [entry for entry in entries if entry.state is not QueueState.SWAPPING]
    entry = next((each for each in waits if each.number == number), None)
    if entry is None:
        return ()
    checks = {
        "truck_not_certain": entry.identity.certain,
        "lane_taken": lane_free and all(each is entry or each.state is not QueueState.CALLED for each in waits),
        "not_the_next": waits[0] is entry,
    }
    return tuple(reason for reason, met in checks.items() if not met)


def waiting(connection: sa.Connection) -> list[Entry]:
    """Entries that wait or were called, in the order of their turn."""
    return [entry for entry in entries_here(connection) if entry.state is not QueueState.SWAPPING]


def entries_here(connection: sa.Connection) -> list[Entry]:
    """Entries of trucks that are here, in the order of their turn."""
    columns = queue_entries.c
    wanted = sa.select(queue_entries).where(columns.state.in_(HERE)).order_by(columns.turn_at, columns.number)
    return [_entry(row) for row in connection.execute(wanted)]


def stays(connection: sa.Connection) -> list[Entry]:
    """Entries of trucks that have not left, served ones too, in the order of their turn."""
    columns = queue_entries.c
    wanted = sa.select(queue_entries).where(columns.state != QueueState.LEFT)
    return [_entry(row) for row in connection.execute(wanted.order_by(columns.turn_at, columns.number))]


def find(connection: sa.Connection, number: int) -> Entry | None:
    """One entry."""
    row = connection.execute(sa.select(queue_entries).where(queue_entries.c.number == number)).one_or_none()
    return None if row is None else _entry(row)


def list_entries(connection: sa.Connection, limit: int, before: int | None) -> list[Entry]:
    """Entries of the past and now, newest first."""
    wanted = sa.select(queue_entries).order_by(queue_entries.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(queue_entries.c.number < before)
    return [_entry(row) for row in connection.execute(wanted)]


def entries_between(connection: sa.Connection, first: datetime, last: datetime) -> list[Entry]:
    """Entries of trucks that came from `first` until before `last` (UTC), in their order."""
    columns = queue_entries.c
    wanted = sa.select(queue_entries).where(columns.came_at >= first, columns.came_at < last)
    return [_entry(row) for row in connection.execute(wanted.order_by(columns.came_at, columns.number))]


def _here(connection: sa.Connection, number: int) -> Entry:
    entry = find(connection, number)
    if entry is None or entry.state not in HERE:
        raise InputError("number", number, "the number of a truck that is here")
    return entry


def _add(connection: sa.Connection, entry: Entry) -> Entry:
    number = int(connection.scalar(sa.select(sa.func.max(queue_entries.c.number))) or 0) + 1
    added = replace(entry, number=number)
    connection.execute(sa.insert(queue_entries).values(_row(added)))
    return added


def _change(connection: sa.Connection, entry: Entry) -> Entry:
    connection.execute(sa.update(queue_entries).where(queue_entries.c.number == entry.number).values(_row(entry)))
    return entry


def _row(entry: Entry) -> dict[str, Any]:
    names = (column.name for column in queue_entries.c if column.name not in ("vin", "proofs"))
    kept = {name: getattr(entry, name) for name in names}
    return kept | {"vin": entry.identity.vin, "proofs": _PROOFS.dump_python(entry.proofs, mode="json")}


def _entry(row: sa.Row[Any]) -> Entry:
    fields = row._asdict()
    fields.pop("vin")
    return Entry(**(fields | {"proofs": _PROOFS.validate_python(fields["proofs"])}))
