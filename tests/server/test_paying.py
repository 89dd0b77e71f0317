"""Priced orders are charged once, whatever the payment service or the way to it does, over crashes too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.business.fleet_account import balance, enter
from swapstation.business.payments import become_due, end, find_payment, list_payments, note_asked, open_payments
from swapstation.config.file import load_config
from swapstation.config.payment_settings import PaymentSettings
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.order import EntryKind
from swapstation.model.payment import Paid, Payment, PaymentService, PaymentState
from swapstation.server.app import create_app
from swapstation.server.book import Business
from swapstation.server.paying import Paying, pay
from swapstation.server.payment_account import AccountPayment
from swapstation.server.payment_rest import rest_payment
from tests.config.test_config_file import TEXT
from tests.server import station_sample
from tests.server.payment_double import TOKEN, PaymentDouble, payment_double

AT = datetime(2026, 6, 11, 2, tzinfo=UTC)
ONE, TWO = "order:S1", "order:S2"


@pytest.fixture
def double() -> Iterator[PaymentDouble]:
    with payment_double() as double:
        yield double


class Till:
    """A business database with two priced orders of a fleet, and the payments of them."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.write(self._price)

    @staticmethod
    def _price(connection: sa.Connection) -> None:
        for reference, yuan in ((ONE, Decimal("154.20")), (TWO, Decimal("20.00"))):
            enter(connection, "pit", AT, EntryKind.ORDER, reference, -yuan)
            become_due(connection, reference, "pit", yuan, AT)

    def write(self, work: Callable[[sa.Connection], object]) -> None:
        with self.business.engine.begin() as connection:
            work(connection)

    def payment(self, reference: str = ONE) -> Payment:
        with self.business.engine.connect() as connection:
            found = find_payment(connection, reference)
        assert found is not None
        return found

    @property
    def balance(self) -> Decimal:
        with self.business.engine.connect() as connection:
            return balance(connection, "pit")

    def pay(self, service: PaymentService) -> bool:
        return asyncio.run(pay(self.business, service))

    def pay_by(self, double: PaymentDouble, mode: str = "sound") -> bool:
        double.mode = mode

        async def paid() -> bool:
            settings = PaymentSettings(double.url, Path("unused"), answer_s=2.0)
            async with rest_payment(settings, TOKEN) as service:
                return await pay(self.business, service)

        return asyncio.run(paid())


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    business = Business(station_sample.config(tmp_path))
    business.open()
    yield Till(business)
    asyncio.run(business.close())


def test_pages_hold_every_payment_once_also_those_that_were_priced_together(till: Till) -> None:
    def page(before: str | None) -> list[str]:
        with till.business.engine.connect() as connection:
            return [each.reference for each in list_payments(connection, limit=1, before=before)]

    assert (page(None), page(TWO), page(ONE)) == ([TWO], [ONE], [])
    with pytest.raises(InputError, match="before = 'order:S9': the reference of a payment"):
        page("order:S9")


def test_by_default_the_account_pays_and_nobody_outside_is_asked(till: Till) -> None:
    assert till.pay(AccountPayment())
    assert (till.payment().state, till.payment().service) == (PaymentState.PAID, "account")
    assert till.balance == Decimal("-174.20"), "the order is in the balance already"


def test_a_service_is_charged_and_the_account_is_even(till: Till, double: PaymentDouble) -> None:
    assert till.pay_by(double)
    paid = till.payment()
    assert (paid.state, paid.receipt, paid.service, paid.reason) == (PaymentState.PAID, "R-1", "rest", "")
    assert till.balance == Decimal("0.00")
    assert till.pay_by(double)
    assert double.asked == [f"PUT {ONE}", f"PUT {TWO}"], "nothing is asked twice"


