"""Jobs: what the robot did and does beside swaps, asking for one, giving one up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.model.job import Job, JobKind
from swapstation.model.request import AbandonJob, Accepted, StartJob
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern=r"^[!-~]{1,80}$")]
BayNumber = Annotated[int | None, Field(ge=1, le=999)]


class JobOrder(BaseModel):
    """What to do; `bay` and `to_bay` where the kind carries a battery from or to a bay."""

    model_config = ConfigDict(extra="forbid")
    job: JobKind
    bay: BayNumber = None
    to_bay: BayNumber = None


class JobAbandonment(BaseModel):
    """Why the job is given up."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["gripper jammed"])]


@router.get("", responses=declared())
def list_jobs(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[AwareDatetime | None, Query(description="Only jobs opened before this instant.")] = None,
) -> tuple[Job, ...]:
    """Jobs, newest first; `differences` is what a stock check found."""
    return here.history.jobs(limit, before)


@router.get("/{job}", responses=declared(HTTPStatus.NOT_FOUND))
def read_job(here: Here, job: JobId) -> Job:
    """One job by its id."""
    found = here.history.job(job)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_job", job)
    return found


@router.post("", status_code=HTTPStatus.ACCEPTED, responses=declared(HTTPStatus.CONFLICT))
async def start_job(here: Here, by: By, order: JobOrder) -> Accepted:
    """Start a job; single moves only in single-step or maintenance mode. `result.job` is the id of the job."""
    return await ask(here, by, StartJob(order.job, order.bay, order.to_bay))


@router.post("/{job}/abandon", responses=declared(HTTPStatus.CONFLICT))
async def abandon_job(here: Here, by: By, job: JobId, abandonment: JobAbandonment) -> Accepted:
    """End the open, held job as failed; only while the sensors prove where its battery is."""
    return await ask(here, by, AbandonJob(job, abandonment.reason))
