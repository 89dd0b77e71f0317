"""The audit: rows that are only ever added, each chained to the one before by SHA-256 over its canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business import tables

GENESIS = "0" * 64
"""What the first row has as the hash of the row before it."""

_AUDIT = tables.audit.c
_READ_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded: who (`actor` with `role`, from `address`) did what (`kind`) to what (`subject`)."""

    kind: str
    actor: str
    role: str = ""
    address: str = ""
    subject: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is stored; `detail` is canonical JSON text, `hash` covers all that stands before it."""

    number: int
    at: datetime
    kind: str
    actor: str
    role: str
    address: str
    subject: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last row's number and hash: who keeps them elsewhere can tell later that nothing was taken away."""

    number: int
    hash: str


def canonical(value: object) -> str:
    """JSON with sorted keys, without spaces, in ASCII: the same bytes for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def row_hash(row: Row) -> str:
    """SHA-256 over the canonical JSON of everything but the hash itself."""
    covered = asdict(row)
    del covered["hash"]
    covered["at"] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(covered).encode("ascii")).hexdigest()


def head(connection: sa.Connection) -> Head:
    """The end of the chain; number 0 of an empty one."""
    last = sa.select(_AUDIT.number, _AUDIT.hash).order_by(_AUDIT.number.desc()).limit(1)
    found = connection.execute(last).one_or_none()
    return Head(0, GENESIS) if found is None else Head(*found)


def chained(after: Head, entries: Iterable[Entry], at: datetime) -> Iterator[Row]:
    """The rows that follow a head."""
    number, previous = after.number, after.hash
    for entry in entries:
        number += 1
        row = Row(
            number=number,
            at=at,
            kind=_storable(entry.kind),
            actor=_storable(entry.actor),
            role=_storable(entry.role),
            address=_storable(entry.address),
            subject=_storable(entry.subject),
            detail=canonical(entry.detail),
            previous=previous,
            hash="",
        )
        previous = row_hash(row)
        yield replace(row, hash=previous)


def append(connection: sa.Connection, entries: Sequence[Entry], at: datetime) -> Head:
    """Add rows in the transaction of the connection and return the new head."""
    rows = [asdict(row) for row in chained(head(connection), entries, at)]
    if not rows:
        return head(connection)
    connection.execute(sa.insert(tables.audit), rows)
    return Head(rows[-1]["number"], rows[-1]["hash"])


def read(connection: sa.Connection, after: int = 0) -> Iterator[Row]:
    """Every row after a number, in order of the numbers."""
    while True:
        rows = list_rows(connection, after, _READ_AT_ONCE)
        yield from rows
        if len(rows) < _READ_AT_ONCE:
            return
        after = rows[-1].number


def newest_rows(connection: sa.Connection, kind: str, limit: int) -> tuple[Row, ...]:
    """The newest rows of a kind, newest first."""
    asked = sa.select(*_AUDIT).where(_AUDIT.kind == kind).order_by(_AUDIT.number.desc()).limit(limit)
    return tuple(Row(*row) for row in connection.execute(asked))


def list_rows(
    connection: sa.Connection, after: int, limit: int, kind: str | None = None, actor: str | None = None
) -> tuple[Row, ...]:
    """Rows after a number, in order; of a kind or an actor only."""
    wanted = sa.select(tables.audit).where(_AUDIT.number > after).order_by(_AUDIT.number).limit(limit)
    if kind is not None:
        wanted = wanted.where(_AUDIT.kind == kind)
    if actor is not None:
        wanted = wanted.where(_AUDIT.actor == actor)
    return tuple(Row(*row) for row in connection.execute(wanted))


def rows_between(connection: sa.Connection, first: datetime, last: datetime) -> tuple[Row, ...]:
    """Rows from `first` until before `last` (UTC), in order."""
    wanted = sa.select(tables.audit).where(_AUDIT.at >= first, _AUDIT.at < last).order_by(_AUDIT.number)
    return tuple(Row(*row) for row in connection.execute(wanted))


def last_rows(connection: sa.Connection, count: int) -> tuple[Row, ...]:
    """The newest rows, oldest of them first."""
    newest = connection.execute(sa.select(tables.audit).order_by(_AUDIT.number.desc()).limit(count)).all()
    return tuple(Row(*row) for row in reversed(newest))


def last_of(connection: sa.Connection, kinds: Sequence[str]) -> Row | None:
    """The newest row of some kinds."""
    newest = sa.select(tables.audit).where(_AUDIT.kind.in_(kinds)).order_by(_AUDIT.number.desc()).limit(1)
    found = connection.execute(newest).one_or_none()
    return None if found is None else Row(*found)


def _storable(text: str) -> str:
    """What a client sent may hold what UTF-8 or PostgreSQL cannot carry, or what a terminal would obey."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
