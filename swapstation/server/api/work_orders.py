"""Work orders: opened by hand, from an alarm or for a due task; begun, done or cancelled, each with its time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import upkeep, work_orders
from swapstation.maintenance.asking import wanted_work
from swapstation.model.maintenance import WorkKind, WorkOrder, WorkState, WorkStep
from swapstation.server.actor import Actor
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/maintenance/orders", tags=["maintenance"])

Number = Annotated[int, Path(ge=1, le=10**9)]
Words = Annotated[str, Field(max_length=2000, examples=["rope replaced, hoist tried with 3.2 t"])]


class NewOrder(BaseModel):
    """What is to be done. `alarm` (code@source) tells the device too; `subject` is a task or budget of the plan."""

    model_config = ConfigDict(extra="forbid")
    device: Annotated[str, Field(max_length=60, examples=["robot"])] = ""
    text: Annotated[str, Field(max_length=2000, examples=["the hoist rope has broken wires"])] = ""
    subject: Annotated[str, Field(max_length=40, examples=["hoist-rope"])] = ""
    alarm: Annotated[str, Field(max_length=120, examples=["DEVICE_NEEDS_SERVICE@robot:W7"])] = ""
    kind: WorkKind | None = None


class Said(BaseModel):
    """What was found or done, or why it is given up."""

    model_config = ConfigDict(extra="forbid")
    text: Words = ""


@router.get("", responses=declared())
async def list_work_orders(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
    only_open: Annotated[bool, Query(alias="open")] = False,
) -> list[WorkOrder]:
    """Work orders, newest first; all, or those that are neither done nor cancelled."""
    return await here.business.read(partial(work_orders.list_orders, limit=limit, before=before, only_open=only_open))


@router.get("/{number}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_work_order(here: Here, number: Number) -> WorkOrder:
    """One work order with its steps."""
    found = await here.business.read(partial(work_orders.find, number=number))
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_work_order", str(number))
    return found


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def open_work_order(here: Here, who: Who, asked: NewOrder) -> WorkOrder:
    """Open a work order; one stands for the same task or alarm at a time."""
    wanted = wanted_work(here.upkeep.plan, asked.device, asked.text, asked.subject, asked.alarm, asked.kind)
    entry = who.entry("work_order_opened", wanted.device, {"subject": wanted.subject, "alarm": wanted.alarm})
    work = partial(work_orders.open_order, wanted=wanted, person=who.person, at=datetime.now(UTC))
    return await here.business.write(work, entry)


@router.post("/{number}/begin", responses=declared())
async def begin_work_order(here: Here, who: Who, number: Number, said: Said) -> WorkOrder:
    """The work begins now."""
    return await _step(here, who, number, WorkState.BEGUN, said.text)


@router.post("/{number}/finish", responses=declared())
async def finish_work_order(here: Here, who: Who, number: Number, said: Said) -> WorkOrder:
    """The work is done: its task begins anew, its budget is new, from the counters of this moment on."""
    entry = who.entry("work_order_done", str(number))
    at = datetime.now(UTC)
    work = partial(upkeep.finish, plan=here.upkeep.plan, number=number, person=who.person, at=at, text=said.text)
    return await here.business.write(work, entry)


@router.post("/{number}/cancel", responses=declared())
async def cancel_work_order(here: Here, who: Who, number: Number, said: Said) -> WorkOrder:
    """The work will not be done."""
    return await _step(here, who, number, WorkState.CANCELLED, said.text)


async def _step(here: Context, who: Actor, number: int, state: WorkState, text: str) -> WorkOrder:
    step = WorkStep(state, who.person, datetime.now(UTC), text)
    entry = who.entry(f"work_order_{state}", str(number))
    return await here.business.write(partial(work_orders.add_step, number=number, step=step), entry)
