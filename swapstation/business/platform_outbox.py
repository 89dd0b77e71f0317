"""The outbox to the supervision platform: what was derived from the station's events waits here until it was told.

A message and the cursor into the events that it was derived from are committed together, so a crash derives nothing
twice and forgets nothing. Sent twice it may be (a crash between sending and recording the answer); the platform knows
it again by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from swapstation.business import cursors, tables
from swapstation.business.database import BUSINESS, Database
from swapstation.business.platform_tables import platform_outbox, platform_receipts
from swapstation.errors import InputError
from swapstation.model.platform_outbox import (
    FOR_PEOPLE,
    Draft,
    Lane,
    MessageState,
    OutboxFigures,
    OutboxMessage,
    Receipt,
)

CURSOR = "platform"
_CHANGED = "the station's record changed after this number was told"
_OUTBOX, _RECEIPTS = platform_outbox.c, platform_receipts.c
_COLUMNS = [_OUTBOX[each.name] for each in fields(OutboxMessage)]
_RECEIPT_COLUMNS = [_RECEIPTS[each.name] for each in fields(Receipt)]


class PlatformOutbox:
    """The outbox in the business database. Every method is one transaction and raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self) -> int | None:
        """Up to which of the station's events messages were derived; None before the first."""
        with BUSINESS.errors(), self._database.connect() as connection:
            return _cursor(connection)

    def queue(self, drafts: Iterable[Draft], at: datetime, cursor: int | None = None) -> int:
        """Queue messages and move the cursor, both or neither. Returns how many are new."""
        with BUSINESS.errors(), self._database.begin() as connection:
            new = sum(_queued(connection, draft, at) for draft in drafts)
            if cursor is not None:
                cursors.move(connection, CURSOR, cursor)
            return new

    def due(self, now: datetime) -> OutboxMessage | None:
        """The message to send now: states first, then records, each key in its order."""
        earlier = platform_outbox.alias("earlier")
        waits = sa.exists().where(
            earlier.c.key == _OUTBOX.key, earlier.c.state == MessageState.PENDING, earlier.c.number < _OUTBOX.number
        )
        ready = sa.or_(_OUTBOX.next_try_at.is_(None), _OUTBOX.next_try_at <= now)
        first = sa.select(*_COLUMNS).where(_OUTBOX.state == MessageState.PENDING, ready, ~waits)
        with BUSINESS.errors(), self._database.connect() as connection:
            row = connection.execute(first.order_by(_OUTBOX.lane, _OUTBOX.number).limit(1)).one_or_none()
        return None if row is None else OutboxMessage(*row)

    def answered(
        self,
        message: OutboxMessage,
        receipt: Receipt | None,
        state: MessageState,
        at: datetime,
        reason: str = "",
        next_try_at: datetime | None = None,
    ) -> None:
        """Keep the receipt of an attempt and what becomes of the message. One that stays pending counts an attempt."""
        done = None if state is MessageState.PENDING else at
        change = {"attempts": message.attempts + 1, "reason": reason, "next_try_at": next_try_at, "done_at": done}
        mine = sa.update(platform_outbox).where(_OUTBOX.number == message.number)
        if state is MessageState.PENDING:  # a newer state may have taken its place while it was on its way
            mine = mine.where(_OUTBOX.state == MessageState.PENDING)
        with BUSINESS.errors(), self._database.begin() as connection:
            if receipt is not None:
                connection.execute(sa.insert(platform_receipts), {**asdict(receipt), "message": message.number})
            connection.execute(mine.values(**change, state=state))

    def keep(self, receipt: Receipt) -> None:
        """Keep the receipt of something that is no message of the outbox."""
        with BUSINESS.errors(), self._database.begin() as connection:
            connection.execute(sa.insert(platform_receipts), asdict(receipt))

    def resend(self, number: int) -> OutboxMessage:
        """Let a message that waits for a person be sent again. Raises InputError for any other."""
        with BUSINESS.errors(), self._database.begin() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(_OUTBOX.number == number)).one_or_none()
            message = None if row is None else OutboxMessage(*row)
            if message is None or message.state not in FOR_PEOPLE:
                raise InputError("number", number, f"a message that is {', '.join(FOR_PEOPLE)}")
            newer = sa.select(_OUTBOX.number).where(_OUTBOX.key == message.key, _OUTBOX.number > number)
            if message.lane is Lane.STATE and connection.execute(newer.limit(1)).first() is not None:
                raise InputError("number", number, "the newest state of its connector: an older one would be wrong now")
            again = {"state": MessageState.PENDING, "attempts": 0, "next_try_at": None, "done_at": None}
            connection.execute(sa.update(platform_outbox).where(_OUTBOX.number == number).values(**again))
            return message

    def last_states(self) -> dict[str, dict[str, Any]]:
        """The newest state that was queued for every connector: key -> body."""
        newest = sa.select(sa.func.max(_OUTBOX.number)).where(_OUTBOX.lane == Lane.STATE).group_by(_OUTBOX.key)
        with BUSINESS.errors(), self._database.connect() as connection:
            rows = connection.execute(sa.select(_OUTBOX.key, _OUTBOX.body).where(_OUTBOX.number.in_(newest)))
            return {row.key: row.body for row in rows}

    def records(self, interface: str, first: datetime, last: datetime) -> tuple[OutboxMessage, ...]:
        """Records of what happened from `first` until before `last`, in order."""
        found = sa.select(*_COLUMNS).where(
            _OUTBOX.interface == interface, _OUTBOX.happened_at >= first, _OUTBOX.happened_at < last
        )
        with BUSINESS.errors(), self._database.connect() as connection:
            return tuple(OutboxMessage(*row) for row in connection.execute(found.order_by(_OUTBOX.number)))

    def message(self, number: int) -> OutboxMessage | None:
        """One message by its number."""
        with BUSINESS.errors(), self._database.connect() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(_OUTBOX.number == number)).one_or_none()
            return None if row is None else OutboxMessage(*row)

    def messages(self, states: Sequence[MessageState], limit: int, before: int | None) -> tuple[OutboxMessage, ...]:
        """Messages, newest first."""
        with BUSINESS.errors(), self._database.connect() as connection:
            return list_messages(connection, states, limit, before)

    def receipts(self, message: int) -> tuple[Receipt, ...]:
        """What was sent of a message and answered."""
        with BUSINESS.errors(), self._database.connect() as connection:
            return receipts_of(connection, message)

    def figures(self) -> OutboxFigures:
        """How the outbox stands."""
        with BUSINESS.errors(), self._database.connect() as connection:
            return outbox_figures(connection)


