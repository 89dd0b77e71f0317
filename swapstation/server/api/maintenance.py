"""Maintenance: the register with its counters, what is due, how reliable devices are, spare parts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import spare_parts, work_orders
from swapstation.business.upkeep import DeviceCard, device_cards, due_at
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.model.maintenance import Due, DueState, PartMovement, Reliability, Stock
from swapstation.reports.outages import device_reliability
from swapstation.server.context import Here, Who
from swapstation.server.problems import declared

router = APIRouter(prefix="/maintenance", tags=["maintenance"])

PartName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$", examples=["hoist-rope-16mm"])]


class NewMovement(BaseModel):
    """So many came (more than 0) or went (less); `work_order`: what they went into."""

    model_config = ConfigDict(extra="forbid")
    change: Annotated[int, Field(ge=-spare_parts.MOST, le=spare_parts.MOST, examples=[-2])]
    note: Annotated[str, Field(max_length=200, examples=["both ropes of the hoist"])] = ""
    work_order: Annotated[int | None, Field(ge=1, le=10**9, examples=[12])] = None


@router.get("/devices", responses=declared())
async def list_devices(here: Here) -> tuple[DeviceCard, ...]:
    """The register: every device with its maker's data and what was counted of it (docs/maintenance.md)."""
    return await here.business.read(partial(device_cards, plan=here.upkeep.plan, config=here.config))


@router.get("/due", responses=declared())
async def list_due(
    here: Here, fine: Annotated[bool, Query(description="Also what is not due for long.")] = False
) -> tuple[Due, ...]:
    """Tasks, calibrations and budgets of wear, the most urgent first: when each is due or forecast to be used up."""
    asked = partial(due_at, plan=here.upkeep.plan, at=datetime.now(UTC), zone=LOCAL_ZONE)
    found = await here.business.read(asked)
    return tuple(each for each in found if fine or each.state is not DueState.FINE)


@router.get("/reliability", responses=declared())
async def list_reliability(
    here: Here, days: Annotated[int, Query(ge=1, le=3660, description="The span, up to now.")] = 365
) -> tuple[Reliability, ...]:
    """Availability, mean up time and mean time to restoration of every device (IEC 61703), mean repair (ISO 14224)."""
    last = datetime.now(UTC)
    first = last - timedelta(days=days)
    periods = await asyncio.to_thread(here.history.alarm_periods, first, last)
    known_from = await asyncio.to_thread(here.history.first_event_at)
    orders = await here.business.read(work_orders.list_orders)
    return device_reliability(here.upkeep.plan.devices, periods, orders, (first, last), known_from)


@router.get("/parts", responses=declared())
async def list_parts(here: Here) -> list[Stock]:
    """Spare parts of the plan, how many there are and how many there ought to be at least."""
    return await here.business.read(partial(spare_parts.stocks, parts=here.upkeep.plan.parts))


@router.get("/parts/{part}/movements", responses=declared())
async def list_movements(
    here: Here,
    part: PartName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> list[PartMovement]:
    """What came and went of a part, newest first."""
    return await here.business.read(partial(spare_parts.movements, part=part, limit=limit, before=before))


@router.post("/parts/{part}/movements", status_code=HTTPStatus.CREATED, responses=declared())
async def move_parts(here: Here, who: Who, part: PartName, moved: NewMovement) -> Stock:
    """Write down that parts came or were used; the stock afterwards."""
    movement = PartMovement(0, part, datetime.now(UTC), moved.change, who.person, moved.note, moved.work_order)
    entry = who.entry("parts_moved", part, {"change": moved.change, "work_order": moved.work_order})
    work = partial(spare_parts.move, parts=here.upkeep.plan.parts, movement=movement)
    return await here.business.write(work, entry)
