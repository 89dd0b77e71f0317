"""Changing the mode for people: toward safety at any time, back to automatic as a deliberate act in a clear zone."""

from __future__ import annotations

from swapstation.errors import InputError
from swapstation.model.journal import ModeChanged
from swapstation.model.mode import Mode
from swapstation.model.request import Accepted, ChangeMode, Request
from swapstation.model.snapshot import StationState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.fire import is_confirmed
from swapstation.station.modes import Trigger, transition
from swapstation.station.operating_mode import Work, work_of
from swapstation.station.outcome import Outcome, Reasons, refused

MOVING = (StationState.EXECUTE, StationState.HOLDING, StationState.UNHOLDING)
HOLD_REASON = "single_step"


def mode_reasons(draft: Draft, target: Mode) -> Reasons:
    """Why the station cannot go into a mode now."""
    mode = draft.mode
    if target is mode:
        return ("mode_already",)
    if target is Mode.FIRE:
        return ()
    if is_confirmed(draft.memory.alarms):
        return ("fire_stands",)
    if mode is Mode.FIRE:
        return _after_fire(draft, target)
    if target is Mode.MAINTENANCE:
        return ("still_moving",) if draft.memory.state in MOVING else ()
    return _into_automatic(draft) if target is Mode.AUTOMATIC else ()


def _after_fire(draft: Draft, target: Mode) -> Reasons:
    """Only into maintenance, once the fire is over and its signal normal: somebody looks before anything moves."""
    if target is not Mode.MAINTENANCE:
        return ("mode_fire",)
    return tuple(reason for reason in CONDITIONS["zone_clear"](draft.now) if reason in ("fire_ok", "robot_link"))


def _into_automatic(draft: Draft) -> Reasons:
    job = draft.snapshot.inventory.job
    by_hand = job is not None and work_of(job.kind) is Work.SINGLE_MOVE
    bypass = draft.memory.bypass is not None or draft.snapshot.inventory.bypass is not None
    reasons = {"job_open": by_hand, "bypass_active": bypass}
    return (*CONDITIONS["zone_clear"](draft.now), *(reason for reason, stands in reasons.items() if stands))


def change_mode(draft: Draft, request: Request, payload: ChangeMode) -> Outcome:
    if not payload.reason.strip():
        return refused(request, ("bad_input",), str(InputError("reason", payload.reason, "a reason in words")))
    reasons = mode_reasons(draft, payload.mode)
    if reasons:
        return refused(request, reasons)
    changed = ModeChanged(draft.mode, payload.mode, request.person, payload.reason)
    return Accepted(request.key, {"mode": payload.mode.value}), (changed,)


def hold_after_step(draft: Draft) -> None:
    """In single-step mode a swap or job goes on only by a resume."""
    if draft.mode is Mode.SINGLE_STEP:
        draft.remember(state=transition(draft.memory.state, Trigger.HOLD), hold_reasons=(HOLD_REASON,))