def outbox_figures(connection: sa.Connection) -> OutboxFigures:
    """How the outbox stands."""
    counted = sa.select(_OUTBOX.state, sa.func.count()).group_by(_OUTBOX.state)
    pending = sa.select(sa.func.min(_OUTBOX.queued_at)).where(_OUTBOX.state == MessageState.PENDING)
    delivered = sa.select(sa.func.max(_OUTBOX.done_at)).where(_OUTBOX.state == MessageState.DELIVERED)
    counts = dict.fromkeys((state.value for state in MessageState), 0)
    counts |= {row[0].value: row[1] for row in connection.execute(counted)}
    return OutboxFigures(counts, connection.scalar(pending), connection.scalar(delivered), _cursor(connection) or 0)


def list_messages(
    connection: sa.Connection, states: Sequence[MessageState] = (), limit: int = 50, before: int | None = None
) -> tuple[OutboxMessage, ...]:
    """Messages, newest first, of some states or all; `before` a number gives the next page."""
    newest = sa.select(*_COLUMNS)
    if states:
        newest = newest.where(_OUTBOX.state.in_(states))
    if before is not None:
        newest = newest.where(_OUTBOX.number < before)
    rows = connection.execute(newest.order_by(_OUTBOX.number.desc()).limit(limit))
    return tuple(OutboxMessage(*row) for row in rows)


def receipts_of(connection: sa.Connection, message: int) -> tuple[Receipt, ...]:
    """What was sent of a message and answered, oldest first."""
    rows = connection.execute(
        sa.select(*_RECEIPT_COLUMNS).where(_RECEIPTS.message == message).order_by(_RECEIPTS.number)
    )
    return tuple(Receipt(*row) for row in rows)


def _cursor(connection: sa.Connection) -> int | None:
    return connection.scalar(sa.select(tables.cursors.c.sequence).where(tables.cursors.c.name == CURSOR))


def _queued(connection: sa.Connection, draft: Draft, at: datetime) -> bool:
    """Insert a draft unless its record was told already; tell people when the record has changed since."""
    row = {name: getattr(draft, name) for name in ("interface", "lane", "key", "body", "happened_at")}
    once, reason = (draft.key if draft.lane is Lane.RECORD else None), draft.wrong
    if once is not None:
        known = connection.scalars(sa.select(_OUTBOX.body).where(_OUTBOX.key == once)).all()
        if draft.body in known:
            return False
        if known:
            once, reason = None, _CHANGED
    else:
        _supersede(connection, draft.key, at)
    state = MessageState.DEAD if reason else MessageState.PENDING
    connection.execute(
        sa.insert(platform_outbox),
        {**row, "once": once, "queued_at": at, "state": state, "reason": reason, "done_at": at if reason else None},
    )
    return True


def _supersede(connection: sa.Connection, key: str, at: datetime) -> None:
    older = sa.update(platform_outbox).where(_OUTBOX.key == key, _OUTBOX.state == MessageState.PENDING)
    connection.execute(older.values(state=MessageState.SUPERSEDED, done_at=at))
