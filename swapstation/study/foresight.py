"""The least that the energy of given swaps can cost: all trucks are known from the begin (a linear program).

A lower bound for every policy that swaps at these times. Each returned battery goes out at one of the next swaps, in
any order; a *way* is a battery and its swap, with the energy taken in each block of time while it stands in its bay.
Relaxed, so that the bound lies below what can be done: ways mix in fractions, nothing tapers, and the site's limit
holds for the mean of each block (an hour at most, one price).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from swapstation.energy.lp import Floats, Indices, Lp
from swapstation.study.energy_case import DAY_MIN, EnergyCase
from swapstation.study.energy_station import RUN_OUT_MIN
from swapstation.study.energy_trucks import Truck

REACH = 3
"""A battery goes out at one of the next REACH x batteries swaps, or is full in the end. A later swap is of no use: of
two batteries the one that came first goes first but when it is the emptier, and what it lacks is at most a charge."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A returned battery: what it takes (kWh DC), when it is in its bay (min), the swaps it may go out at."""

    kwh: float
    from_min: int
    swaps: range
    stays_on: bool


@dataclass(slots=True)
class Rows:
    """Groups of rows that all batteries share: energy of the site in each block, batteries handed out at each swap."""

    site: Indices
    handed_out: Indices


def foresight_cost(case: EnergyCase, coming: Sequence[Truck], swaps_min: Sequence[int]) -> float:
    """Yuan of the best charging for trucks whose swaps begin at `swaps_min`; raises LpUnsolved if none is possible."""
    if not swaps_min:
        return 0.0
    edges_min = _blocks(case)
    prices = np.array([case.price(int(edge)) for edge in edges_min[:-1]]) / case.efficiency
    lp = Lp()
    rows = Rows(
        lp.rows(len(prices), 0.0, case.charging_kw * np.diff(edges_min) / 60.0),
        lp.rows(max(len(swaps_min) - case.batteries, 0), 1.0, 1.0),
    )
    energies = [_add(lp, stay, case, swaps_min, edges_min, prices, rows) for stay in _stays(case, coming, swaps_min)]
    found = lp.solve()
    return float(sum(found[columns] @ prices[blocks] for columns, blocks in energies))


def _blocks(case: EnergyCase) -> Floats:
    """Full hours and changes of the price, to the end of the run-out (min)."""
    end_min = case.days * DAY_MIN + RUN_OUT_MIN
    days = np.arange(end_min // DAY_MIN + 1) * DAY_MIN
    within = np.unique([*range(0, DAY_MIN, 60), *(round(begin_h * 60.0) for begin_h, _ in case.tariff)])
    edges = np.add.outer(days, within).ravel()
    return np.append(edges[edges < end_min], end_min).astype(float)


def _stays(case: EnergyCase, coming: Sequence[Truck], swaps_min: Sequence[int]) -> Iterator[Stay]:
    """The first swaps take the batteries that stand ready at the begin: nothing is gained by keeping a ready one."""
    for number, (truck, swap_min) in enumerate(zip(coming, swaps_min, strict=True)):
        from_min = swap_min + case.robot_min
        first, last = max(number + 1, case.batteries), number + 1 + REACH * case.batteries
        swaps = range(first, min(last, len(swaps_min)))
        yield Stay(case.ready_kwh - truck.kwh, from_min, swaps, last > len(swaps_min))


def _add(
    lp: Lp, stay: Stay, case: EnergyCase, swaps_min: Sequence[int], edges_min: Floats, prices: Floats, rows: Rows
) -> tuple[Indices, Indices]:
    """The ways of one battery; returns the columns of their energy (kWh DC) and the block of each."""
    outs_min = [*(float(swaps_min[swap]) for swap in stay.swaps), *((edges_min[-1],) if stay.stays_on else ())]
    swaps = np.array([*stay.swaps, *((-1,) if stay.stays_on else ())])
    until = np.minimum.outer(np.array(outs_min), edges_min[1:])
    hours = np.maximum(until - np.maximum(edges_min[:-1], stay.from_min), 0.0) / 60.0
    possible = hours.sum(axis=1) * case.charger_kw >= stay.kwh
    swaps, hours = swaps[possible], hours[possible]
    chosen = lp.columns(len(swaps), 0.0, 1.0, 0.0)
    lp.enter(lp.rows(1, 1.0, 1.0), chosen, 1.0)
    goes = swaps >= 0
    lp.enter(rows.handed_out[swaps[goes] - case.batteries], chosen[goes], 1.0)
    way, block = np.nonzero(hours)
    energy = lp.columns(len(way), 0.0, np.inf, prices[block])
    lp.enter(rows.site[block], energy, 1.0)
    charged = lp.rows(len(swaps), 0.0, 0.0)
    lp.enter(charged, chosen, -stay.kwh)
    lp.enter(charged[way], energy, 1.0)
    within = lp.rows(len(way), -np.inf, 0.0)
    lp.enter(within, energy, 1.0)
    lp.enter(within, chosen[way], -case.charger_kw * hours[way, block])
    return energy, block.astype(np.int32)
