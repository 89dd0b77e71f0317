"""The price of a swap: by energy and period, per swap, per km, within a package; to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.business.pricing import Used, cents, contract_on, price_swap
from swapstation.energy.tariff import Tariff
from swapstation.model.money import Basis, Contract, HandedOver, OrderMoney, Package, Unpriced
from tests.business.agreed import book, facts
from tests.energy.tariffs import tariff

DAY = date(2026, 6, 10)
ENERGY = Contract("pit", date(2026, 1, 1), Basis.ENERGY)
_kwh = st.decimals(Decimal("0.00"), Decimal("600.00"), places=2)


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Tariff:
    return tariff(tmp_path_factory.mktemp("tariff"))


def priced(money: OrderMoney | Unpriced) -> OrderMoney:
    assert isinstance(money, OrderMoney), money
    return money


def test_a_kwh_costs_what_the_tariff_says_of_the_moment_the_swap_began(prices: Tariff) -> None:
    """17:00 in June is peak or flat by the shipped table; here only what the table says is compared."""
    told, money = prices.at(facts().at), priced(price_swap(facts(), ENERGY, prices, Used()))
    (line,) = money.lines
    assert (line.period, line.electricity_per_kwh) == (told.period.value, told.electricity)
    assert (line.electricity_yuan, line.service_yuan) == (cents(100 * told.electricity), cents(100 * told.service))
    assert money.tariff_version == told.version
    night = priced(price_swap(facts(at="2026-06-09T18:00"), ENERGY, prices, Used()))
    assert night.lines[0].period == "valley"
    assert night.total_yuan < money.total_yuan


def test_a_contract_s_own_prices_come_before_the_tariff_s_and_only_for_their_periods(prices: Tariff) -> None:
    told = prices.at(facts().at)
    own = replace(ENERGY, electricity={told.period.value: Decimal("0.1234")}, service_per_kwh=Decimal("0.0100"))
    assert priced(price_swap(facts(), own, prices, Used())).total_yuan == Decimal("12.34") + Decimal("1.00")
    night = priced(price_swap(facts(at="2026-06-09T18:00"), own, prices, Used()))
    assert night.lines[0].electricity_per_kwh == prices.at(facts(at="2026-06-09T18:00").at).electricity


def test_a_price_for_the_whole_swap_shows_electricity_and_service_apart(prices: Tariff) -> None:
    per_swap = replace(ENERGY, basis=Basis.SWAP, per_swap=Decimal("150.00"))
    money = priced(price_swap(facts(), per_swap, prices, Used()))
    assert money.total_yuan == Decimal("150.00")
    assert money.electricity_yuan == cents(100 * prices.at(facts().at).electricity)
    per_km = replace(ENERGY, basis=Basis.DISTANCE, per_km=Decimal("2.15"))
    assert price_swap(facts(), per_km, prices, Used()) is Unpriced.NO_DISTANCE
    driven = replace(facts(), distance_km=Decimal("80.30"))
    assert priced(price_swap(driven, per_km, prices, Used())).total_yuan == Decimal("172.65")


def test_what_a_package_covers_costs_nothing_more_and_the_rest_does(prices: Tariff) -> None:
    contract = replace(ENERGY, package=Package(Decimal(30_000), kwh=Decimal("1000.00")))
    covered, rest = priced(price_swap(facts(), contract, prices, Used(Decimal("940.00"), 9))).lines
    assert (covered.energy_kwh, covered.covered, covered.electricity_yuan) == (Decimal("60.00"), True, Decimal(0))
    assert (rest.energy_kwh, rest.covered) == (Decimal("40.00"), False)
    assert rest.electricity_yuan == cents(40 * prices.at(facts().at).electricity)
    whole = priced(price_swap(facts(), contract, prices, Used()))
    assert len(whole.lines) == 1
    assert whole.total_yuan == 0
    swaps = replace(ENERGY, package=Package(Decimal(900), swaps=2))
    assert [priced(price_swap(facts(), swaps, prices, Used(swaps=used))).total_yuan == 0 for used in (1, 2)] == [
        True,
        False,
    ]


def test_what_is_not_known_has_no_price(prices: Tariff) -> None:
    assert price_swap(facts(kwh=None), ENERGY, prices, Used()) is Unpriced.NO_ENERGY
    half = replace(facts(), handed_over=(HandedOver("B1", Decimal("90.00")), HandedOver("B2", None)))
    assert price_swap(half, ENERGY, prices, Used()) is Unpriced.NO_ENERGY
    assert price_swap(facts(at="2021-01-01T00:00"), ENERGY, prices, Used()) is Unpriced.NO_TARIFF


def test_a_later_version_counts_from_its_day_on(tmp_path: Path) -> None:
    contracts = book(tmp_path).contracts
    found = [contract_on(contracts, "pit", date(2026, month, day)) for month, day in ((5, 31), (6, 1))]
    assert [each.since if each else None for each in found] == [date(2026, 1, 1), date(2026, 6, 1)]
    assert contract_on(contracts, "pit", date(2025, 12, 31)) is None


@given(kwh=_kwh, used=_kwh, included=_kwh, service=st.decimals(Decimal("0.0000"), Decimal("2.0000"), places=4))
def test_lines_add_up_to_the_energy_and_every_amount_is_in_whole_cents(
    prices: Tariff, kwh: Decimal, used: Decimal, included: Decimal, service: Decimal
) -> None:
    contract = replace(ENERGY, service_per_kwh=service, package=Package(Decimal(1), kwh=included))
    money = priced(price_swap(facts(kwh=str(kwh)), contract, prices, Used(used, 1)))
    assert sum(line.energy_kwh for line in money.lines) == kwh
    covered = sum(line.energy_kwh for line in money.lines if line.covered)
    assert covered == min(max(included - used, Decimal(0)), kwh)
    assert all(cents(each) == each for each in (money.electricity_yuan, money.service_yuan))
    assert money.total_yuan >= 0
