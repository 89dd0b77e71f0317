"""Orders: recorded once, priced once, corrected by further records, stated once; a failure in between loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.business import orders as working
from swapstation.business.contract_file import ContractBook
from swapstation.business.cursors import cursor
from swapstation.business.database import BUSINESS
from swapstation.business.fleet_account import account, balance, deposit
from swapstation.business.money_tables import entries
from swapstation.business.order_queries import corrections_of, find_order, list_orders
from swapstation.business.orders import CURSOR, correct, open_orders, price_order, record_orders, supply
from swapstation.business.reconciliation import Difference, reconcile
from swapstation.business.statements import find_statement, issue, named_month, statement_csv
from swapstation.energy.tariff import Tariff
from swapstation.errors import InputError
from swapstation.model.money import SwapFacts, Unpriced
from swapstation.model.order import EntryKind, Order, Supplied
from tests.business.agreed import book as agreed_book
from tests.business.agreed import facts
from tests.energy.tariffs import tariff as told_tariff

Given = ParamSpec("Given")
Made = TypeVar("Made")
AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> ContractBook:
    return agreed_book(tmp_path)


@pytest.fixture
def tariff(tmp_path: Path) -> Tariff:
    return told_tariff(tmp_path)


def within(
    engine: sa.Engine,
    work: Callable[Concatenate[sa.Connection, Given], Made],
    *given: Given.args,
    **named: Given.kwargs,
) -> Made:
    """Work in a transaction."""
    with engine.begin() as connection:
        return work(connection, *given, **named)


def order_of(engine: sa.Engine, swap: str = "S1") -> Order:
    with engine.connect() as connection:
        order = find_order(connection, swap)
    assert order is not None
    return order


def owed(engine: sa.Engine, fleet: str) -> Decimal:
    with engine.connect() as connection:
        return -balance(connection, fleet)


def price_orders(engine: sa.Engine, book: ContractBook, tariff: Tariff | None, at: datetime) -> int:
    """Each in a transaction of its own."""
    with engine.connect() as connection:
        waiting = open_orders(connection)
    return sum(within(engine, price_order, swap, book, tariff, at) for swap, _ in waiting)


def priced(engine: sa.Engine, book: ContractBook, tariff: Tariff | None, *swaps: SwapFacts) -> int:
    within(engine, record_orders, swaps, 100, AT)
    return price_orders(engine, book, tariff, AT)


def total(order: Order) -> Decimal:
    assert order.money is not None
    return order.money.total_yuan


def test_a_swap_is_recorded_and_priced_once_whoever_repeats_it(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    assert [within(engine, record_orders, [facts()], until, AT) for until in (7, 9)] == [1, 0]
    with engine.connect() as connection:
        assert cursor(connection, CURSOR) == 9
    assert [price_orders(engine, book, tariff, AT) for _ in range(3)] == [1, 0, 0]
    order = order_of(engine)
    assert (order.fleet, order.priced_at, order.open_because) == ("pit", AT, None)
    assert total(order) == cents_of(tariff, "0.2200")
    assert owed(engine, "pit") == total(order)


def cents_of(tariff: Tariff, service: str) -> Decimal:
    told = tariff.at(facts().at)
    electricity = Decimal("0.9000") if told.period.value == "peak" else told.electricity
    return 100 * electricity + 100 * Decimal(service)


def test_a_crash_between_recording_pricing_and_entering_bills_once(
    engine: sa.Engine, book: ContractBook, tariff: Tariff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise ConnectionError("the power is gone")

    monkeypatch.setattr(working, "enter", dies)
    with pytest.raises(ConnectionError):
        priced(engine, book, tariff, facts())
    assert order_of(engine).money is None, "priced and entered in one transaction, or not at all"
    monkeypatch.undo()
    assert priced(engine, book, tariff, facts()) == 1
    with engine.connect() as connection:
        assert [entry.reference for entry in account(connection, "pit")] == ["order:S1"]


@pytest.mark.parametrize(
    ("swap", "why"),
    [
        (facts(vin="V9"), Unpriced.NO_FLEET),
        (facts(at="2026-01-01T00:00", kwh=None), Unpriced.NO_ENERGY),
    ],
)
def test_an_order_that_cannot_be_priced_says_why_and_waits(
    engine: sa.Engine, book: ContractBook, tariff: Tariff, swap: SwapFacts, why: Unpriced
) -> None:
    assert priced(engine, book, tariff, swap) == 0
    order = order_of(engine)
    assert order.open_because is why
    with engine.connect() as connection:
        assert list_orders(connection, only_open=True) == [order]


def test_swaps_of_a_station_without_prices_are_billed_later_and_once(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    assert priced(engine, book, None, facts()) == 0
    assert order_of(engine).open_because is Unpriced.NO_TARIFF
    assert price_orders(engine, ContractBook(), tariff, AT) == 0
    assert order_of(engine).open_because is Unpriced.NO_FLEET
    assert [price_orders(engine, book, tariff, AT) for _ in range(2)] == [1, 0]


def test_a_person_supplies_what_no_device_told_and_never_to_a_priced_order(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    priced(engine, book, tariff, facts(vin="V9", kwh=None))
    within(engine, supply, "S1", Supplied("li", AT, "read from the truck", energy_kwh=Decimal("80.00")))
    within(engine, supply, "S1", Supplied("li", AT, "a guest", fleet="pit"))
    assert price_orders(engine, book, tariff, AT) == 1
    order = order_of(engine)
    assert order.money is not None
    assert sum(line.energy_kwh for line in order.money.lines) == 80
    assert [each.reason for each in order.supplied] == ["read from the truck", "a guest"]
    with pytest.raises(InputError, match="a priced one is corrected"):
        within(engine, supply, "S1", Supplied("li", AT, "again", energy_kwh=Decimal(1)))


def test_a_correction_is_a_record_of_its_own(engine: sa.Engine, book: ContractBook, tariff: Tariff) -> None:
    priced(engine, book, tariff, facts())
    before = order_of(engine)
    within(engine, correct, "S1", Decimal("-5.00"), Decimal("-1.50"), "wang", "battery was not full", AT)
    assert order_of(engine) == before
    assert owed(engine, "pit") == total(before) - Decimal("6.50")
    with engine.connect() as connection:
        (told,) = corrections_of(connection, "S1")
    assert (told.person, told.service_yuan) == ("wang", Decimal("-1.50"))
    with pytest.raises(InputError, match="an order"):
        within(engine, correct, "S9", Decimal(1), Decimal(0), "wang", "none", AT)


def test_a_payment_counts_once_and_its_reference_is_not_used_for_another(engine: sa.Engine) -> None:
    assert within(engine, deposit, "pit", "bank-1", Decimal("500.00"), "li", "", AT)
    assert not within(engine, deposit, "pit", "bank-1", Decimal("500.00"), "li", "", AT)
    with pytest.raises(InputError, match="bank-1"):
        within(engine, deposit, "pit", "bank-1", Decimal("700.00"), "li", "", AT)
    assert owed(engine, "pit") == -500


def test_a_truck_that_changes_its_fleet_pays_by_the_fleet_of_the_day(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    priced(engine, book, tariff, facts("S1", at="2026-06-30T15:59"), facts("S2", at="2026-06-30T16:00"))
    assert [order_of(engine, swap).fleet for swap in ("S1", "S2")] == ["pit", "rail"]


def test_a_package_covers_so_many_swaps_of_its_month(engine: sa.Engine, book: ContractBook, tariff: Tariff) -> None:
    swaps = [facts(f"S{day}", "V2", f"2026-06-{day}T03:00") for day in (10, 11)]
    priced(engine, book, tariff, *swaps, facts("S30", "V2", "2026-07-02T03:00"))
    assert [total(order_of(engine, swap)) for swap in ("S10", "S11", "S30")] == [0, 150, 0]


def test_every_order_is_in_one_statement_and_a_statement_stays_as_it_was_issued(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    june = named_month("2026-06", tariff)
    priced(engine, book, tariff, facts("S1"), facts("S2", at="2026-06-30T16:00"), facts("S3", kwh=None))
    within(engine, correct, "S1", Decimal("-5.00"), Decimal(0), "wang", "=cmd", AT)
    told = within(engine, issue, book, tariff, "pit", june, "li", JULY)
    assert ([each.swap for each in told.orders], told.still_open) == (["S1"], 1)
    assert told.total_yuan == total(order_of(engine)) - 5
    within(engine, supply, "S3", Supplied("li", AT, "read", energy_kwh=Decimal("10.00")))
    price_orders(engine, book, tariff, JULY)
    assert within(engine, issue, book, tariff, "pit", june, "li", JULY) == told
    july = within(engine, issue, book, tariff, "pit", named_month("2026-07", tariff), "li", JULY + timedelta(days=40))
    assert [(each.swap, each.late) for each in july.orders] == [("S3", True)]
    with engine.connect() as connection:
        assert find_statement(connection, "pit", "2026-06") == told
        stated = {order.facts.swap: order.statement for order in list_orders(connection, fleet="pit")}
    assert stated == {"S1": "pit/2026-06", "S3": "pit/2026-07"}
    lines = statement_csv(told).splitlines()
    assert len(lines) == 4
    assert "'=cmd" in lines[2], "no spreadsheet takes it for a formula"
    assert ",'," not in "".join(lines), "an empty cell is empty"
    assert lines[-1].endswith(f"total {told.total_yuan}")


def test_monthly_fees_are_in_the_statement_and_entered_once(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    told = [
        within(engine, issue, book, tariff, "rail", named_month("2026-07", tariff), "li", JULY + timedelta(days=40))
    ] * 2
    assert [(fee.what, fee.quantity, fee.yuan) for fee in told[0].fees] == [
        ("package", 1, Decimal(1000)),
        ("battery_lease", 2, Decimal(6000)),
    ]
    within(engine, issue, book, tariff, "rail", named_month("2026-07", tariff), "li", JULY + timedelta(days=41))
    assert owed(engine, "rail") == 7000


@pytest.mark.parametrize(
    ("fleet", "month", "at"), [("pit", "2026-06", AT), ("nobody", "2026-05", AT), ("pit", "2026-13", AT)]
)
def test_a_statement_needs_a_known_fleet_and_a_month_that_is_over(
    engine: sa.Engine, book: ContractBook, tariff: Tariff, fleet: str, month: str, at: datetime
) -> None:
    with pytest.raises(InputError):
        within(engine, issue, book, tariff, fleet, named_month(month, tariff), "li", at)


def test_a_month_is_reconciled_with_the_station_the_accounts_and_the_owners(
    engine: sa.Engine, book: ContractBook, tariff: Tariff
) -> None:
    june = named_month("2026-06", tariff)
    priced(engine, book, tariff, facts("S1", battery="B7"), facts("S2", vin="V9", battery="B8", kwh="40.00"))
    with engine.connect() as connection:
        told = reconcile(connection, book, june, {"S1", "S2"})
    assert (told.swaps, told.orders, told.open_orders, told.differences) == (2, 2, 1, ())
    assert told.energy_kwh == 140
    assert told.orders_yuan == total(order_of(engine))
    (share,) = told.owners
    assert (share.swaps, share.energy_kwh, share.yuan) == (2, Decimal(140), Decimal("1807.00"))
    with engine.begin() as connection:
        connection.execute(sa.update(entries).values(yuan=Decimal("-1.00")))
    with engine.connect() as connection:
        told = reconcile(connection, book, june, {"S1", "S3"})
    assert set(told.differences) == {
        Difference("swap_without_order", "S3"),
        Difference("order_without_swap", "S2"),
        Difference("account_differs", "S1"),
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.lists(st.integers(1, 6), max_size=4), min_size=1, max_size=5))
def test_however_often_swaps_are_told_an_account_is_the_sum_of_its_orders_and_corrections(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    url = f"sqlite:///{folder / 'business.db'}"
    BUSINESS.migrate(url)
    engine, book, tariff = BUSINESS.open_writer(url), agreed_book(folder), told_tariff(folder)
    for until, told in enumerate(rounds):
        within(engine, record_orders, [facts(f"S{number}", kwh=f"{number}0.00") for number in told], until, AT)
        price_orders(engine, book, tariff, AT)
        if told:
            within(engine, correct, f"S{told[0]}", Decimal("-0.01"), Decimal("0.03"), "li", "why", AT)
    with engine.connect() as connection:
        known = list_orders(connection)
        corrected = [each for order in known for each in corrections_of(connection, order.facts.swap)]
        kinds = [entry.kind for entry in account(connection, "pit")]
    assert len(known) == len({number for told in rounds for number in told})
    assert owed(engine, "pit") == sum(map(total, known)) + Decimal("0.02") * len(corrected)
    assert kinds.count(EntryKind.ORDER) == len(known)
    engine.dispose()
