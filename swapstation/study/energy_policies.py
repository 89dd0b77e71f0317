"""Policies without foresight or plan: charge on arrival, a fixed timetable, a price threshold with a reserve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from swapstation.study.energy_station import Station


@dataclass(frozen=True, slots=True)
class ChargeOnArrival:
    """Everything at full power, always."""

    def powers_kw(self, station: Station, minute: int) -> Mapping[int, float]:
        return {pack.number: station.case.charger_kw for pack in station.packs}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Everything while the price is at most `most_price`; dearer, only what keeps `reserve` batteries ready.

    The fullest come first to the reserve; one is charged, too, when a truck waits.
    """

    most_price: float
    reserve: int

    def powers_kw(self, station: Station, minute: int) -> Mapping[int, float]:
        packs = station.fullest_first
        if station.case.price(minute) > self.most_price + 1e-9:
            lacking = max(self.reserve, len(station.queue)) - len(station.ready)
            packs = packs[: max(lacking, 0)]
        return {pack.number: station.case.charger_kw for pack in packs}
