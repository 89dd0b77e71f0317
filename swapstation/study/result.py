"""Runs of the cases on all cores, and what comes of them as one object per case."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from statistics import mean
from typing import Any

from swapstation.study import limits
from swapstation.study.site import Case
from swapstation.study.throughput import Measured, arrive, own_limit, saturate


@dataclass(frozen=True, slots=True)
class Load:
    """Arrivals at random at a share of the limit, and how long a truck waited in the mean."""

    share: float
    arrivals_per_h: float
    wait_min: float


@dataclass(frozen=True, slots=True)
class Result:
    """One case: the means over its seeds, the limit that follows from them, and the loads below it."""

    case: Case
    measured: Measured
    plant: limits.Plant
    loads: tuple[Load, ...] = ()

    @property
    def limit_per_h(self) -> float:
        return limits.limit_per_h(self.plant)

    def document(self) -> dict[str, Any]:
        """The case as a JSON object."""
        case, measured, plant = self.case, self.measured, self.plant
        return {
            "batteries": case.batteries,
            "site_kw": case.site_kw,
            "limit_swaps_per_h": round(self.limit_per_h, 3),
            "simulated_swaps_per_h": round(measured.swaps_per_h, 3),
            "ratio": round(measured.swaps_per_h / self.limit_per_h, 4),
            "limits": {name: round(per_h, 3) for name, per_h in limits.parts(plant).items()},
            "swaps": measured.swaps,
            "lane_cycle_s": round(plant.lane_cycle_s, 1),
            "handling_s": round(plant.handling_s, 1),
            "charge_h": round(plant.charge_h, 4),
            "pack_kwh": round(plant.pack_kwh, 2),
            "highest_charging_kw": round(measured.meter_kw, 1),
            "holds": measured.holds,
            "waits": [
                {
                    "load": load.share,
                    "arrivals_per_h": round(load.arrivals_per_h, 3),
                    "mean_wait_min": round(load.wait_min, 1),
                }
                for load in self.loads
            ],
        }


def results(
    cases: Sequence[Case], hours: float, seeds: Sequence[int], shares: Sequence[float], workers: int | None = None
) -> Iterator[Result]:
    """The cases in their order, each saturated with every seed, then at each share of its own limit."""
    with ProcessPoolExecutor(workers or os.cpu_count() or 1) as pool:
        begun = [[pool.submit(saturate, case, hours, seed) for seed in seeds] for case in cases]
        full = [_result(case, _all(runs)) for case, runs in zip(cases, begun, strict=True)]
        loaded = [
            [[pool.submit(arrive, one.case, part * one.limit_per_h, hours, seed) for seed in seeds] for part in shares]
            for one in full
        ]
        for each, runs_of in zip(full, loaded, strict=True):
            waits = [mean(run.wait_min for run in _all(runs)) for runs in runs_of]
            loads = (Load(share, share * each.limit_per_h, wait) for share, wait in zip(shares, waits, strict=True))
            yield Result(each.case, each.measured, each.plant, tuple(loads))


def _all(runs: Sequence[Future[Measured]]) -> list[Measured]:
    return [run.result() for run in runs]


def _result(case: Case, runs: Sequence[Measured]) -> Result:
    together = Measured(
        swaps=sum(run.swaps for run in runs),
        swaps_per_h=mean(run.swaps_per_h for run in runs),
        wait_min=mean(run.wait_min for run in runs),
        lane_cycle_s=mean(run.lane_cycle_s for run in runs),
        handling_s=mean(run.handling_s for run in runs),
        pack_kwh=mean(run.pack_kwh for run in runs),
        meter_kw=max(run.meter_kw for run in runs),
        holds=sum(run.holds for run in runs),
    )
    return Result(case, together, own_limit(case, together))
