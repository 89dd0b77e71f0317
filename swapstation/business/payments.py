"""Payments: due with the price of an order, asked for before the service is, ended once, with the account's entry.

What was asked for and not answered stays so over a crash: whether it was charged is found out before it is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from swapstation.business.fleet_account import enter
from swapstation.business.payment_tables import payments
from swapstation.errors import InputError
from swapstation.model.money import NONE
from swapstation.model.order import EntryKind
from swapstation.model.payment import NotPaid, Paid, Payment, PaymentState

_OPEN = (PaymentState.DUE, PaymentState.ASKED)


def become_due(connection: sa.Connection, reference: str, fleet: str, yuan: Decimal, at: datetime) -> None:
    """An order was priced; one that costs nothing is not charged. In the transaction of its price."""
    if yuan > NONE:
        row = Payment(reference, fleet, yuan, PaymentState.DUE, at)
        connection.execute(sa.insert(payments).values({c.name: getattr(row, c.name) for c in payments.c}))


def open_payments(connection: sa.Connection, limit: int = 100) -> Sequence[Payment]:
    """Payments that are due or were asked for: those asked for least often first, then the oldest."""
    turn = payments.c.tries, payments.c.due_at, payments.c.reference
    wanted = sa.select(payments).where(payments.c.state.in_(_OPEN)).order_by(*turn)
    return [Payment(**row._mapping) for row in connection.execute(wanted.limit(limit))]


def list_payments(
    connection: sa.Connection,
    states: Sequence[PaymentState] = (),
    fleet: str | None = None,
    limit: int = 100,
    before: str | None = None,
) -> list[Payment]:
    """Payments, what became due last first; of some states, of one fleet, after one in this order (its reference).

    Raises InputError for a reference that is not known.
    """
    wanted = sa.select(payments).order_by(payments.c.due_at.desc(), payments.c.reference.desc()).limit(limit)
    if states:
        wanted = wanted.where(payments.c.state.in_(states))
    if fleet is not None:
        wanted = wanted.where(payments.c.fleet == fleet)
    if before is not None:
        last = find_payment(connection, before)
        if last is None or fleet not in (None, last.fleet):
            raise InputError("before", before, "the reference of a payment")
        beside = sa.and_(payments.c.due_at == last.due_at, payments.c.reference < before)  # priced in one pass
        wanted = wanted.where(sa.or_(payments.c.due_at < last.due_at, beside))
    return [Payment(**row._mapping) for row in connection.execute(wanted)]


def find_payment(connection: sa.Connection, reference: str) -> Payment | None:
    """One payment."""
    row = connection.execute(sa.select(payments).where(payments.c.reference == reference)).one_or_none()
    return None if row is None else Payment(**row._mapping)


def note_asked(connection: sa.Connection, reference: str, service: str, reason: str = "") -> None:
    """The service is asked now, or did not say what became of it; durable before the charge leaves."""
    row = sa.update(payments).where(payments.c.reference == reference, payments.c.state.in_(_OPEN))
    told = {"state": PaymentState.ASKED, "service": service, "reason": reason}
    connection.execute(row.values(**told, tries=payments.c.tries + 1))


def end(connection: sa.Connection, reference: str, outcome: Paid | NotPaid, at: datetime) -> bool:
    """A payment is over; what another service took is entered in the fleet's account. Whether it was still open."""
    if isinstance(outcome, Paid):
        told = {"state": PaymentState.PAID, "receipt": outcome.receipt, "reason": ""}
    else:
        told = {"state": PaymentState.REFUSED, "reason": outcome.reason}
    row = sa.update(payments).where(payments.c.reference == reference, payments.c.state.in_(_OPEN))
    if connection.execute(row.values(**told, ended_at=at)).rowcount == 0:
        return False
    payment = find_payment(connection, reference)
    assert payment is not None
    if isinstance(outcome, Paid) and not outcome.by_balance:
        told_by = f"payment:{reference}"
        enter(connection, payment.fleet, at, EntryKind.DEPOSIT, told_by, payment.yuan, note=outcome.receipt)
    return True