@pytest.mark.parametrize("mode", ["down", "breaks", "garbage", "other", "pending"])
def test_what_nobody_can_say_is_asked_about_and_never_charged_twice(
    till: Till, double: PaymentDouble, mode: str
) -> None:
    for _ in range(3):
        assert not till.pay_by(double, mode)
        assert till.payment().state is PaymentState.ASKED
        assert till.payment().reason
        assert till.balance == Decimal("-174.20")
    assert till.pay_by(double)
    assert [till.payment(each).state for each in (ONE, TWO)] == [PaymentState.PAID] * 2
    assert double.taken == {ONE: 1, TWO: 1}
    assert till.balance == Decimal("0.00")
    assert double.asked.count(f"GET {ONE}") >= 1, "it was asked about before anything else"


def test_a_crash_between_charge_and_record_charges_nothing_twice(till: Till, double: PaymentDouble) -> None:
    till.write(partial(note_asked, reference=ONE, service="rest"))
    double.put(ONE, {"fleet": "pit", "yuan": "154.20"})
    assert till.pay_by(double)
    assert f"PUT {ONE}" not in double.asked
    assert double.taken == {ONE: 1, TWO: 1}


def test_a_crash_before_the_charge_left_charges_it(till: Till, double: PaymentDouble) -> None:
    till.write(partial(note_asked, reference=ONE, service="rest"))
    assert till.pay_by(double)
    assert double.asked == [f"PUT {TWO}", f"GET {ONE}", f"PUT {ONE}"]


def test_a_refused_charge_stays_owed(till: Till, double: PaymentDouble) -> None:
    assert till.pay_by(double, "refuses")
    assert (till.payment().state, till.payment().reason) == (PaymentState.REFUSED, "no credit")
    assert till.pay_by(double)
    assert double.taken == {ONE: 0, TWO: 0}
    assert till.balance == Decimal("-174.20")


def test_an_ended_payment_ends_once(till: Till) -> None:
    for _ in range(2):
        till.write(partial(end, reference=ONE, outcome=Paid("R-1"), at=AT))
    assert till.balance == Decimal("-20.00")
    till.write(lambda connection: become_due(connection, "order:free", "pit", Decimal("0.00"), AT))
    with till.business.engine.connect() as connection:
        assert [each.reference for each in open_payments(connection)] == [TWO]


def test_the_table_is_read_and_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    table = '[payment]\nurl = "https://pay.example/v1"\ntoken = "payment.token"\nanswer_s = 5\n'
    path.write_text(TEXT + table, encoding="utf-8")
    assert load_config(path).payment == PaymentSettings("https://pay.example/v1", tmp_path / "payment.token", None, 5.0)
    for wrong, said in (
        (table.replace("https", "http"), "must be https"),
        (table.replace("= 5", "= 500"), "must be a number from 0.5 to 60 s"),
        (table.replace('token = "payment.token"\n', ""), "payment.token"),
    ):
        path.write_text(TEXT + wrong, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"station\.toml:[0-9]+") as told:
            load_config(path)
        assert said in str(told.value)


def test_a_station_whose_token_others_can_read_does_not_start(tmp_path: Path) -> None:
    token = tmp_path / "payment.token"
    token.write_text(TOKEN, encoding="ascii")
    token.chmod(0o644)
    config = replace(station_sample.config(tmp_path), payment=PaymentSettings("https://pay.example", token))
    with pytest.raises(ConfigurationError, match="only its owner may read the token"):
        create_app(config)


def test_a_running_server_pays_what_is_due(till: Till, double: PaymentDouble, tmp_path: Path) -> None:
    token = tmp_path / "payment.token"
    token.write_text(TOKEN, encoding="ascii")
    token.chmod(0o600)
    config = replace(station_sample.config(tmp_path), payment=PaymentSettings(double.url, token))

    async def run() -> None:
        async with Paying(config, till.business).running():
            for _ in range(200):
                if till.payment(TWO).state is PaymentState.PAID:
                    return
                await asyncio.sleep(0.05)

    asyncio.run(run())
    assert (double.taken, till.balance) == ({ONE: 1, TWO: 1}, Decimal("0.00"))


def test_another_answer_than_that_of_the_charge_is_unknown(till: Till, double: PaymentDouble) -> None:
    till.pay_by(double, "other")
    assert till.payment().reason == f"the answer is about {ONE} pit 1.00"
    assert till.payment().tries == 2, "asked, and not answered"
