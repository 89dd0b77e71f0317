"""What each mode for people allows, and the ways between the modes. Own design; PackML states stay inside.

自动: swaps and charging by themselves. 单动: as 自动, but a swap or job is held after every step, and single moves are
allowed. 检修: jobs and single moves only; charges that run go on, none begins. 消防: nothing moves, nothing charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.station.situation import Situation


class Work(StrEnum):
    """What the station does that a mode may forbid."""

    SWAP = "swap"
    JOB = "job"
    SINGLE_MOVE = "single_move"
    CHARGE = "charge"
    TRANSFER = "transfer"
    BYPASS = "bypass"


ALLOWED: Mapping[Mode, frozenset[Work]] = {
    Mode.AUTOMATIC: frozenset({Work.SWAP, Work.JOB, Work.CHARGE, Work.TRANSFER}),
    Mode.SINGLE_STEP: frozenset({Work.SWAP, Work.JOB, Work.SINGLE_MOVE, Work.CHARGE, Work.BYPASS}),
    Mode.MAINTENANCE: frozenset({Work.JOB, Work.SINGLE_MOVE, Work.BYPASS}),
    Mode.FIRE: frozenset(),
}
JOBS_OF_EVERY_DAY = (JobKind.MOVE, JobKind.STORE, JobKind.HOME, JobKind.STOCK_CHECK)
"""Jobs that need no technician; every other kind but the automatic transfer is a single move."""


def work_of(kind: JobKind) -> Work:
    if kind is JobKind.ISOLATE:
        return Work.TRANSFER
    return Work.JOB if kind in JOBS_OF_EVERY_DAY else Work.SINGLE_MOVE


def forbidding_mode(mode: Mode, work: Work) -> tuple[str, ...]:
    """The reason code of a mode that forbids a work; none where it is allowed."""
    return () if work in ALLOWED[mode] else (f"mode_{mode}",)


def mode_permits_work(now: Situation) -> bool:
    """Whether the mode allows what is open: swap, job or, with neither, that the robot goes on at all."""
    inventory = now.snapshot.inventory
    allowed = ALLOWED[inventory.mode.mode]
    if inventory.job is not None:
        return work_of(inventory.job.kind) in allowed
    return Work.SWAP in allowed if inventory.swap is not None else bool(allowed)
