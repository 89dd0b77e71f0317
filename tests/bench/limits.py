"""Does the station keep its contract at the meter? A week of `swapstation study limits` in both arrangements."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from swapstation.study.demand import Kept, keep
from swapstation.study.site import Case
from tests.bench.figures import Figure, at_most

DAYS, SEED, CONTRACT_KW, BATTERIES = 7.0, 1, 1000.0, 7
MOST_OVER_S = 10.0


def measure() -> list[Figure]:
    """Both arrangements beside each other; some 15 minutes."""
    cases = [Case(BATTERIES, CONTRACT_KW, direct=direct, contract=True) for direct in (False, True)]
    with ProcessPoolExecutor(len(cases)) as pool:
        runs = [pool.submit(keep, case, DAYS, SEED) for case in cases]
        return [figure for run in runs for figure in figures(run.result())]


def figures(kept: Kept) -> Iterator[Figure]:
    """The goals of one arrangement."""
    name = "charging = direct: " if kept.direct else "charging = charger: "
    yield at_most(f"{name}quarters of an hour over the contract of {kept.contract_kw:g} kW", kept.quarters_over, 0)
    yield at_most(f"{name}longest time over 1.05 of it", kept.longest_over_s, MOST_OVER_S, "s")
    yield Figure(f"{name}highest quarter of {kept.quarters}", kept.highest_demand_kw, "kW")
    yield Figure(f"{name}mean import", kept.mean_kw, "kW")
    yield Figure(f"{name}readings of the meter lost", 100.0 * kept.readings_lost / kept.readings, "%")
