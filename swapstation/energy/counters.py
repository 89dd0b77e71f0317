"""The counters of a charge: which of them can be used, and what was wrong with the others.

A register that falls has jumped back, or was reset when it begins near zero again: its energy is not known, and no
power is integrated in its place, because only counters count plant time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from swapstation.config.energy_settings import Ledger, SettleOn
from swapstation.energy.charge_details import Reading
from swapstation.model.energy import Counter, CounterFault, MeterFault, TimedReading

DC_COUNTERS = (Counter.DC_METER, Counter.CHARGER, Counter.PROCESS)
"""Counters of DC energy, the best one first."""
_OF_ONE_CHARGE = (Counter.CHARGER, Counter.PROCESS)
_NEAR_ZERO_KWH = 5.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What one counter says of a charge, in the order of time; the first reading is 0 kWh at its begin."""

    counter: Counter
    readings: tuple[Reading, ...]

    @property
    def energy_kwh(self) -> float:
        return self.readings[-1].energy_kwh


def counted(readings: Sequence[TimedReading], counter: Counter) -> Counted | CounterFault | None:
    """What a counter says of a charge, or its fault; None: this bay has no such counter.

    `readings` begin and end with those of the charge. A counter of one charge shows the one before until it begins, so
    that its first reading says nothing; registers need theirs.
    """
    told = [(each.at, each.reading.counted(counter)) for each in readings]
    if counter in _OF_ONE_CHARGE:
        told[0] = (told[0][0], None if all(value is None for _, value in told[1:]) else 0.0)
    known = [Reading(at, value) for at, value in told if value is not None]
    if not known:
        return None
    for at in (told[0][0], told[-1][0]):
        if all(reading.at != at for reading in known):
            return CounterFault(counter.value, MeterFault.SILENT, at)
    for before, after in pairwise(known):
        if after.energy_kwh < before.energy_kwh:
            reset = after.energy_kwh < _NEAR_ZERO_KWH
            return CounterFault(counter.value, MeterFault.RESET if reset else MeterFault.JUMPED_BACK, after.at)
    first_kwh = known[0].energy_kwh
    return Counted(counter, tuple(Reading(each.at, each.energy_kwh - first_kwh) for each in known))


def all_counted(readings: Sequence[TimedReading]) -> tuple[dict[Counter, Counted], tuple[CounterFault, ...]]:
    """What every counter of a bay says of a charge, and the faults of those that cannot be used."""
    told = [counted(readings, counter) for counter in Counter]
    good = {each.counter: each for each in told if isinstance(each, Counted)}
    return good, tuple(each for each in told if isinstance(each, CounterFault))


def settled_on(good: dict[Counter, Counted], ledger: Ledger) -> Counted | None:
    """The counter that a charge is settled on: the best one of the side that the station settles on, else the other."""
    sides = [(Counter.AC_METER,), DC_COUNTERS]
    order = [*sides[0], *sides[1]] if ledger.settle_on is SettleOn.AC else [*sides[1], *sides[0]]
    return next((good[counter] for counter in order if counter in good), None)


def dc_counted(good: dict[Counter, Counted]) -> Counted | None:
    """The best DC counter."""
    return next((good[counter] for counter in DC_COUNTERS if counter in good), None)
