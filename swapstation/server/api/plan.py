"""The charging plan: what it does with each battery and why, its forecast, and what can still be promised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from swapstation.energy.without_plan import free_without_plan
from swapstation.errors import InputError
from swapstation.model.charge_plan import Availability, ChargePlan, PlanWatch
from swapstation.server.context import Context, Here
from swapstation.server.problems import declared

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


class Basis(StrEnum):
    """What the figures rest on: the plan that counts, or what is ready now and charging on arrival, carefully."""

    PLAN = "plan"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class FreeBatteries(Availability):
    """How many batteries of a model can still be promised to a truck at `at` that needs `soc_pct` or more, and why."""

    rests_on: Basis


@router.get("/availability", responses=declared())
async def read_availability(
    here: Here,
    model: Annotated[str, Query(min_length=1, max_length=60, examples=["LFP-282"])],
    soc: Annotated[float | None, Query(ge=0, le=100, description="Least charge, %; without it a ready one.")] = None,
) -> tuple[FreeBatteries, ...]:
    """How many batteries can still be promised to a truck that comes at each of these times.

    By the plan's table, and without one by a careful estimate of charging on arrival; each row says which. Neither is a
    promise: a booking is judged anew.
    """
    models = [known.name for known in here.config.battery_models]
    if model not in models:
        raise InputError("model", model, f"one of {', '.join(models)}")
    least_pct = here.config.limits.ready_soc_pct if soc is None else soc
    plan, basis = _plan(here), Basis.PLAN
    rows = () if plan is None else plan.available(model, least_pct)
    if not rows:
        basis = Basis.ESTIMATE
        rows = await run_in_threadpool(free_without_plan, here.snapshot, here.config, model, least_pct)
    return tuple(FreeBatteries(row.model, row.at, row.soc_pct, row.free, basis) for row in rows)
