"""The charging plan: what it does with each battery and why, its forecast, and what can still be promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from swapstation.model.charge_plan import ChargePlan, PlanWatch
from swapstation.model.fleet_view import FreeBatteries
from swapstation.server.availability import free_batteries, plan_of
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(tags=["charging plan"])


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan that counts now, None while the station charges on arrival, and what is known of the planner."""

    plan: ChargePlan | None
    watch: PlanWatch


@router.get("/plan", responses=declared())
async def read_plan(here: Here) -> PlanView:
    """What is planned for each battery with its reasons, and the course of the site's power, limit and price."""
    return PlanView(plan_of(here), here.snapshot.plan_watch)


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
    return await free_batteries(here, model, soc)
