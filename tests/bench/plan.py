"""One day's charging plan for twelve batteries: the linear program, and the same with binaries, side by side.

The day: 5-min steps, the study's prices, twelve empty batteries of 282 kWh, 3000 kW. With binaries a charge is off or
takes 60 kW at least, and each start costs 0.5 yuan. That search is stopped after `MOST_S` at the latest, so that the
real ratio of the times is smaller still. Costs are compared without the starts; what is left uncharged counts at what
the plan takes it to cost later.
"""

from __future__ import annotations

from random import Random
from statistics import median
from time import process_time

import highspy
import numpy as np

from swapstation.energy.charges import charges_of
from swapstation.energy.curve import Curve
from swapstation.energy.lp import Floats, QuietHighs
from swapstation.energy.plan_input import BayBattery, ModelDemand, PlanInput
from swapstation.energy.plan_lp import PlanLp, build
from swapstation.energy.urgency import expected, urgent_chance
from swapstation.study.energy_case import EnergyCase
from swapstation.study.energy_plan_policy import MODEL, MONDAY
from tests.bench.figures import Figure, at_most

ROUNDS = 15
LEAST_KW, START_COST = 60.0, 0.5
STEP_MIN, STEPS = 5, 288
FEASIBLE = 2
GAP, MOST_S = 1e-3, 120.0
"""The search with binaries ends this near to the best, or after so many seconds."""


def a_day() -> PlanInput:
    """The input of the plan, from midnight."""
    case, chance = EnergyCase(12, 3000.0, 72.0), Random(1)
    socs_pct = [chance.gauss(case.soc_in_pct, case.soc_in_sd_pct) for _ in range(case.batteries)]
    return PlanInput(
        starts_at=MONDAY,
        step_s=(STEP_MIN * 60.0,) * STEPS,
        import_limit_kw=(case.site_kw,) * STEPS,
        price_per_kwh=tuple(case.price(step * STEP_MIN) for step in range(STEPS)),
        batteries=tuple(
            BayBattery(bay, f"B{bay}", MODEL, soc_pct, case.capacity_kwh, case.charger_kw)
            for bay, soc_pct in enumerate(socs_pct, start=1)
        ),
        demand=(ModelDemand(MODEL, (0.0,) * STEPS, (0.0,) * STEPS),),
        efficiency=Curve(((0.0, case.efficiency),)),
    )


def program(day: PlanInput) -> PlanLp:
    """The plan's linear program of a day."""
    charges, trucks = charges_of(day), expected(day)
    return build(day, charges, [urgent_chance(charge, day, trucks[charge.demand]) for charge in charges])


def with_binaries(plan: PlanLp) -> highspy.HighsLp:
    """The same with a binary for each charge and step (on) and a column for each start; it adds to `plan`."""
    lp, steps = plan.lp, len(plan.grid.hours)
    linear = lp.size
    for columns in plan.charge.values():
        upper = lp.upper(columns)
        on, start = lp.columns(steps, 0.0, 1.0, 0.0), lp.columns(steps, 0.0, 1.0, START_COST)
        most = lp.rows(steps, -np.inf, 0.0)
        lp.enter(most, columns, 1.0)
        lp.enter(most, on, -upper)
        least = lp.rows(steps, 0.0, np.inf)
        lp.enter(least, columns, 1.0)
        lp.enter(least, on, -np.minimum(LEAST_KW * plan.grid.hours, upper))
        starts = lp.rows(steps, 0.0, np.inf)
        lp.enter(starts, start, 1.0)
        lp.enter(starts, on, -1.0)
        lp.enter(starts[1:], on[:-1], 1.0)
    model = lp.model()
    binary = np.arange(lp.size) >= linear
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(each)] for each in binary]
    return model


def solved(model: highspy.HighsLp) -> tuple[float, Floats]:
    """Processor seconds and the columns of the best solution."""
    solver = QuietHighs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("time_limit", MOST_S)
    begun_s = process_time()
    solver.passModel(model)
    solver.run()
    taken_s = process_time() - begun_s
    assert solver.getInfo().primal_solution_status == FEASIBLE
    return taken_s, np.array(solver.getSolution().col_value)


def measure() -> list[Figure]:
    """Median processor time of the linear program against that of one solution with binaries."""
    day = a_day()
    plan = program(day)
    linear = [solved(plan.lp.model()) for _ in range(ROUNDS)]
    linear_s, columns = median(seconds for seconds, _ in linear), linear[0][1]
    binary_s, columns_too = solved(with_binaries(program(day)))
    cost, cost_too = _cost(day, plan, columns), _cost(day, plan, columns_too)
    return [
        at_most("solve time, linear program / with binaries", linear_s / binary_s, 0.01),
        at_most("cost of energy, linear program / with binaries", cost / cost_too, 1.003),
        Figure("cost of energy, with binaries / linear program", cost_too / cost),
        Figure("linear program", 1000.0 * linear_s, "ms"),
        Figure("with binaries", 1000.0 * binary_s, "ms"),
        Figure("columns of the linear program", len(columns)),
    ]


def _cost(day: PlanInput, plan: PlanLp, found: Floats) -> float:
    """Import, and what is left uncharged (yuan)."""
    imported = found[plan.site.imported]
    due_kwh = sum(charge.slow_kwh for charge in charges_of(day)) / plan.grid.efficiency
    later_price = (1.0 + day.rules.urgency) * float(np.mean(day.price_per_kwh))
    return float(imported @ np.array(day.price_per_kwh)) + (due_kwh - float(imported.sum())) * later_price
