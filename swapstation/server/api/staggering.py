"""Staggering advice for a mine's dispatch: at which of its passes each truck had best come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.energy.stagger import Wish, staggered
from swapstation.energy.station_capacity import capacity_of
from swapstation.errors import InputError
from swapstation.server.context import Here
from swapstation.server.problems import declared

router = APIRouter(tags=["fleet"])
FARTHEST = timedelta(days=7)


class Passing(BaseModel):
    """A truck and the times at which it can come, in any order."""

    model_config = ConfigDict(extra="forbid")
    truck: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
    passes: Annotated[list[AwareDatetime], Field(min_length=1, max_length=24)]


class Staggering(BaseModel):
    """The trucks that need a battery of one model, and how long each may wait."""

    model_config = ConfigDict(extra="forbid")
    model: Annotated[str, Field(min_length=1, max_length=60)]
    trucks: Annotated[list[Passing], Field(min_length=1, max_length=200)]
    most_wait_min: Annotated[float, Field(ge=0.0, le=240.0)] = 5.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a truck had best come, and how long it is expected to wait then (min)."""

    truck: str
    at: datetime
    waits_min: float


@router.post("/staggering", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def advise(here: Here, asked: Staggering) -> list[Arrival]:
    """Advice for trucks that have not booked; it promises nothing and changes nothing."""
    snapshot, names = here.snapshot, [each.truck for each in asked.trucks]
    models = {each.name: each for each in here.config.battery_models}
    if asked.model not in models:
        raise InputError("model", asked.model, f"one of {', '.join(models)}")
    if len(set(names)) != len(names):
        raise InputError("trucks", names, "each truck once")
    now = datetime.now(UTC)
    for index, each in enumerate(asked.trucks):
        if max(each.passes) - now > FARTHEST:
            allowed = f"within {FARTHEST.days} days"
            raise InputError(f"trucks[{index}].passes", max(each.passes).isoformat(), allowed)
    wishes = [
        Wish(each.truck, tuple(sorted(max((at - snapshot.at).total_seconds(), 0.0) for at in each.passes)))
        for each in asked.trucks
    ]
    capacity = capacity_of(snapshot, here.config, models[asked.model])
    told = await run_in_threadpool(staggered, wishes, capacity, asked.most_wait_min * 60.0)
    return [
        Arrival(each.truck, snapshot.at + timedelta(seconds=each.comes_s), round(each.waits_s / 60.0, 1))
        for each in told
    ]
