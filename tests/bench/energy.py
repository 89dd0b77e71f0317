"""What charging costs under the plan: `swapstation study energy` for two stations, against its goals."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.study.energy_case import EnergyCase
from swapstation.study.energy_run import EnergyResult, study
from tests.bench.figures import Figure, at_least, at_most

SEEDS = range(1, 6)
CASES = (EnergyCase(7, 1600.0, 40.0), EnergyCase(10, 2400.0, 60.0))
NOTICES = (("plan_notice_1h", "1 h notice", 1.14), ("plan", "no notice", 1.20))
MORE_LATE_POINTS, GAIN_RATIO = 0.5, 1.3


def measure() -> list[Figure]:
    """All policies of both stations with the same trucks."""
    return [figure for case in CASES for figure in figures(study(case, SEEDS))]


def figures(result: EnergyResult) -> Iterator[Figure]:
    """The goals of one station."""
    case, of = result.case, result.figures
    name = f"{case.batteries} x {case.site_kw:g} kW, {case.swaps_per_day:g}/day: "
    arrival, timetable = of("charge_on_arrival"), of("valley_timetable")
    for policy, words, goal in NOTICES:
        own = of(policy)
        yield at_most(f"{name}cost / perfect foresight, {words}", own["ratio_to_foresight"], goal)
        yield Figure(f"{name}spread of it over the seeds, {words}", own["spread"])
        more = own["late_share_pct"] - arrival["late_share_pct"]
        yield at_most(f"{name}more trucks over 5 min than on arrival, {words}", more, MORE_LATE_POINTS, "points")
        price = own["cost_per_kwh"] / timetable["cost_per_kwh"]
        yield at_most(f"{name}cost per kWh / valley timetable, {words}", price, 1.0)
        waits = own["late15_share_pct"] - timetable["late15_share_pct"]
        yield at_most(f"{name}trucks over 15 min against the valley timetable, {words}", waits, 0.0, "points")
    costs = {policy: of(policy)["cost_per_kwh"] for policy in ("charge_on_arrival", "threshold", "plan_notice_1h")}
    gain, tuned = (costs["charge_on_arrival"] - costs[policy] for policy in ("plan_notice_1h", "threshold"))
    yield at_least(f"{name}gain, 1 h notice / threshold in hindsight", gain / max(tuned, 1e-9), GAIN_RATIO)
