"""Plans of the planner: how they are taken, and how long one counts, by our own clock. Without one: charge on arrival.

A plan moves nothing and is not written down: after a restart the station charges on arrival until the next one comes.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.errors import InputError
from swapstation.model.charge_plan import ChargePlan, PlanWatch
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Accepted, Request
from swapstation.station.draft import Draft
from swapstation.station.memory import Planning
from swapstation.station.outcome import Outcome, refused
from swapstation.station.plan_check import check_plan

PLAN_VALID_S = 120.0
"""So long after its arrival a plan counts: twice the longest time between two plans."""


def submit_plan(draft: Draft, request: Request, payload: SubmitPlan) -> Outcome:
    """Take a plan, or refuse it whole and count it; the same plan again changes nothing."""
    config, before = draft.rules.config, draft.memory.planning
    if not config.planner.enabled:
        return refused(request, ("planner_off",))
    try:
        check_plan(payload.plan, config, draft.snapshot.inventory)
    except InputError as error:
        draft.remember(planning=replace(before, refused=before.refused + 1, refusal=str(error)))
        return refused(request, ("bad_input",), str(error))
    if before.plan is None or before.plan.plan != payload.plan.plan:
        orders = replace(payload.plan, steps=(), availability=())
        taken = Planning(payload.plan, orders, draft.now_s, before.taken + 1, before.refused)
        draft.remember(planning=taken)
    return Accepted(request.key, {"plan": payload.plan.plan}), ()


def orders_in_force(planning: Planning, now_s: float) -> ChargePlan | None:
    """The plan that counts now, without its forecast; None: charge on arrival."""
    return planning.orders if is_fresh(planning, now_s) else None


def forecast_in_force(planning: Planning, now_s: float) -> ChargePlan | None:
    """The same plan with all that it foresees."""
    return planning.plan if is_fresh(planning, now_s) else None


def is_fresh(planning: Planning, now_s: float) -> bool:
    """Whether the last plan came a short while ago."""
    return planning.plan is not None and now_s - planning.since_s < PLAN_VALID_S


def plan_is_late(draft: Draft) -> bool:
    """Whether plans are waited for and the last one is too old."""
    return draft.rules.config.planner.enabled and not is_fresh(draft.memory.planning, draft.now_s)


def plan_watch(draft: Draft) -> PlanWatch:
    """What people are told of the planner."""
    enabled, planning = draft.rules.config.planner.enabled, draft.memory.planning
    age_s = round(draft.now_s - planning.since_s, 1) if planning.plan is not None else None
    return PlanWatch(enabled, age_s, plan_is_late(draft), planning.taken, planning.refused, planning.refusal)
