"""A charge cut into the periods of its tariff: kWh, prices, money, in sums that agree to the cent.

T/CEC 102 part 3 (ChargeDetails): one item per period crossed, 32 at most, prices with 4 decimals, money with 2. The
rounding remainder of the money goes to the last item (own design).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from swapstation.energy.tariff import Stretch, Tariff
from swapstation.model.energy import ChargeDetail

MOST_DETAILS = 32
BOUNDARY = timedelta(seconds=10)
"""A reading this soon after a boundary is that of the boundary: the scan cycle is not that exact."""
_KWH, _CENT, _PRICE = Decimal("0.01"), Decimal("0.01"), Decimal("0.0001")
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the counter of a charge showed: kWh since its begin."""

    at: datetime
    energy_kwh: float


@dataclass(frozen=True, slots=True)
class Details:
    """The details of a charge and their sums. Without a tariff there is one detail and no money."""

    items: tuple[ChargeDetail, ...]

    @property
    def energy_kwh(self) -> Decimal:
        return sum((item.energy_kwh for item in self.items), _NONE)

    @property
    def electricity_yuan(self) -> Decimal | None:
        return _total([item.electricity_yuan for item in self.items])

    @property
    def service_yuan(self) -> Decimal | None:
        return _total([item.service_yuan for item in self.items])


def charge_details(readings: Sequence[Reading], tariff: Tariff | None) -> Details:
    """Cut a charge into its details.

    `readings` never fall and are in the order of time; the first and the last are those of begin and end. A boundary
    that nobody read at is interpolated between the readings around it, and both details at it say so.
    """
    first, last = readings[0], readings[-1]
    if tariff is None or first.at >= last.at:
        return Details((ChargeDetail(first.at, last.at, _rounded(last.energy_kwh - first.energy_kwh, _KWH)),))
    return Details(_priced(_merged(_cut(readings, tariff.stretches(first.at, last.at)))))


def counted_at(readings: Sequence[Reading], at: datetime) -> tuple[float, bool]:
    """The counter at an instant within the readings, and whether that had to be interpolated."""
    for reading in readings:
        if at <= reading.at <= at + BOUNDARY:
            return reading.energy_kwh, False
    for before, after in pairwise(readings):
        if before.at <= at <= after.at:
            share = (at - before.at) / (after.at - before.at)
            return before.energy_kwh + share * (after.energy_kwh - before.energy_kwh), True
    raise ValueError(f"{at.isoformat()} lies outside of the readings")


def _cut(readings: Sequence[Reading], stretches: Sequence[Stretch]) -> list[ChargeDetail]:
    """Details without money. Rounding the counter, not the parts, keeps their sum that of the charge."""
    first_kwh = readings[0].energy_kwh
    edges = [(readings[0].energy_kwh, False)]
    edges += [counted_at(readings, stretch.end) for stretch in stretches[:-1]]
    edges.append((readings[-1].energy_kwh, False))
    counted = [_rounded(kwh - first_kwh, _KWH) for kwh, _ in edges]
    return [
        ChargeDetail(
            start=stretch.start,
            end=stretch.end,
            energy_kwh=counted[index + 1] - counted[index],
            period=stretch.price.period.value,
            electricity_price=_rounded(stretch.price.electricity, _PRICE),
            service_price=_rounded(stretch.price.service, _PRICE),
            version=stretch.price.version,
            interpolated=edges[index][1] or edges[index + 1][1],
            fallback=stretch.price.fallback,
        )
        for index, stretch in enumerate(stretches)
    ]


def _merged(items: list[ChargeDetail]) -> list[ChargeDetail]:
    """At most 32 details: the two neighbours whose prices differ least become one at their mean price."""
    while len(items) > MOST_DETAILS:
        nearest = min(range(len(items) - 1), key=lambda index: abs(_price(items[index]) - _price(items[index + 1])))
        items[nearest : nearest + 2] = [_joined(items[nearest], items[nearest + 1])]
    return items


def _joined(one: ChargeDetail, other: ChargeDetail) -> ChargeDetail:
    larger = max(one, other, key=lambda item: item.energy_kwh)
    return replace(
        larger,
        start=one.start,
        end=other.end,
        energy_kwh=one.energy_kwh + other.energy_kwh,
        electricity_price=_mean(one, other, one.electricity_price, other.electricity_price),
        service_price=_mean(one, other, one.service_price, other.service_price),
        interpolated=one.interpolated or other.interpolated,
        fallback=one.fallback or other.fallback,
    )


def _mean(one: ChargeDetail, other: ChargeDetail, price: Decimal | None, further: Decimal | None) -> Decimal:
    """The price of two details together, weighted by their energy."""
    assert price is not None
    assert further is not None
    energy_kwh = one.energy_kwh + other.energy_kwh
    if not energy_kwh:
        return price
    return _rounded((one.energy_kwh * price + other.energy_kwh * further) / energy_kwh, _PRICE)


def _price(item: ChargeDetail) -> Decimal:
    return (item.electricity_price or _NONE) + (item.service_price or _NONE)


def _priced(items: list[ChargeDetail]) -> tuple[ChargeDetail, ...]:
    electricity = _money([(item.energy_kwh, item.electricity_price or _NONE) for item in items])
    service = _money([(item.energy_kwh, item.service_price or _NONE) for item in items])
    return tuple(
        replace(item, electricity_yuan=paid, service_yuan=served)
        for item, paid, served in zip(items, electricity, service, strict=True)
    )


def _money(parts: list[tuple[Decimal, Decimal]]) -> list[Decimal]:
    """kWh x price of each part to the cent. Their sum is that of the exact parts to the cent.

    The remainder goes to the last part that is great enough to take it.
    """
    exact = [kwh * price for kwh, price in parts]
    money = [_rounded(each, _CENT) for each in exact]
    remainder = _rounded(sum(exact, _NONE), _CENT) - sum(money, _NONE)
    takers = [index for index, each in enumerate(money) if abs(each) >= abs(remainder)]
    money[takers[-1] if takers else -1] += remainder
    return money


def _rounded(value: float | Decimal, step: Decimal) -> Decimal:
    return Decimal(str(value)).quantize(step, ROUND_HALF_UP)


def _total(money: Sequence[Decimal | None]) -> Decimal | None:
    known = [each for each in money if each is not None]
    return sum(known, _NONE) if len(known) == len(money) else None
