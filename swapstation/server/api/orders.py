"""Orders of swaps, accounts of fleets, monthly statements, reconciliation. A fleet's key sees its own fleet only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.business import fleet_account, order_queries, orders, reconciliation, statements
from swapstation.business.database import Connection
from swapstation.business.reconciliation import Reconciliation
from swapstation.energy.tariff import Tariff
from swapstation.model.order import Correction, Entry, Order, Statement, Supplied
from swapstation.records.statement_paper import statement_pdf
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["money"])

Swap = Annotated[str, Path(pattern=r"^[!-~]{1,60}$")]
FleetName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
MonthName = Annotated[str, Path(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Yuan = Annotated[Decimal, Field(max_digits=11, decimal_places=2, examples=["-12.50"])]
Quantity = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2, examples=["83.20"])]
Reason = Annotated[str, Field(min_length=3, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order with what it comes to and every correction of it."""

    order: Order
    corrections: tuple[Correction, ...]
    total_yuan: Decimal | None


@dataclass(frozen=True, slots=True)
class FleetAccount:
    """A fleet's account: what it holds (below zero: owed), and its movements, newest first."""

    fleet: str
    label: str
    balance_yuan: Decimal
    entries: tuple[Entry, ...]


class Supply(BaseModel):
    """What an order without a price lacks, told by a person."""

    model_config = ConfigDict(extra="forbid")
    energy_kwh: Quantity | None = None
    distance_km: Quantity | None = None
    fleet: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")] | None = None
    reason: Reason


class Change(BaseModel):
    """The difference to what an order costs."""

    model_config = ConfigDict(extra="forbid")
    electricity_yuan: Yuan
    service_yuan: Yuan
    reason: Reason


class Deposit(BaseModel):
    """What a fleet paid; the same reference counts once."""

    model_config = ConfigDict(extra="forbid")
    reference: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
    yuan: Annotated[Decimal, Field(gt=0, max_digits=11, decimal_places=2)]
    note: Annotated[str, Field(max_length=200)] = ""


class NewStatement(BaseModel):
    """Whose statement of which month."""

    model_config = ConfigDict(extra="forbid")
    fleet: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
    month: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2026-11"])]


@router.get("/orders", responses=declared())
async def list_orders(
    here: Here,
    who: Who,
    limit: Limit = 100,
    before: AwareDatetime | None = None,
    fleet: Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")] = None,
    only_open: Annotated[bool, Query(alias="open")] = False,
) -> list[Order]:
    """Orders, newest swap first; of one fleet, or only those that have no price yet."""
    own = _own_fleet(who)
    if own is not None and fleet not in (None, own):
        raise Problem(HTTPStatus.FORBIDDEN, "not_your_fleet", fleet or "")
    query = partial(order_queries.list_orders, limit=limit, before=before, fleet=own or fleet, only_open=only_open)
    return await here.business.read(query)


