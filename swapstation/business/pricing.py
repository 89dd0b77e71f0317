"""The price of a swap by its fleet's contract: pure, decimal, electricity and service apart (own design).

A kWh costs what the tariff says of the moment at which the swap began: the truck takes the whole of it then. Where a
contract has one price for everything (per swap, per km), electricity is what the tariff says and service is the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from swapstation.energy.tariff import Price, Tariff
from swapstation.model.money import NONE, Basis, Contract, OrderLine, OrderMoney, SwapFacts, Unpriced

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Used:
    """What a fleet has taken of its package in the month before this swap."""

    energy_kwh: Decimal = NONE
    swaps: int = 0


def cents(yuan: Decimal) -> Decimal:
    """Rounded half up to whole cents."""
    return yuan.quantize(CENT, ROUND_HALF_UP)


def contract_on(contracts: Iterable[Contract], fleet: str, day: date) -> Contract | None:
    """The version of a fleet's contract that counts on a local day."""
    counting = [each for each in contracts if each.fleet == fleet and each.since <= day]
    return max(counting, key=lambda each: each.since, default=None)


def price_swap(facts: SwapFacts, contract: Contract, tariff: Tariff, used: Used) -> OrderMoney | Unpriced:
    """What a swap costs, or why that cannot be said yet."""
    energy_kwh, day = facts.energy_kwh, facts.at.astimezone(tariff.zone).date()
    if day < tariff.since:
        return Unpriced.NO_TARIFF
    if energy_kwh is None:
        return Unpriced.NO_ENERGY
    if contract.basis is Basis.DISTANCE and facts.distance_km is None:
        return Unpriced.NO_DISTANCE
    price = tariff.at(facts.at)
    if contract.basis is Basis.ENERGY:
        lines = tuple(_by_energy(energy_kwh, contract, price, used))
    else:
        lines = (_at_one_price(energy_kwh, _agreed(facts, contract), contract, price, used),)
    return OrderMoney(contract.fleet, contract.since, price.version, lines)


def _by_energy(energy_kwh: Decimal, contract: Contract, price: Price, used: Used) -> Iterator[OrderLine]:
    """What the package covers costs nothing more; the rest is electricity of its period and service."""
    covered_kwh = _covered_kwh(energy_kwh, contract, used)
    electricity = contract.electricity.get(price.period.value, price.electricity)
    service = price.service if contract.service_per_kwh is None else contract.service_per_kwh
    if covered_kwh:
        yield OrderLine(price.period.value, covered_kwh, electricity, NONE, NONE, covered=True)
    rest_kwh = energy_kwh - covered_kwh
    if rest_kwh or not covered_kwh:
        yield OrderLine(
            price.period.value, rest_kwh, electricity, cents(rest_kwh * electricity), cents(rest_kwh * service)
        )


def _covered_kwh(energy_kwh: Decimal, contract: Contract, used: Used) -> Decimal:
    package = contract.package
    if package is None or energy_kwh <= 0:
        return NONE
    if package.swaps is not None:
        return energy_kwh if used.swaps < package.swaps else NONE
    left_kwh = (package.kwh or NONE) - used.energy_kwh
    return min(max(left_kwh, NONE), energy_kwh)


def _agreed(facts: SwapFacts, contract: Contract) -> Decimal:
    """The one price of a swap, all in."""
    if contract.basis is Basis.SWAP:
        return contract.per_swap or NONE
    return cents((facts.distance_km or NONE) * (contract.per_km or NONE))


def _at_one_price(energy_kwh: Decimal, agreed: Decimal, contract: Contract, price: Price, used: Used) -> OrderLine:
    package, period = contract.package, price.period.value
    electricity = contract.electricity.get(period, price.electricity)
    if package is not None and used.swaps < (package.swaps or 0):
        return OrderLine(period, energy_kwh, electricity, NONE, NONE, covered=True)
    for_energy = cents(energy_kwh * electricity)
    return OrderLine(period, energy_kwh, electricity, for_energy, agreed - for_energy)
