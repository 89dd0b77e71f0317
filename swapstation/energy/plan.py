"""The charging plan: what each bay does now, why, and what is expected to follow (own design; docs/charging_plan.md).

A rolling plan: made anew every few minutes and whenever something changes. Only set-points of now are orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isinf

import numpy as np

from swapstation.energy.charges import Charge, charges_of
from swapstation.energy.lp import Floats
from swapstation.energy.plan_input import PlanInput
from swapstation.energy.plan_lp import PlanLp, build, gives_back
from swapstation.energy.plan_reasons import Outlook, reasons
from swapstation.energy.plan_result import BayPlan, PlanResult, Shortfall, SiteStep
from swapstation.energy.set_points import Wanted, set_points
from swapstation.energy.urgency import Expected, expected, urgent_chance
from swapstation.model.charge_plan import PlanReason

NEARLY_KWH, ANOTHER_KW = 0.05, 1.0


def make_plan(plan_input: PlanInput) -> PlanResult:
    """The plan of an input. Raises LpUnsolved, but not for needs that cannot be met: those are told as shortfalls."""
    charges = charges_of(plan_input)
    trucks = expected(plan_input)
    urgent = [_urgent(charge, plan_input, trucks[charge.demand]) for charge in charges]
    plan = build(plan_input, charges, urgent)
    found = plan.lp.solve(from_bounds=True)
    outlooks = sorted(_outlooks(plan_input, plan, charges, urgent, found), key=lambda each: each.order)
    wanted = [Wanted(each.battery, each.mean_kw, each.finishes) for each in outlooks]
    given = set_points(wanted, _most_dc_kw(plan_input, plan))
    bays = [_bay(plan_input, each, given[each.battery.bay]) for each in outlooks]
    bays += [
        BayPlan(each.bay, each.battery, 0.0, each.soc_pct, reasons=(PlanReason("plan_may_not_charge"),))
        for each in plan_input.batteries
        if each.bay not in given
    ]
    return PlanResult(
        tuple(sorted(bays, key=lambda each: each.bay)),
        tuple(_site_steps(plan_input, plan, found)),
        _cost(plan_input, plan, found),
        _holds_s(plan, found),
        _store_kw(plan, found),
        tuple(_shortfalls(plan_input, plan, charges, found)),
    )


def _urgent(charge: Charge, plan_input: PlanInput, trucks: Expected) -> Floats:
    """When charging it becomes urgent: of no interest for a battery that is full and stays so."""
    if charge.slow_kwh > 0.0 or gives_back(plan_input, charge):
        return urgent_chance(charge, plan_input, trucks)
    return np.zeros(len(plan_input.step_s))


def _outlooks(
    plan_input: PlanInput, plan: PlanLp, charges: Sequence[Charge], urgent: Sequence[Floats], found: Floats
) -> Iterator[Outlook]:
    """What the program says of each battery in a bay."""
    for number, charge in enumerate(charges):
        if charge.in_bay is None:
            continue
        kwh = _kwh(plan, number, found)
        going = np.flatnonzero(kwh > NEARLY_KWH)
        yield Outlook(
            charge=charge,
            battery=charge.in_bay,
            mean_kw=float(kwh[0] / plan.grid.hours[0]),
            urgent=bool(urgent[number][0] >= 1.0),
            finishes=bool(kwh[0] >= charge.slow_kwh - NEARLY_KWH),
            goes_on_s=plan_input.starts_s[going[0]] if len(going) else None,
            goes_on_price=plan_input.price_per_kwh[going[0]] if len(going) else 0.0,
            goes_on_pv_kw=plan_input.pv_kw[going[0]] if len(going) and plan_input.pv_kw else 0.0,
            ready_s=_ready_s(plan, number, charge.slow_kwh, found),
            missing_kwh=float(found[plan.short[number]]) if number in plan.short else 0.0,
        )


def _kwh(plan: PlanLp, number: int, found: Floats) -> Floats:
    """What a battery is given in each step, less what it gives back (slow kWh)."""
    if number not in plan.charge:
        return np.zeros(len(plan.grid.hours))
    kwh = found[plan.charge[number]]
    return kwh - found[plan.back[number]] if number in plan.back else kwh


def _ready_s(plan: PlanLp, number: int, kwh: float, found: Floats) -> float | None:
    """When a battery has had so many slow kWh; None: not within the plan."""
    if kwh <= NEARLY_KWH:
        return 0.0
    done = np.flatnonzero(np.cumsum(_kwh(plan, number, found)) >= kwh - NEARLY_KWH)
    return float(plan.grid.ends_h[done[0]] * 3600.0) if len(done) else None


def _bay(plan_input: PlanInput, outlook: Outlook, power_kw: float) -> BayPlan:
    return BayPlan(
        outlook.battery.bay,
        outlook.battery.battery,
        power_kw,
        outlook.charge.target_soc_pct,
        0.0 if power_kw else outlook.goes_on_s,
        outlook.ready_s,
        reasons(plan_input, outlook, power_kw),
    )


def _most_dc_kw(plan_input: PlanInput, plan: PlanLp) -> float:
    """What all charging together may take now (kW DC): the limit less the other load; PV helps only if it is there."""
    other_kw = plan_input.other_load_kw[0] if plan_input.other_load_kw else 0.0
    pv_kw = plan_input.pv_kw[0] if plan_input.pv_kw else 0.0
    most_kw = max(plan_input.import_limit_kw[0] - max(other_kw - pv_kw, 0.0), 0.0)
    if plan_input.charging_limit_kw:
        most_kw = min(most_kw, plan_input.charging_limit_kw[0])
    return most_kw * plan.grid.efficiency


def _site_steps(plan_input: PlanInput, plan: PlanLp, found: Floats) -> Iterator[SiteStep]:
    site_kw = (found[plan.site.imported] - found[plan.site.exported]) / plan.grid.hours
    for step, at_s in enumerate(plan_input.starts_s):
        limit_kw = plan_input.import_limit_kw[step]
        shown_kw = None if isinf(limit_kw) else limit_kw
        yield SiteStep(at_s, float(site_kw[step]), shown_kw, plan_input.price_per_kwh[step])


def _cost(plan_input: PlanInput, plan: PlanLp, found: Floats) -> float:
    bought = float(found[plan.site.imported] @ np.array(plan_input.price_per_kwh))
    paid_back = plan_input.export_price_per_kwh
    return bought - float(found[plan.site.exported] @ np.array(paid_back)) if paid_back else bought


def _holds_s(plan: PlanLp, found: Floats) -> float:
    """When the first battery is given another mean power than in the first step (s)."""
    changes = np.zeros(len(plan.grid.hours), dtype=bool)
    for number in plan.charge:
        kw = _kwh(plan, number, found) / plan.grid.hours
        changes |= np.abs(kw - kw[0]) > ANOTHER_KW
    first = np.flatnonzero(changes)
    return float((plan.grid.starts_h[first[0]] if len(first) else plan.grid.ends_h[-1]) * 3600.0)


def _store_kw(plan: PlanLp, found: Floats) -> float:
    if plan.site.store_in is None or plan.site.store_out is None:
        return 0.0
    return float((found[plan.site.store_in[0]] - found[plan.site.store_out[0]]) / plan.grid.hours[0])


def _shortfalls(plan_input: PlanInput, plan: PlanLp, charges: Sequence[Charge], found: Floats) -> Iterator[Shortfall]:
    """Needs that no battery is there for, or none in time."""
    served = {charge.need.need for charge in charges if charge.need is not None}
    for number, charge in enumerate(charges):
        if charge.need is None:
            continue
        never_kwh = charge.capacity_kwh * max(charge.need.min_soc_pct - charge.target_soc_pct, 0.0) / 100.0
        late_kwh = float(found[plan.short[number]]) if number in plan.short else 0.0
        if never_kwh > NEARLY_KWH:
            yield Shortfall(charge.need.need, never_kwh, None)
        elif late_kwh > NEARLY_KWH:
            yield Shortfall(charge.need.need, late_kwh, _ready_s(plan, number, charge.slow_kwh, found))
    for need in plan_input.needs:
        if need.need not in served:
            yield Shortfall(need.need, 0.0, None)