@router.get("/orders/{swap}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_order(here: Here, who: Who, swap: Swap) -> OrderDetail:
    """One order with its corrections."""
    detail = await here.business.read(partial(_detail, swap=swap))
    if detail is None or _own_fleet(who) not in (None, detail.order.fleet):
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_order", swap)
    return detail


@router.post("/orders/{swap}/supply", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def supply(here: Here, who: Who, swap: Swap, told: Supply) -> Order:
    """Tell what an order lacks; it is priced with that within seconds."""
    now, figures = datetime.now(UTC), (told.energy_kwh, told.distance_km, told.fleet)
    supplied = Supplied(who.person, now, told.reason, *figures)
    entry = who.entry("order_supplied", swap, told.model_dump(mode="json"))
    return await here.business.write(partial(orders.supply, swap=swap, told=supplied), entry)


@router.post("/orders/{swap}/correct", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def correct(here: Here, who: Who, swap: Swap, change: Change) -> Correction:
    """Change what a priced order costs, by a further record."""
    figures = change.electricity_yuan, change.service_yuan, who.person, change.reason, datetime.now(UTC)
    entry = who.entry("order_corrected", swap, change.model_dump(mode="json"))
    return await here.business.write(lambda connection: orders.correct(connection, swap, *figures), entry)


@router.get("/fleets/{fleet}/account", responses=declared(HTTPStatus.NOT_FOUND))
async def read_account(here: Here, who: Who, fleet: FleetName, limit: Limit = 100) -> FleetAccount:
    """What a fleet's account holds, and its movements."""
    known = next((each for each in here.billing.book.fleets if each.name == fleet), None)
    if known is None or _own_fleet(who) not in (None, fleet):
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_fleet", fleet)

    def query(connection: Connection) -> FleetAccount:
        balance = fleet_account.balance(connection, fleet)
        return FleetAccount(fleet, known.label, balance, tuple(fleet_account.account(connection, fleet, limit)))

    return await here.business.read(query)


@router.post(
    "/fleets/{fleet}/deposits",
    responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def deposit(here: Here, who: Who, fleet: FleetName, paid: Deposit) -> FleetAccount:
    """Enter what a fleet paid; told again with the same reference it counts once."""
    _billed_here(here)
    if fleet not in {each.name for each in here.billing.book.fleets}:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_fleet", fleet)
    figures = fleet, paid.reference, paid.yuan, who.person, paid.note, datetime.now(UTC)
    entry = who.entry("deposit", fleet, paid.model_dump(mode="json"))
    await here.business.write(lambda connection: fleet_account.deposit(connection, *figures), entry)
    return await read_account(here, who, fleet)


@router.get("/statements", responses=declared())
async def list_statements(here: Here, who: Who) -> list[Statement]:
    """Every statement that was issued, the newest month first."""
    return await here.business.read(partial(statements.list_statements, fleet=_own_fleet(who)))


@router.post("/statements", responses=declared(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY))
async def issue_statement(here: Here, who: Who, wanted: NewStatement) -> Statement:
    """Issue the statement of a month that is over; issued again it is what it was."""
    _billed_here(here)
    tariff = _tariff(here)
    month = statements.named_month(wanted.month, tariff)
    figures = here.billing.book, tariff, wanted.fleet, month, who.person, datetime.now(UTC)
    entry = who.entry("statement_issued", f"{wanted.fleet}/{wanted.month}")
    return await here.business.write(lambda connection: statements.issue(connection, *figures), entry)


@router.get("/statements/{fleet}/{month}", response_model=Statement, responses=declared(HTTPStatus.NOT_FOUND))
async def read_statement(
    here: Here,
    who: Who,
    fleet: FleetName,
    month: MonthName,
    form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json",
    language: Literal["zh", "en"] = "zh",
) -> Statement | Response:
    """A statement as it was issued: JSON, CSV or PDF."""
    query = partial(statements.find_statement, fleet=fleet, month=month)
    found = await here.business.read(query) if _own_fleet(who) in (None, fleet) else None
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_statement", f"{fleet}/{month}")
    if form == "csv":
        return PlainTextResponse(statements.statement_csv(found), media_type="text/csv; charset=utf-8")
    if form == "pdf":
        return Response(statement_pdf(found, here.config.name, language), media_type="application/pdf")
    return found


@router.get("/reconciliation/{month}", responses=declared(HTTPStatus.CONFLICT))
async def read_reconciliation(here: Here, month: MonthName) -> Reconciliation:
    """A month's swaps, orders and accounts against each other, and what the owners of batteries get."""
    _billed_here(here)
    named = statements.named_month(month, _tariff(here))
    handed_over = await run_in_threadpool(here.history.swaps_handed_over, named.begins_at, named.ends_at)
    query = partial(reconciliation.reconcile, book=here.billing.book, month=named, handed_over=handed_over)
    return await here.business.read(query)


def _detail(connection: Connection, swap: str) -> OrderDetail | None:
    order = order_queries.find_order(connection, swap)
    if order is None:
        return None
    corrections = order_queries.corrections_of(connection, swap)
    changed = sum((each.electricity_yuan + each.service_yuan for each in corrections), Decimal(0))
    return OrderDetail(order, corrections, None if order.money is None else order.money.total_yuan + changed)


def _own_fleet(who: Who) -> str | None:
    """The fleet whose orders somebody may see; None: all of them."""
    return None if who.key is None else who.key.fleet


def _billed_here(here: Context) -> None:
    headquarters = here.config.headquarters
    if headquarters is not None and headquarters.bills:
        raise Problem(HTTPStatus.CONFLICT, "billed_by_headquarters", headquarters.url)


def _tariff(here: Context) -> Tariff:
    if here.tariff.tariff is None:
        raise Problem(HTTPStatus.CONFLICT, "no_tariff", "[tariff] file")
    return here.tariff.tariff
