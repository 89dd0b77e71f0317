"""Orders from the station's own facts: recorded once with the cursor, priced once, corrected by further records.

A bill follows from a swap and never the other way round: whatever fails here changes no device fact and is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from swapstation.business.contract_file import ContractBook
from swapstation.business.cursors import move
from swapstation.business.fleet_account import enter
from swapstation.business.money_tables import corrections, order_open, orders
from swapstation.business.order_queries import FACTS, MONEY, SUPPLIED, find_order
from swapstation.business.payments import become_due
from swapstation.business.pricing import Used, contract_on, price_swap
from swapstation.energy.tariff import Tariff
from swapstation.errors import InputError
from swapstation.model.money import NONE, OrderMoney, SwapFacts, Unpriced
from swapstation.model.order import Correction, EntryKind, Order, Supplied

CURSOR = "orders"


def record_orders(connection: sa.Connection, handed_over: Iterable[SwapFacts], until: int, at: datetime) -> int:
    """Record what swaps handed over, and up to which event the station was read, in one transaction.

    Returns how many orders are new: a swap that is known already is left as it is.
    """
    new = 0
    for facts in handed_over:
        if find_order(connection, facts.swap) is None:
            body = FACTS.dump_python(facts, mode="json")
            row = {"swap": facts.swap, "at": facts.at, "vin": facts.vin, "facts": body, "supplied": []}
            connection.execute(sa.insert(orders).values(**row, recorded_at=at))
            new += 1
    move(connection, CURSOR, until)
    return new


def open_orders(connection: sa.Connection) -> tuple[tuple[str, int], ...]:
    """Swaps whose order has no price yet, the oldest first, each with how often somebody supplied something."""
    rows = connection.execute(sa.select(orders.c.swap, orders.c.supplied).where(order_open).order_by(orders.c.at))
    return tuple((row.swap, len(row.supplied)) for row in rows)


def price_order(connection: sa.Connection, swap: str, book: ContractBook, tariff: Tariff | None, at: datetime) -> bool:
    """Price an open order and enter it in its fleet's account; whether that could be done now."""
    order = find_order(connection, swap)
    return order is not None and order.money is None and _price(connection, order, book, tariff, at)


def _price(connection: sa.Connection, order: Order, book: ContractBook, tariff: Tariff | None, at: datetime) -> bool:
    facts = supplied_facts(order)
    fleet, money = _money(connection, order, facts, book, tariff)
    row = sa.update(orders).where(orders.c.swap == facts.swap, order_open)
    if isinstance(money, Unpriced):
        if (order.fleet, order.open_because) != (fleet, money):
            connection.execute(row.values(fleet=fleet, open_because=money))
        return False
    body = MONEY.dump_python(money, mode="json")
    connection.execute(
        row.values(fleet=fleet, open_because=None, money=body, total_yuan=money.total_yuan, priced_at=at)
    )
    enter(connection, money.fleet, at, EntryKind.ORDER, f"order:{facts.swap}", -money.total_yuan)
    become_due(connection, f"order:{facts.swap}", money.fleet, money.total_yuan, at)
    return True


def _money(
    connection: sa.Connection, order: Order, facts: SwapFacts, book: ContractBook, tariff: Tariff | None
) -> tuple[str | None, OrderMoney | Unpriced]:
    if tariff is None:
        return order.fleet, Unpriced.NO_TARIFF
    day = facts.at.astimezone(tariff.zone).date()
    told = [each.fleet for each in order.supplied if each.fleet is not None]
    fleet = told[-1] if told else book.fleet_of(facts.vin, day)
    if fleet is None:
        return None, Unpriced.NO_FLEET
    contract = contract_on(book.contracts, fleet, day)
    if contract is None:
        return fleet, Unpriced.NO_CONTRACT
    begins_at, ends_at = month_of(facts.at, tariff)
    return fleet, price_swap(facts, contract, tariff, _used(connection, fleet, begins_at, ends_at))


def month_of(at: datetime, tariff: Tariff) -> tuple[datetime, datetime]:
    """The local month of an instant, from its begin until before its end."""
    first = at.astimezone(tariff.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1)


def _used(connection: sa.Connection, fleet: str, begins_at: datetime, ends_at: datetime) -> Used:
    """What the package has covered in a month."""
    of_month = sa.select(orders.c.money).where(
        orders.c.fleet == fleet, orders.c.at >= begins_at, orders.c.at < ends_at, ~order_open
    )
    moneys = [MONEY.validate_python(body) for body in connection.scalars(of_month)]
    covered = [[line.energy_kwh for line in money.lines if line.covered] for money in moneys]
    return Used(sum((kwh for lines in covered for kwh in lines), NONE), sum(bool(lines) for lines in covered))


def supplied_facts(order: Order) -> SwapFacts:
    """The facts of an order with what people supplied where no device told it."""
    facts = order.facts
    for told in order.supplied:
        if told.distance_km is not None:
            facts = replace(facts, distance_km=told.distance_km)
        if told.energy_kwh is not None:
            first, *others = facts.handed_over
            rest = tuple(replace(each, energy_kwh=NONE) for each in others)
            facts = replace(facts, handed_over=(replace(first, energy_kwh=told.energy_kwh), *rest))
    return facts


def supply(connection: sa.Connection, swap: str, told: Supplied) -> Order:
    """A person tells what an open order lacks. Raises InputError for an unknown order or one that is priced."""
    order = _known(connection, swap)
    if order.money is not None:
        raise InputError("swap", swap, "an order without a price; a priced one is corrected")
    supplied = (*order.supplied, told)
    body = SUPPLIED.dump_python(supplied, mode="json")
    connection.execute(sa.update(orders).where(orders.c.swap == swap, order_open).values(supplied=body))
    return replace(order, supplied=supplied)


def correct(
    connection: sa.Connection,
    swap: str,
    electricity_yuan: Decimal,
    service_yuan: Decimal,
    person: str,
    reason: str,
    at: datetime,
) -> Correction:
    """Change what a priced order costs, by a further record. Raises InputError."""
    order = _known(connection, swap)
    if order.money is None:
        raise InputError("swap", swap, "an order that has a price; what an open one lacks is supplied")
    number = int(connection.scalar(sa.select(sa.func.max(corrections.c.number))) or 0) + 1
    correction = Correction(number, swap, order.money.fleet, at, person, reason, electricity_yuan, service_yuan)
    connection.execute(sa.insert(corrections).values(asdict(correction)))
    changed = electricity_yuan + service_yuan
    enter(connection, correction.fleet, at, EntryKind.CORRECTION, f"correction:{number}", -changed, person, reason)
    return correction


def _known(connection: sa.Connection, swap: str) -> Order:
    order = find_order(connection, swap)
    if order is None:
        raise InputError("swap", swap, "the id of a swap that has an order")
    return order
