"""Staggering advice for a mine's dispatch: at which of its passes each truck had best come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.config.settings import BatteryModel
from swapstation.energy.stagger import Capacity, Wish, staggered
from swapstation.model.snapshot import Snapshot
from swapstation.server.context import Here
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["fleet"])

USUAL_SWAP_S = 300.0
USUAL_RETURN_PCT = 25.0
"""SOC of a returned battery where nobody knows better."""
USUAL_POWER_KW = 200.0


class Passing(BaseModel):
    """A truck and the times at which it can come, in any order."""

    model_config = ConfigDict(extra="forbid")
    truck: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
    passes: Annotated[list[AwareDatetime], Field(min_length=1, max_length=50)]


class Staggering(BaseModel):
    """The trucks that need a battery of one model, and how long each may wait."""

    model_config = ConfigDict(extra="forbid")
    model: Annotated[str, Field(min_length=1, max_length=60)]
    trucks: Annotated[list[Passing], Field(min_length=1, max_length=500)]
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
    snapshot = here.snapshot
    model = next((each for each in here.config.battery_models if each.name == asked.model), None)
    if model is None:
        listed = ", ".join(each.name for each in here.config.battery_models)
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_input", f"model = {asked.model!r}: {listed}")
    if len({each.truck for each in asked.trucks}) != len(asked.trucks):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_input", "trucks: each once")
    wishes = [
        Wish(each.truck, tuple(sorted(max((at - snapshot.at).total_seconds(), 0.0) for at in each.passes)))
        for each in asked.trucks
    ]
    ready_pct = here.config.limits.ready_soc_pct
    capacity = _capacity(snapshot, model, ready_pct)
    told = staggered(wishes, capacity, asked.most_wait_min * 60.0)
    return [
        Arrival(each.truck, snapshot.at + timedelta(seconds=each.comes_s), round(each.waits_s / 60.0, 1))
        for each in told
    ]


def _capacity(snapshot: Snapshot, model: BatteryModel, ready_pct: float) -> Capacity:
    """When each battery of the model that nobody holds is ready: by the plan, else by usual power."""
    stock, planned, ready_s = snapshot.inventory, snapshot.plan, []
    for bay in snapshot.bays:
        battery = stock.battery(bay.battery) if bay.battery and bay.charges else None
        if battery is None or battery.model != model.name or not battery.sound or bay.soc_pct is None:
            continue
        if stock.held(battery=battery.battery) is not None:
            continue
        part = planned.bay(bay.number, battery.battery) if planned is not None else None
        missing_s = _charge_s(model, bay.soc_pct, ready_pct)
        if part is not None and part.ready_at is not None and missing_s > 0.0:
            missing_s = max((part.ready_at - snapshot.at).total_seconds(), 0.0)
        ready_s.append(missing_s)
    promised = sum(hold.battery is None and hold.model == model.name for hold in stock.holds)
    free = tuple(sorted(ready_s)[promised:])
    lane_s = USUAL_SWAP_S if stock.swap is not None else 0.0
    return Capacity(USUAL_SWAP_S, free, _charge_s(model, USUAL_RETURN_PCT, ready_pct), lane_s)


def _charge_s(model: BatteryModel, soc_pct: float, ready_pct: float) -> float:
    return max(ready_pct - soc_pct, 0.0) / 100.0 * model.energy_kwh / USUAL_POWER_KW * 3600.0
