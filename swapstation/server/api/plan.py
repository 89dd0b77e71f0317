"""The charging plan: what it does with each battery and why, its forecast, and what can still be promised."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from swapstation.errors import InputError
from swapstation.model.charge_plan import Availability, ChargePlan, PlanWatch
from swapstation.server.context import Context, Here
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["charging plan"])


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan that counts now, None while the station charges on arrival, and what is known of the planner."""

    plan: ChargePlan | None
    watch: PlanWatch


def _plan(here: Context) -> ChargePlan | None:
    """The plan that is followed, with its forecast as soon as that has come too."""
    followed, whole = here.snapshot.plan, here.link.plan
    return whole if followed is not None and whole is not None and whole.plan == followed.plan else followed


@router.get("/plan", responses=declared())
async def read_plan(here: Here) -> PlanView:
    """What is planned for each battery with its reasons, and the course of the site's power, limit and price."""
    return PlanView(_plan(here), here.snapshot.plan_watch)


@router.get("/availability", responses=declared(HTTPStatus.CONFLICT))
async def read_availability(
    here: Here,
    model: Annotated[str, Query(min_length=1, max_length=60, examples=["LFP-282"])],
    soc: Annotated[float | None, Query(ge=0, le=100, description="Least charge, %; without it a ready one.")] = None,
) -> tuple[Availability, ...]:
    """How many batteries can still be promised to a truck that comes at each of these times. 409 without a plan.

    The table is the plan's and no promise: a booking is judged anew.
    """
    models = [known.name for known in here.config.battery_models]
    if model not in models:
        raise InputError("model", model, f"one of {', '.join(models)}")
    plan = _plan(here)
    if plan is None:
        raise Problem(HTTPStatus.CONFLICT, "no_plan")
    least_pct = here.config.limits.ready_soc_pct if soc is None else soc
    return plan.available(model, least_pct)
