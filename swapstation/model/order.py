"""Orders of swaps, their corrections, monthly statements and the accounts of fleets (own design)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from swapstation.model.money import NONE, OrderMoney, SwapFacts, Unpriced


@dataclass(frozen=True, slots=True)
class Supplied:
    """What a person told that no device did: energy, distance or the fleet of a truck, before the order was priced."""

    person: str
    at: datetime
    reason: str
    energy_kwh: Decimal | None = None
    distance_km: Decimal | None = None
    fleet: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The order of one swap. It is priced once; then nothing of it changes. `open_because`: why it has no price yet."""

    facts: SwapFacts
    recorded_at: datetime
    fleet: str | None = None
    money: OrderMoney | None = None
    priced_at: datetime | None = None
    open_because: Unpriced | None = None
    supplied: tuple[Supplied, ...] = ()
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A change to what an order costs, as a record of its own: the difference, by whom and why."""

    number: int
    swap: str
    fleet: str
    at: datetime
    person: str
    reason: str
    electricity_yuan: Decimal
    service_yuan: Decimal
    statement: str | None = None


class EntryKind(StrEnum):
    """What moves the account of a fleet."""

    DEPOSIT = "deposit"
    ORDER = "order"
    CORRECTION = "correction"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of a fleet's account, positive towards the fleet. A `reference` counts once."""

    number: int
    fleet: str
    at: datetime
    kind: EntryKind
    reference: str
    yuan: Decimal
    person: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MonthlyFee:
    """A fee of a month that no swap makes: package, lease."""

    what: str
    quantity: int
    each_yuan: Decimal

    @property
    def yuan(self) -> Decimal:
        return self.quantity * self.each_yuan


@dataclass(frozen=True, slots=True)
class StatementOrder:
    """An order in a statement; `late` when its swap was of an earlier month."""

    swap: str
    vin: str
    at: datetime
    energy_kwh: Decimal
    periods: tuple[str, ...]
    electricity_yuan: Decimal
    service_yuan: Decimal
    late: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What a fleet owes for a month, as it was issued; `month` is like 2026-11. Every order is in one statement."""

    statement: str
    fleet: str
    month: str
    issued_at: datetime
    person: str
    orders: tuple[StatementOrder, ...]
    corrections: tuple[Correction, ...]
    fees: tuple[MonthlyFee, ...]
    still_open: int = 0

    @property
    def electricity_yuan(self) -> Decimal:
        corrected = sum((each.electricity_yuan for each in self.corrections), NONE)
        return sum((each.electricity_yuan for each in self.orders), corrected)

    @property
    def service_yuan(self) -> Decimal:
        corrected = sum((each.service_yuan for each in self.corrections), NONE)
        return sum((each.service_yuan for each in self.orders), corrected)

    @property
    def fees_yuan(self) -> Decimal:
        return sum((fee.yuan for fee in self.fees), NONE)

    @property
    def total_yuan(self) -> Decimal:
        return self.electricity_yuan + self.service_yuan + self.fees_yuan
