"""Monthly statements: every priced order and every correction is in exactly one, the first that is issued after it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.business.contract_file import ContractBook
from swapstation.business.csv_cells import harmless
from swapstation.business.fleet_account import enter
from swapstation.business.money_tables import corrections, order_open, orders, statements
from swapstation.business.order_queries import list_of
from swapstation.business.orders import month_of
from swapstation.business.pricing import contract_on
from swapstation.energy.tariff import Tariff
from swapstation.errors import InputError
from swapstation.model.money import NONE
from swapstation.model.order import Correction, EntryKind, MonthlyFee, Order, Statement, StatementOrder

STATEMENT: TypeAdapter[Statement] = TypeAdapter(Statement)
HEADINGS = ("kind", "swap", "vin", "at", "energy_kwh", "periods", "electricity_yuan", "service_yuan", "note")


@dataclass(frozen=True, slots=True)
class Month:
    """A local month: its name like 2026-11, and from when until before when it is."""

    name: str
    begins_at: datetime
    ends_at: datetime


def named_month(name: str, tariff: Tariff) -> Month:
    """The month of a name. Raises InputError."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", name):
        raise InputError("month", name, "a month such as 2026-11")
    year, month = (int(part) for part in name.split("-"))
    begins_at, ends_at = month_of(datetime(year, month, 15, tzinfo=tariff.zone), tariff)
    return Month(name, begins_at, ends_at)


def issue(
    connection: sa.Connection,
    book: ContractBook,
    tariff: Tariff,
    fleet: str,
    month: Month,
    person: str,
    at: datetime,
) -> Statement:
    """Issue the statement of a fleet's month, once: issued again it is what it was. Raises InputError."""
    if at < month.ends_at:
        raise InputError("month", month.name, "a month that is over")
    if fleet not in {each.name for each in book.fleets}:
        raise InputError("fleet", fleet, f"one of {', '.join(each.name for each in book.fleets) or '-'}")
    known = find_statement(connection, fleet, month.name)
    if known is not None:
        return known
    made = _made(connection, book, tariff, fleet, month, person, at)
    body = STATEMENT.dump_python(made, mode="json")
    row = {"statement": made.statement, "fleet": fleet, "month": month.name, "issued_at": at}
    connection.execute(sa.insert(statements).values(**row, total_yuan=made.total_yuan, body=body))
    for each in made.orders:
        _into(connection, orders, orders.c.swap == each.swap, made.statement)
    for correction in made.corrections:
        _into(connection, corrections, corrections.c.number == correction.number, made.statement)
    if made.fees_yuan:
        enter(connection, fleet, at, EntryKind.MONTHLY, f"month:{made.statement}", -made.fees_yuan)
    return made


def find_statement(connection: sa.Connection, fleet: str, month: str) -> Statement | None:
    """A statement as it was issued."""
    row = sa.select(statements.c.body).where(statements.c.fleet == fleet, statements.c.month == month)
    body = connection.scalar(row)
    return None if body is None else STATEMENT.validate_python(body)


def list_statements(connection: sa.Connection, fleet: str | None = None) -> list[Statement]:
    """Statements, the newest month first."""
    wanted = sa.select(statements.c.body).order_by(statements.c.month.desc(), statements.c.fleet)
    if fleet is not None:
        wanted = wanted.where(statements.c.fleet == fleet)
    return [STATEMENT.validate_python(body) for body in connection.scalars(wanted)]


def statement_csv(statement: Statement) -> str:
    """The statement as CSV: a line for each order, correction and fee, and their sums at the end."""
    paper = StringIO()
    writer = csv.writer(paper, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in _rows(statement):
        writer.writerow(harmless(str(value)) for value in row)
    return paper.getvalue()


def _rows(statement: Statement) -> Iterator[tuple[object, ...]]:
    for each in statement.orders:
        note, periods = "late" if each.late else "", " ".join(each.periods)
        money = each.electricity_yuan, each.service_yuan
        yield "order", each.swap, each.vin, each.at.isoformat(), each.energy_kwh, periods, *money, note
    for change in statement.corrections:
        money = change.electricity_yuan, change.service_yuan
        yield "correction", change.swap, "", change.at.isoformat(), "", "", *money, change.reason
    for fee in statement.fees:
        yield "fee", "", "", "", "", "", "", fee.yuan, f"{fee.what} {fee.quantity} x {fee.each_yuan}"
    energy_kwh = sum((each.energy_kwh for each in statement.orders), NONE)
    service = statement.service_yuan + statement.fees_yuan
    yield "sum", "", "", "", energy_kwh, "", statement.electricity_yuan, service, f"total {statement.total_yuan}"


def _made(
    connection: sa.Connection,
    book: ContractBook,
    tariff: Tariff,
    fleet: str,
    month: Month,
    person: str,
    at: datetime,
) -> Statement:
    before_end, of_fleet = orders.c.at < month.ends_at, orders.c.fleet == fleet
    unstated = sa.select(orders).where(of_fleet, before_end, orders.c.statement.is_(None), ~order_open)
    due = list_of(connection, unstated.order_by(orders.c.at, orders.c.swap))
    waiting = sa.select(sa.func.count()).select_from(orders).where(of_fleet, before_end, order_open)
    changed = sa.select(corrections).where(
        corrections.c.fleet == fleet, corrections.c.at < month.ends_at, corrections.c.statement.is_(None)
    )
    return Statement(
        statement=f"{fleet}/{month.name}",
        fleet=fleet,
        month=month.name,
        issued_at=at,
        person=person,
        orders=tuple(_line(order, month) for order in due),
        corrections=tuple(
            Correction(**row._mapping) for row in connection.execute(changed.order_by(corrections.c.number))
        ),
        fees=tuple(_fees(book, tariff, fleet, month)),
        still_open=int(connection.scalar(waiting) or 0),
    )


def _line(order: Order, month: Month) -> StatementOrder:
    assert order.money is not None, "only priced orders are stated"
    return StatementOrder(
        order.facts.swap,
        order.facts.vin,
        order.facts.at,
        sum((line.energy_kwh for line in order.money.lines), NONE),
        tuple(dict.fromkeys(line.period for line in order.money.lines)),
        order.money.electricity_yuan,
        order.money.service_yuan,
        late=order.facts.at < month.begins_at,
    )


def _fees(book: ContractBook, tariff: Tariff, fleet: str, month: Month) -> Iterator[MonthlyFee]:
    """By the contract and the trucks of the month's last day."""
    last = (month.ends_at - timedelta(seconds=1)).astimezone(tariff.zone).date()
    contract = contract_on(book.contracts, fleet, last)
    if contract is None:
        return
    if contract.package is not None:
        yield MonthlyFee("package", 1, contract.package.per_month)
    trucks = {each.vin for each in book.trucks if book.fleet_of(each.vin, last) == fleet}
    if contract.lease_per_truck and trucks:
        yield MonthlyFee("battery_lease", len(trucks), contract.lease_per_truck)


def _into(connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool], statement: str) -> None:
    connection.execute(sa.update(table).where(which).values(statement=statement))
