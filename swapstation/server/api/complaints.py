"""Complaints and inquiries of drivers and fleets: recorded, assigned, answered, closed (R7)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import complaints
from swapstation.model.complaint import Complaint, ComplaintKind, ComplaintState, ComplaintStep, Told
from swapstation.server.actor import Actor
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/complaints", tags=["complaints"])

Number = Annotated[int, Path(ge=1, le=10**9)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class NewComplaint(BaseModel):
    """Who says what, how they are reached, and the fleet and swap that it is about, if known."""

    model_config = ConfigDict(extra="forbid")
    kind: ComplaintKind
    who: Annotated[str, Field(min_length=1, max_length=60)]
    contact: Annotated[str, Field(max_length=100)] = ""
    text: Text
    fleet: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,40}$")] = ""
    swap: Annotated[str, Field(pattern=r"^[!-~]{0,60}$")] = ""


class Assignment(BaseModel):
    """Who has to answer."""

    model_config = ConfigDict(extra="forbid")
    person: Annotated[str, Field(min_length=1, max_length=60)]


class Answer(BaseModel):
    """The words of an answer."""

    model_config = ConfigDict(extra="forbid")
    text: Text


@router.get("", responses=declared())
async def list_complaints(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
    only_open: Annotated[bool, Query(alias="open")] = False,
) -> list[Complaint]:
    """Complaints, newest first; all, or those that are not closed."""
    query = partial(complaints.list_complaints, limit=limit, before=before, only_open=only_open)
    return await here.business.read(query)


@router.get("/{number}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_complaint(here: Here, number: Number) -> Complaint:
    """One complaint with everything that was done about it."""
    found = await here.business.read(partial(complaints.find, number=number))
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_complaint", str(number))
    return found


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def record_complaint(here: Here, who: Who, told: NewComplaint) -> Complaint:
    """Record what somebody says."""
    said = Told(told.kind, told.who, told.contact, told.text, told.fleet, told.swap)
    first = ComplaintStep(ComplaintState.RECORDED, who.person, datetime.now(UTC))
    entry = who.entry("complaint_recorded", told.kind, {"who": told.who, "swap": told.swap})
    return await here.business.write(partial(complaints.record, told=said, first=first), entry)


@router.post("/{number}/assign", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def assign_complaint(here: Here, who: Who, number: Number, to: Assignment) -> Complaint:
    """Say who has to answer; also to open a closed one again."""
    return await _step(here, who, number, ComplaintState.ASSIGNED, assigned_to=to.person)


@router.post("/{number}/answer", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def answer_complaint(here: Here, who: Who, number: Number, answer: Answer) -> Complaint:
    """Write down what was answered."""
    return await _step(here, who, number, ComplaintState.ANSWERED, text=answer.text)


@router.post("/{number}/close", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def close_complaint(here: Here, who: Who, number: Number) -> Complaint:
    """Close what was answered."""
    return await _step(here, who, number, ComplaintState.CLOSED)


async def _step(
    here: Context, who: Actor, number: int, state: ComplaintState, text: str = "", assigned_to: str = ""
) -> Complaint:
    step = ComplaintStep(state, who.person, datetime.now(UTC), text, assigned_to)
    entry = who.entry(f"complaint_{state}", str(number), {"to": assigned_to} if assigned_to else None)
    return await here.business.write(partial(complaints.add_step, number=number, step=step), entry)
