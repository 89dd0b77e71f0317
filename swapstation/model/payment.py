"""Payments of priced orders: what is charged, and what a payment service says of it (own design, docs/money.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class PaymentState(StrEnum):
    """How far a payment is. ASKED: the service was asked, and has not answered in a way that can be trusted."""

    DUE = "due"
    ASKED = "asked"
    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a fleet is to pay for one order. The same `reference` is the same charge, however often it is asked for."""

    reference: str
    fleet: str
    yuan: Decimal


@dataclass(frozen=True, slots=True)
class Paid:
    """It was charged. `by_balance`: from the balance of the fleet's account here, which holds the order already."""

    receipt: str
    by_balance: bool = False


@dataclass(frozen=True, slots=True)
class NotPaid:
    """It was refused for good: the fleet owes it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was charged: it is asked about before anything else is done."""

    reason: str


@dataclass(frozen=True, slots=True)
class NeverCharged:
    """The service knows of no such charge."""


class PaymentService(Protocol):
    """The adapter of a payment service. Neither method raises for what the service or the way to it does."""

    @property
    def name(self) -> str: ...
    async def charge(self, charge: Charge) -> Paid | NotPaid | Unknown:
        """Charge once: a reference that was charged already is answered as it was then."""
        ...

    async def find(self, charge: Charge) -> Paid | NotPaid | Unknown | NeverCharged:
        """What became of a charge that may have been asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Payment:
    """One charge as it stands. `service`, `receipt`: who took it, its number there.

    `reason`: why it is not paid; `tries`: how often it was written down that it is asked for.
    """

    reference: str
    fleet: str
    yuan: Decimal
    state: PaymentState
    due_at: datetime
    service: str = ""
    receipt: str = ""
    reason: str = ""
    tries: int = 0
    ended_at: datetime | None = None

    @property
    def charge(self) -> Charge:
        return Charge(self.reference, self.fleet, self.yuan)
