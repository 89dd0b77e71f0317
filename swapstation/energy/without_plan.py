"""What can be promised while no plan counts: what is ready now, and charging on arrival within the limits (own design).

Careful: every charge is taken to last longer than at full power, and PV or a store are not counted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import inf

from swapstation.config.settings import Config
from swapstation.energy.plan_input import ModelDemand, PlanInput, step_lengths
from swapstation.energy.power_limits import limit_course, site_limits
from swapstation.energy.promise import ASKED_MINUTES, availability
from swapstation.energy.stock import batteries_of, coming_batteries, efficiency_of, needs_of
from swapstation.model.charge_plan import Availability
from swapstation.model.snapshot import Snapshot

CAREFUL = 1.15
"""So much longer than at full power a charge is taken to last: a late start, others first."""
HORIZON_H = 9.0


def free_without_plan(now: Snapshot, config: Config, model: str, soc_pct: float) -> tuple[Availability, ...]:
    """How many batteries of a model with no less charge (%) could still be promised, by time."""
    asked = _input(now, config)
    questions = [(model, minutes * 60.0, soc_pct) for minutes in ASKED_MINUTES]
    return tuple(
        Availability(model, now.at + timedelta(seconds=row.at_s), soc_pct, row.free)
        for row in availability(asked, questions)
    )


def _input(now: Snapshot, config: Config) -> PlanInput:
    step_s = step_lengths(now.at.minute * 60.0 + now.at.second, fine_h=0.0, horizon_h=HORIZON_H)
    dispatches, silent = now.inventory.dispatches, now.power.silent
    course = limit_course(site_limits(config), dispatches, now.at, step_s, silent, now.power.other_kw)
    none, efficiency = (0.0,) * len(step_s), efficiency_of(config)
    return PlanInput(
        starts_at=now.at,
        step_s=step_s,
        import_limit_kw=tuple(inf if each.charging_kw is None else each.charging_kw for each in course),
        price_per_kwh=none,
        batteries=tuple(
            replace(each, max_power_kw=each.max_power_kw / CAREFUL) for each in batteries_of(now, config, efficiency)
        ),
        demand=tuple(
            ModelDemand(each.name, none, none, reserve=config.planner.reserve_batteries)
            for each in config.battery_models
        ),
        needs=tuple(needs_of(now, config, sum(step_s))),
        coming=tuple(replace(each, max_power_kw=each.max_power_kw / CAREFUL) for each in coming_batteries(now, config)),
        efficiency=efficiency,
    )
