"""The running job: one step at a time as in a swap; where its battery is follows from the sensors alone."""

from __future__ import annotations

from swapstation.model.device import RobotState
from swapstation.model.job import Job, JobResult
from swapstation.model.journal import JobClosed, JobStepped, Outcome
from swapstation.model.snapshot import StationState
from swapstation.station.draft import Draft
from swapstation.station.job_places import whereabouts
from swapstation.station.job_steps import EVERY_CONDITION, ORDERS
from swapstation.station.mode_requests import hold_after_step
from swapstation.station.modes import Trigger, transition
from swapstation.station.order_tracking import resolve
from swapstation.station.recipe import Step
from swapstation.station.sequence import end_orders, late, order_step, overdue
from swapstation.station.situation import OrderPhase
from swapstation.station.storing import redirected

SUSPENDED = "swap_suspended"
"""Reason of the hold after a job that suspended a swap: its batteries are taken from the sensors anew, by a person."""


def run_job(draft: Draft) -> None:
    """Record where the battery is and advance the open job by at most one step."""
    job = draft.job
    if job is None or draft.memory.state is not StationState.EXECUTE or draft.snapshot.journal_pending:
        return
    if records := redirected(draft, job):
        draft.record(*records)
        return
    fact = whereabouts(draft.now, job)
    if fact is not None:
        draft.record(fact)
    step = draft.recipe.step(job.step)
    if draft.memory.step != step.name:
        draft.remember(step=step.name, step_since_s=draft.now_s, step_fault=None, software_s=0.0)
    missing = EVERY_CONDITION[step.done](draft.now)
    draft.remember(waiting_for=missing)
    if not missing:
        _leave(draft, job, step)
    elif step.command:
        _order(draft, job, step, step.command)
    if missing and late(draft, step):
        overdue(draft, step, missing)


def _leave(draft: Draft, job: Job, step: Step) -> None:
    end_orders(draft, step)
    seconds = round(draft.now_s - draft.memory.step_since_s, 2)
    following = draft.recipe.after(step.name)
    if following is not None:
        draft.record(JobStepped(job.job, step.name, following.name, seconds))
        hold_after_step(draft)
    else:
        draft.record(JobClosed(job.job, JobResult.COMPLETED, "", open_seconds(draft, job)))
        after_job(draft, Trigger.COMPLETE)


def after_job(draft: Draft, idle: Trigger) -> None:
    """Nothing is left of a job; a swap that it suspended stays held until a person lets it go on."""
    trigger, reasons = (Trigger.HOLD, (SUSPENDED,)) if draft.swap is not None else (idle, ())
    state = transition(draft.memory.state, trigger)
    draft.remember(state=state, step="", step_fault=None, waiting_for=(), hold_reasons=reasons)


def _order(draft: Draft, job: Job, step: Step, command: str) -> None:
    wanted = ORDERS[command](draft.now, job)
    if not wanted:
        return
    robot, order = draft.snapshot.robot.good, draft.memory.robot_order
    idle = robot is not None and robot.state is RobotState.IDLE
    if order is not None and order.phase is OrderPhase.SENT and order.command != wanted[0] and idle:
        resolve(draft, "robot_order", Outcome.DROPPED)  # the robot has forgotten it: order what is left of the work
    order_step(draft, step, wanted[0])


def open_seconds(draft: Draft, job: Job) -> float:
    """How long a job has been open, by the labels in the database; for people only."""
    return round((draft.snapshot.at - job.opened_at).total_seconds(), 2) if job.opened_at else 0.0
