"""All policies of the energy study on the same trucks, seed by seed on all cores, against perfect foresight."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from statistics import mean
from typing import Any

from swapstation.study.energy_case import EnergyCase, tariff_text
from swapstation.study.energy_plan_policy import Planned, learned
from swapstation.study.energy_policies import ChargeOnArrival, Threshold
from swapstation.study.energy_station import Policy, Station, simulate
from swapstation.study.energy_trucks import Truck, trucks
from swapstation.study.foresight import foresight_cost

LATE_MIN, VERY_LATE_MIN = 5.0, 15.0
ADMISSIBLE_PCT = 0.5
"""A threshold may make so many more trucks late than charge on arrival (percentage points)."""

Make = Callable[[EnergyCase, Sequence[Truck], Sequence[Truck]], Policy]
POLICIES: Mapping[str, Make] = {
    "charge_on_arrival": lambda case, coming, history: ChargeOnArrival(),
    "valley_timetable": lambda case, coming, history: Threshold(_prices(case)[0], case.timetable_reserve),
    "plan": lambda case, coming, history: Planned(case, coming, learned(case, history, 0.0)),
    "plan_notice_1h": lambda case, coming, history: Planned(case, coming, learned(case, history, 60.0), 60.0),
    "plan_notice_2h": lambda case, coming, history: Planned(case, coming, learned(case, history, 120.0), 120.0),
}
"""Those that are one policy for all seeds; threshold and foresight are made from what others did."""
NAMES = ("charge_on_arrival", "valley_timetable", "threshold", "plan", "plan_notice_1h", "plan_notice_2h", "foresight")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One policy's days with one seed: yuan, kWh AC, shares of late trucks (%), their mean wait, highest import."""

    cost: float
    ac_kwh: float
    late_pct: float
    very_late_pct: float
    wait_min: float
    highest_kw: float


@dataclass(frozen=True, slots=True)
class EnergyResult:
    """Outcomes of each policy by seed; `threshold` is the one that was chosen: price and reserve."""

    case: EnergyCase
    seeds: tuple[int, ...]
    outcomes: Mapping[str, Sequence[Outcome]]
    threshold: Threshold

    def figures(self, name: str) -> dict[str, float]:
        """Means over the seeds; `spread` is the largest less the smallest ratio."""
        own, best = self.outcomes[name], self.outcomes["foresight"]
        ratios = [one.cost / least.cost if least.cost else 1.0 for one, least in zip(own, best, strict=True)]
        return {
            "cost_per_kwh": round(_share(sum(one.cost for one in own), sum(one.ac_kwh for one in own)), 4),
            "late_share_pct": round(mean(one.late_pct for one in own), 2),
            "late15_share_pct": round(mean(one.very_late_pct for one in own), 2),
            "ratio_to_foresight": round(mean(ratios), 4),
            "spread": round(max(ratios) - min(ratios), 4),
        }

    def document(self) -> dict[str, Any]:
        """The study as a JSON object."""
        return {
            "batteries": self.case.batteries,
            "site_kw": self.case.site_kw,
            "swaps_per_day": self.case.swaps_per_day,
            "seeds": list(self.seeds),
            "tariff": tariff_text(self.case.tariff),
            "policies": {name: self.figures(name) for name in NAMES},
        }


def study(case: EnergyCase, seeds: Sequence[int], workers: int | None = None) -> EnergyResult:
    """Run all policies with all seeds."""
    with ProcessPoolExecutor(workers or os.cpu_count() or 1) as pool:
        begun = {name: [pool.submit(_one, case, name, seed) for seed in seeds] for name in POLICIES}
        least = [pool.submit(_foresight, case, seed) for seed in seeds]
        tried = [pool.submit(_thresholds, case, seed) for seed in seeds]
        outcomes = {name: [run.result() for run in begun[name]] for name in POLICIES}
        outcomes["foresight"] = [run.result() for run in least]
        by_seed = [run.result() for run in tried]
    chosen = best_threshold(by_seed, outcomes["charge_on_arrival"])
    outcomes["threshold"] = [tried_ones[chosen] for tried_ones in by_seed]
    return EnergyResult(case, tuple(seeds), outcomes, chosen)


def best_threshold(tried: Sequence[Mapping[Threshold, Outcome]], on_arrival: Sequence[Outcome]) -> Threshold:
    """The cheapest in hindsight of those that make few enough trucks late; charge on arrival is one of them."""
    most_pct = mean(one.late_pct for one in on_arrival) + ADMISSIBLE_PCT
    admissible = [each for each in tried[0] if mean(seed[each].late_pct for seed in tried) <= most_pct]
    return min(admissible, key=lambda each: sum(seed[each].cost for seed in tried))


def run(case: EnergyCase, seed: int, make: Make) -> Station:
    """One policy's days with one seed's trucks."""
    coming, history = drawn(case, seed)
    return simulate(case, coming, make(case, coming, history))


def drawn(case: EnergyCase, seed: int) -> tuple[list[Truck], list[Truck]]:
    """The trucks of the studied days and those of the days before."""
    return trucks(case, case.days, Random(seed)), trucks(case, case.history_days, Random(f"before {seed}"))


def outcome(station: Station) -> Outcome:
    """What was counted. Energy that is still missing at the end of the run-out is paid at the highest price."""
    case, waits = station.case, station.waits_min
    missing_kwh = sum(station.missing_kwh(pack) for pack in station.packs) / case.efficiency
    return Outcome(
        station.cost + missing_kwh * max(_prices(case)),
        station.ac_kwh + missing_kwh,
        _late_pct(waits, LATE_MIN),
        _late_pct(waits, VERY_LATE_MIN),
        mean(waits) if waits else 0.0,
        station.highest_kw,
    )


def _one(case: EnergyCase, name: str, seed: int) -> Outcome:
    return outcome(run(case, seed, POLICIES[name]))


def _thresholds(case: EnergyCase, seed: int) -> dict[Threshold, Outcome]:
    """Every price of the tariff with every reserve."""
    coming, _ = drawn(case, seed)
    dearest = max(_prices(case))
    ways = [Threshold(price, reserve) for price in _prices(case)[:-1] for reserve in range(case.batteries + 1)]
    return {way: outcome(simulate(case, coming, way)) for way in (*ways, Threshold(dearest, 0))}


def _foresight(case: EnergyCase, seed: int) -> Outcome:
    """Perfect foresight that serves each truck when charge on arrival does: the same waits at the least cost."""
    coming, _ = drawn(case, seed)
    station = simulate(case, coming, ChargeOnArrival())
    served = outcome(station)
    cost = foresight_cost(case, coming, [minute for minute, _ in station.swaps])
    return Outcome(cost, served.ac_kwh, served.late_pct, served.very_late_pct, served.wait_min, 0.0)


def _prices(case: EnergyCase) -> list[float]:
    """Those of the tariff, the lowest first."""
    return sorted({price for _, price in case.tariff})


def _late_pct(waits_min: Iterable[float], longer_min: float) -> float:
    """Share of trucks that waited longer (%)."""
    late = [wait > longer_min for wait in waits_min]
    return 100.0 * _share(sum(late), len(late))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
