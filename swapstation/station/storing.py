"""What follows a swap that left its returned battery in the transit place: the job that carries it into a bay."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.inventory import TRANSIT, Swap
from swapstation.model.job import Job, JobKind, JobResult
from swapstation.model.journal import JobClosed, JobOpened
from swapstation.station.draft import Draft
from swapstation.station.job_places import holds_of
from swapstation.station.job_steps import STEPS
from swapstation.station.selection import storage_bay
from swapstation.station.situation import Situation


def storage_place(now: Situation, preferred: int | None = None) -> str | None:
    """The place that the battery of the transit place goes to; None without a battery or a free bay."""
    battery = now.snapshot.inventory.at(TRANSIT)
    bay = storage_bay(now, battery, preferred) if battery else None
    return bay.place if bay else None


def follow_up(draft: Draft, swap: Swap, released: bool) -> JobOpened | None:
    """The job that stores the returned battery, preferably in the bay of the fresh one; it waits for a released truck.

    None where that battery is not in the transit place, or no bay is free: then TRANSIT_OCCUPIED calls people.
    """
    stock, place = draft.snapshot.inventory, storage_place(draft.now, swap.from_bay)
    battery = stock.at(TRANSIT)
    if battery is None or battery.battery != swap.returned or place is None:
        return None
    job = Job(
        job=_name(draft),
        kind=JobKind.STORE,
        step=STEPS[JobKind.STORE][0].name,
        battery=battery.battery,
        origin=TRANSIT,
        destination=place,
        vin=swap.vin if released else None,
        person=swap.person,
        opened_at=draft.snapshot.at,
    )
    return JobOpened(job, holds_of(draft.now, job))


def redirected(draft: Draft, job: Job) -> tuple[JobClosed, JobOpened] | None:
    """The same job toward the isolation place, for a battery that came into doubt before its truck had left."""
    battery, place = draft.snapshot.inventory.at(TRANSIT), storage_place(draft.now)
    waits = job.kind is JobKind.STORE and job.step == STEPS[JobKind.STORE][0].name
    if not waits or battery is None or battery.sound or place in (None, job.destination):
        return None
    other = replace(job, job=_name(draft), destination=place, opened_at=draft.snapshot.at)
    closed = JobClosed(job.job, JobResult.FAILED, "battery in doubt", 0.0)
    return closed, JobOpened(other, holds_of(draft.now, other))


def _name(draft: Draft) -> str:
    return f"J{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}"
