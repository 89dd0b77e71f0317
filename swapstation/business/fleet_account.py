"""Accounts of fleets: what they paid and what their swaps cost. Every reference counts once, whoever repeats it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from swapstation.business.money_tables import entries
from swapstation.errors import InputError
from swapstation.model.money import NONE
from swapstation.model.order import Entry, EntryKind


def enter(
    connection: sa.Connection,
    fleet: str,
    at: datetime,
    kind: EntryKind,
    reference: str,
    yuan: Decimal,
    person: str = "",
    note: str = "",
) -> None:
    """One movement, positive towards the fleet."""
    connection.execute(
        sa.insert(entries).values(
            fleet=fleet, at=at, kind=kind, reference=reference, yuan=yuan, person=person, note=note
        )
    )


def deposit(
    connection: sa.Connection, fleet: str, reference: str, yuan: Decimal, person: str, note: str, at: datetime
) -> bool:
    """Enter what a fleet paid; the same reference counts once. Returns whether it is new.

    Raises InputError when the reference is known with another fleet or amount.
    """
    known = connection.execute(sa.select(entries).where(entries.c.reference == f"deposit:{reference}")).first()
    if known is not None:
        if (known.fleet, known.yuan) != (fleet, yuan):
            raise InputError("reference", reference, f"one that is not used: {known.fleet} paid {known.yuan} by it")
        return False
    enter(connection, fleet, at, EntryKind.DEPOSIT, f"deposit:{reference}", yuan, person, note)
    return True


def balance(connection: sa.Connection, fleet: str) -> Decimal:
    """What a fleet has in its account; below zero: it owes."""
    told = connection.scalars(sa.select(entries.c.yuan).where(entries.c.fleet == fleet))
    return sum(told, NONE)


def account(connection: sa.Connection, fleet: str, limit: int = 200, before: int | None = None) -> Sequence[Entry]:
    """The movements of a fleet's account, newest first."""
    wanted = sa.select(entries).where(entries.c.fleet == fleet).order_by(entries.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(entries.c.number < before)
    return [Entry(**row._mapping) for row in connection.execute(wanted)]
