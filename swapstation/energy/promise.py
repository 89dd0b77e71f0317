"""What can still be promised: could a truck at T get a battery of a model at a SOC, all earlier promises kept?

By the best that the station could still do within its limits, whatever prices say: earliest deadline first, and first
of all what can only just be done. Careful: yes means that it can be done (own design). Not counted are PV, a store,
batteries of trucks that nobody knows the SOC of, and the reserve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from swapstation.energy.charge_need import slow_kwh_to
from swapstation.energy.charges import SWAP_S
from swapstation.energy.plan_input import BayBattery, ComingBattery, FirmNeed, PlanInput

NEARLY_KWH = 1e-6
ASKED_MINUTES = (0, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480)
"""Times from now for which people and dispatchers are told what can be promised."""


@dataclass(frozen=True, slots=True)
class FreeAt:
    """How many more batteries of a model can be promised for `at_s` with `soc_pct` or more."""

    model: str
    at_s: float
    soc_pct: float
    free: int


@dataclass(frozen=True, slots=True)
class _Stock:
    """A battery that can be given to a need, in its bay from `from_s` on."""

    battery: BayBattery | ComingBattery
    from_s: float = 0.0

    def fits(self, need: FirmNeed) -> bool:
        battery = self.battery
        charges = isinstance(battery, ComingBattery) or battery.may_charge or battery.soc_pct >= need.min_soc_pct
        return charges and battery.model == need.model and self.from_s <= need.at_s

    def lacks(self, soc_pct: float) -> float:
        """Slow kWh to a SOC."""
        battery = self.battery
        return slow_kwh_to(soc_pct, battery.capacity_kwh, battery.soc_pct, battery.acceptance)


@dataclass(slots=True)
class _Job:
    """A battery that is charged for a need: slow kWh still lacking, most kW, from when to when (s)."""

    need: str
    kwh: float
    max_power_kw: float
    from_s: float
    until_s: float
    had_kwh: float = 0.0

    def most_kwh(self, begin_s: float, end_s: float, must: bool) -> float:
        """What it takes at most in a piece of time, beside what it had; what it must, to be done in time at all."""
        most_kwh = self.max_power_kw * (end_s - begin_s) / 3600.0
        if must:
            later_kwh = self.max_power_kw * max(self.until_s - end_s, 0.0) / 3600.0
            return min(max(self.kwh - later_kwh, 0.0), most_kwh)
        return min(self.kwh, most_kwh - self.had_kwh)


def can_promise(plan_input: PlanInput, wanted: FirmNeed) -> bool:
    """Whether one more need can be met without making another one late."""
    return _fit(plan_input, (wanted,), _late(plan_input, plan_input.needs))


def availability(plan_input: PlanInput, asked: Iterable[tuple[str, float, float]]) -> tuple[FreeAt, ...]:
    """For each (model, at_s, soc_pct) how many can be promised beside the needs of the input, the reserve kept."""
    late = _late(plan_input, plan_input.needs)
    reserves = {demand.model: demand.reserve for demand in plan_input.demand}
    return tuple(
        FreeAt(model, at_s, soc_pct, max(_most(plan_input, model, at_s, soc_pct, late) - reserves[model], 0))
        for model, at_s, soc_pct in asked
    )


def _most(plan_input: PlanInput, model: str, at_s: float, soc_pct: float, late: frozenset[str]) -> int:
    """How many needs of this kind fit."""
    for count in range(1, len(plan_input.batteries) + len(plan_input.coming) + len(plan_input.needs) + 1):
        wanted = [FirmNeed(f"wanted {number}", at_s, model, soc_pct) for number in range(count)]
        if not _fit(plan_input, wanted, late):
            return count - 1
    return count


def _fit(plan_input: PlanInput, wanted: Sequence[FirmNeed], late: frozenset[str]) -> bool:
    return _late(plan_input, (*plan_input.needs, *wanted)) <= late


def _late(plan_input: PlanInput, needs: Sequence[FirmNeed]) -> frozenset[str]:
    """The needs that have no battery, or not in time."""
    jobs, without = _jobs(plan_input, needs)
    return frozenset(without) | _not_in_time(plan_input, jobs)


def _jobs(plan_input: PlanInput, needs: Sequence[FirmNeed]) -> tuple[list[_Job], list[str]]:
    """Each need with its battery: the held one, else the one of its model that lacks least, the earliest need first."""
    names = {need.need for need in needs}
    held = {battery.held_for: _Stock(battery) for battery in plan_input.batteries if battery.held_for in names}
    stock = [_Stock(battery) for battery in plan_input.batteries if battery.held_for not in names]
    stock += [_Stock(battery, battery.at_s) for battery in _coming(plan_input)]
    jobs, without = [], []
    for need in sorted(needs, key=lambda each: (each.at_s, each.priority)):
        own = held.get(need.need)
        fit = [each for each in ([own] if own else stock) if each.fits(need)]
        if not fit:
            without.append(need.need)
            continue
        chosen = min(fit, key=lambda each: (each.lacks(need.min_soc_pct), each.from_s))
        if own is None:
            stock.remove(chosen)
        lacks = chosen.lacks(need.min_soc_pct)
        until_s = need.at_s - plan_input.rules.margin_s
        jobs.append(_Job(need.need, lacks, chosen.battery.max_power_kw, chosen.from_s, until_s))
    return jobs, without


def _coming(plan_input: PlanInput) -> Iterator[ComingBattery]:
    """Batteries on their way, and those of known trucks whose SOC is known: like the others of their model."""
    yield from plan_input.coming
    for need in plan_input.needs:
        alike = [battery for battery in plan_input.batteries if battery.model == need.model]
        if need.return_soc_pct is not None and alike:
            capacity_kwh = max(battery.capacity_kwh for battery in alike)
            power_kw = min(battery.max_power_kw for battery in alike)
            at_s = need.at_s + SWAP_S
            yield ComingBattery(at_s, need.model, need.return_soc_pct, capacity_kwh, power_kw, alike[0].acceptance)


def _not_in_time(plan_input: PlanInput, jobs: Sequence[_Job]) -> frozenset[str]:
    """Charge the jobs, piece of time by piece of time; returns who is not done when its truck comes."""
    ends_s = [*plan_input.starts_s, plan_input.starts_s[-1] + plan_input.step_s[-1]]
    marks = {*ends_s, *(job.until_s for job in jobs), *(job.from_s for job in jobs)}
    edges_s = sorted(mark for mark in marks if 0.0 <= mark <= ends_s[-1])
    late = {job.need for job in jobs if job.kwh > NEARLY_KWH and job.until_s <= 0.0}
    by_deadline = sorted(jobs, key=lambda job: job.until_s)
    step = 0
    for begin_s, end_s in pairwise(edges_s):
        while ends_s[step + 1] <= begin_s:
            step += 1
        left_kwh = _dc_kw(plan_input, step) * (end_s - begin_s) / 3600.0
        going = [job for job in by_deadline if job.from_s <= begin_s and job.kwh > NEARLY_KWH]
        for must in (True, False):
            for job in going:
                kwh = min(job.most_kwh(begin_s, end_s, must), left_kwh)
                job.kwh -= kwh
                job.had_kwh = kwh if must else 0.0
                left_kwh -= kwh
        late |= {job.need for job in jobs if job.kwh > NEARLY_KWH and job.until_s <= end_s}
    return frozenset(late | {job.need for job in jobs if job.kwh > NEARLY_KWH})


def _dc_kw(plan_input: PlanInput, step: int) -> float:
    """What may go into all batteries in a step (kW DC)."""
    most_kw = max((battery.max_power_kw for battery in plan_input.batteries), default=0.0)
    other_kw = plan_input.other_load_kw[step] if plan_input.other_load_kw else 0.0
    limit_kw = max(plan_input.import_limit_kw[step] - other_kw, 0.0)
    if plan_input.charging_limit_kw:
        limit_kw = min(limit_kw, plan_input.charging_limit_kw[step])
    return limit_kw * plan_input.efficiency.at(most_kw)
