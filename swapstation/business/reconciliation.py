"""What a month's swaps, orders, accounts and owners of batteries say of each other: every difference is a line."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from swapstation.business.contract_file import ContractBook
from swapstation.business.money_tables import corrections, entries, orders
from swapstation.business.order_queries import list_of
from swapstation.business.orders import supplied_facts
from swapstation.business.pricing import cents
from swapstation.business.statements import Month
from swapstation.model.money import NONE
from swapstation.model.order import Order


@dataclass(frozen=True, slots=True)
class OwnerShare:
    """What the use of an owner's batteries costs for a month."""

    owner: str
    swaps: int
    energy_kwh: Decimal
    batteries: int
    yuan: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not agree: what, and the swap or reference that it is about."""

    what: str
    about: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A month in figures. `open_orders`: without a price; `differences` is empty when everything agrees."""

    month: str
    swaps: int
    orders: int
    open_orders: int
    energy_kwh: Decimal
    orders_yuan: Decimal
    corrections_yuan: Decimal
    owners: tuple[OwnerShare, ...]
    differences: tuple[Difference, ...]


def reconcile(
    connection: sa.Connection, book: ContractBook, month: Month, handed_over: Collection[str]
) -> Reconciliation:
    """The month against the station's own record; `handed_over`: ids of its swaps that handed a battery over."""
    of_month = orders.c.at >= month.begins_at, orders.c.at < month.ends_at
    found = list_of(connection, sa.select(orders).where(*of_month).order_by(orders.c.at))
    changed = sa.select(corrections).where(corrections.c.swap.in_([each.facts.swap for each in found]))
    changes = connection.execute(changed).all()
    priced = [each for each in found if each.money is not None]
    return Reconciliation(
        month=month.name,
        swaps=len(handed_over),
        orders=len(found),
        open_orders=len(found) - len(priced),
        energy_kwh=sum((each.facts.energy_kwh or NONE for each in map(_told, found)), NONE),
        orders_yuan=sum((each.money.total_yuan for each in priced if each.money is not None), NONE),
        corrections_yuan=sum((row.electricity_yuan + row.service_yuan for row in changes), NONE),
        owners=tuple(_shares(book, found)),
        differences=tuple(_differences(connection, found, handed_over)),
    )


def _told(order: Order) -> Order:
    return Order(supplied_facts(order), order.recorded_at)


def _differences(connection: sa.Connection, found: list[Order], handed_over: Collection[str]) -> Iterable[Difference]:
    known = {each.facts.swap for each in found}
    yield from (Difference("swap_without_order", swap) for swap in sorted(set(handed_over) - known))
    yield from (Difference("order_without_swap", swap) for swap in sorted(known - set(handed_over)))
    ours = entries.c.reference.in_([f"order:{swap}" for swap in known])
    rows = connection.execute(sa.select(entries.c.reference, entries.c.yuan).where(ours))
    entered = {row.reference: row.yuan for row in rows}
    for order in found:
        yuan = entered.get(f"order:{order.facts.swap}")
        owed = None if order.money is None else -order.money.total_yuan
        if yuan != owed:
            yield Difference("account_differs", order.facts.swap)


def _shares(book: ContractBook, found: list[Order]) -> Iterable[OwnerShare]:
    for owner in book.battery_owners:
        used = [
            each.energy_kwh or NONE
            for order in found
            for each in supplied_facts(order).handed_over
            if each.battery in owner.batteries
        ]
        energy_kwh = sum((max(kwh, NONE) for kwh in used), NONE)
        fees = cents(energy_kwh * owner.per_kwh) + cents(owner.per_battery_month * len(owner.batteries))
        yield OwnerShare(owner.owner, len(used), energy_kwh, len(owner.batteries), fees)
