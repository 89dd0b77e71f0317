"""The outbox to a headquarters: a record waits here until it was taken, once by its id.

A record and the cursor into the station's events that it was derived from are committed together: a crash derives
nothing twice and forgets nothing. Sent twice it may be; the headquarters knows it again by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business import cursors
from swapstation.business.headquarters_tables import headquarters_outbox
from swapstation.errors import InputError
from swapstation.model.headquarters import KnownRecord, RecordFigures, RecordState

CURSOR, MASTER = "headquarters", "headquarters_master"
"""Up to which event records were derived; the revision of the master data that counts."""
_OUTBOX = headquarters_outbox.c


def queue_record(
    connection: sa.Connection, record_id: str, kind: str, happened_at: datetime, body: dict[str, Any]
) -> bool:
    """Queue a record unless there was one of this id; whether it is new."""
    if connection.scalar(sa.select(_OUTBOX.number).where(_OUTBOX.record_id == record_id)) is not None:
        return False
    row = {"record_id": record_id, "kind": kind, "happened_at": happened_at, "body": body}
    connection.execute(sa.insert(headquarters_outbox), row | {"state": RecordState.PENDING})
    return True


def queue_derived(connection: sa.Connection, records: Iterable[KnownRecord], until: int) -> int:
    """Queue what was derived and move the cursor, both or neither; how many are new."""
    new = sum(queue_record(connection, each.record_id, each.kind, each.happened_at, each.body) for each in records)
    cursors.move(connection, CURSOR, until)
    return new


def due(connection: sa.Connection, now: datetime) -> KnownRecord | None:
    """The record to send now, oldest first."""
    ready = sa.or_(_OUTBOX.next_try_at.is_(None), _OUTBOX.next_try_at <= now)
    wanted = sa.select(headquarters_outbox).where(_OUTBOX.state == RecordState.PENDING, ready)
    row = connection.execute(wanted.order_by(_OUTBOX.number).limit(1)).one_or_none()
    return None if row is None else KnownRecord(**row._asdict())


def tried(
    connection: sa.Connection,
    record: KnownRecord,
    state: RecordState,
    at: datetime,
    reason: str = "",
    next_try_at: datetime | None = None,
) -> None:
    """Keep what became of an attempt."""
    done_at = None if state is RecordState.PENDING else at
    row = {"attempts": record.attempts + 1, "reason": reason, "next_try_at": next_try_at, "done_at": done_at}
    mine = sa.update(headquarters_outbox).where(_OUTBOX.number == record.number)
    connection.execute(mine.values(**row, state=state))


def hurry(connection: sa.Connection) -> None:
    """Let records that stand aside be tried at once."""
    waits = sa.update(headquarters_outbox).where(_OUTBOX.state == RecordState.PENDING, _OUTBOX.next_try_at.is_not(None))
    connection.execute(waits.values(next_try_at=None))


def resend(connection: sa.Connection, number: int) -> KnownRecord:
    """Let a record that a person has looked at be sent again. Raises InputError for any other."""
    row = connection.execute(sa.select(headquarters_outbox).where(_OUTBOX.number == number)).one_or_none()
    if row is None or row.state is not RecordState.DEAD:
        raise InputError("number", number, "a record that is dead")
    again = {"state": RecordState.PENDING, "attempts": 0, "next_try_at": None, "done_at": None}
    connection.execute(sa.update(headquarters_outbox).where(_OUTBOX.number == number).values(**again))
    return KnownRecord(**(row._asdict() | again))


def list_records(
    connection: sa.Connection, state: RecordState | None, limit: int, before: int | None = None
) -> list[KnownRecord]:
    """Records, newest first, of a state or all; `before` a number gives the next page."""
    wanted = sa.select(headquarters_outbox).order_by(_OUTBOX.number.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(_OUTBOX.state == state)
    if before is not None:
        wanted = wanted.where(_OUTBOX.number < before)
    return [KnownRecord(**row._asdict()) for row in connection.execute(wanted)]


def figures(connection: sa.Connection) -> RecordFigures:
    """How the outbox stands."""
    counted = sa.select(_OUTBOX.state, sa.func.count()).group_by(_OUTBOX.state)
    counts = {row[0]: row[1] for row in connection.execute(counted)}
    oldest = sa.select(sa.func.min(_OUTBOX.happened_at)).where(_OUTBOX.state == RecordState.PENDING)
    return RecordFigures(
        counts.get(RecordState.PENDING, 0),
        counts.get(RecordState.DELIVERED, 0),
        counts.get(RecordState.DEAD, 0),
        connection.scalar(oldest),
    )
