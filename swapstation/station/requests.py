"""Requests: what people, dispatchers and tools ask of the station. One handler per kind; it acts or says why not.

Changes of the stock record move nothing and are judged by swapstation/inventory/changes.py instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from swapstation.errors import InputError
from swapstation.model import journal
from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm, TakeAlarmOutOfService
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.concern_request import TellConcern, WordOfServer
from swapstation.model.device import LockState
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.identity import check_vin
from swapstation.model.inventory import Cause, Swap, SwapResult, truck_places
from swapstation.model.job import JobKind
from swapstation.model.journal import (
    RequestAnswered,
    StartUpConfirmed,
    SwapClosed,
    SwapOpened,
)
from swapstation.model.mode import Mode
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import (
    AbandonJob,
    AbandonSwap,
    Accepted,
    CancelBooking,
    ChangeBooking,
    ChangeMode,
    ConfirmStartUp,
    CreateBooking,
    DivertSwap,
    HoldStation,
    Request,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.snapshot import ActionState, StationState
from swapstation.model.uplink_request import TellUplink
from swapstation.model.yard_request import AdmitTruck
from swapstation.station import (
    alarm_requests,
    booking_requests,
    bypass_requests,
    dispatch_requests,
    energy_requests,
    fire_requests,
    gate,
    job_requests,
    mode_requests,
)
from swapstation.station.aborting import caught_up, divert_reasons, diverted, way_out
from swapstation.station.alarms import blocking_alarms, standing_alarms
from swapstation.station.booking_requests import LOWEST_HANDOUT_SOC_PCT
from swapstation.station.bypass import BYPASSABLE
from swapstation.station.compatibility import mismatches, truck_model_of
from swapstation.station.concerns import tell_concern
from swapstation.station.draft import Draft
from swapstation.station.modes import Trigger, transition
from swapstation.station.open_orders import end_left_over
from swapstation.station.operating_mode import JOBS_OF_EVERY_DAY, Work, forbidding_mode, work_of
from swapstation.station.order_tracking import SLOTS, resolve
from swapstation.station.outcome import Outcome, Reasons, refused
from swapstation.station.planning import submit_plan
from swapstation.station.positions import set_is_even
from swapstation.station.promise_watch import booking_of, breaks_promises
from swapstation.station.selection import empty_transit, isolation_free, ready_set
from swapstation.station.sequence import open_seconds
from swapstation.station.stock_requests import STOCK_HANDLERS
from swapstation.station.swap_closing import CLOSING_HANDLERS
from swapstation.station.swap_permit import permit_reasons
from swapstation.station.uplinks import tell_uplink

MOST_HOLD_REASONS = 8


def run_requests(draft: Draft, requests: tuple[Request, ...]) -> None:
    """Answer every request; the answer leaves when it is durable together with what it changed.

    A plan, word of the server and the renewal of a dispatch record change nothing that lasts: they are answered at once
    and not written down.
    """
    for request in requests:
        answer, records = HANDLERS[type(request.payload)](draft, request, request.payload)
        renewed = isinstance(request.payload, PutDispatch) and isinstance(answer, Accepted) and not records
        if not (renewed or isinstance(request.payload, SubmitPlan | WordOfServer)):
            records = (*records, RequestAnswered(request, answer))
        draft.answer(request, answer, records)


_LEFT_TO_THE_HOLD = ("BAY_MISMATCH", "SWAP_OFF_COURSE", "LOCK_NOT_OPEN", "LOCK_NOT_CLOSED")
"""Alarms that the survey says in its own words, or that people deal with in the held swap that a confirmation leads to:
its ways out want a hold. A resume they forbid all the same."""


def confirm_reasons(draft: Draft) -> Reasons:
    """Why a person cannot confirm the start-up now."""
    survey, state = draft.snapshot.survey, draft.memory.state
    checks = {
        "already_confirmed": state is StationState.ABORTED,
        "survey_incomplete": survey.complete,
        "survey_contradicts": survey.agrees,
    }
    standing = tuple(code for code in standing_alarms(draft) if code not in _LEFT_TO_THE_HOLD)
    return (*(reason for reason, met in checks.items() if not met), *standing)


def resume_reasons(draft: Draft) -> Reasons:
    """Why the station cannot go on now."""
    held = draft.memory.state is StationState.HELD
    return (*(() if held else ("not_held",)), *_mode_of_work(draft), *standing_alarms(draft))


def _mode_of_work(draft: Draft) -> Reasons:
    if draft.job is not None:
        return forbidding_mode(draft.mode, work_of(draft.job.kind))
    return forbidding_mode(draft.mode, Work.SWAP) if draft.swap is not None else ()


def swap_reasons(draft: Draft) -> Reasons:
    """Why no swap can begin now, whichever truck stands in the lane."""
    truck = draft.snapshot.truck.good
    checks = {
        "not_idle": draft.memory.state is StationState.IDLE and draft.work is None,
        "truck_link": truck is not None and truck.vin is not None,
        "truck_locked": truck is None or all(each.lock is LockState.LOCKED for each in truck.positions),
        "isolation_free": isolation_free(draft.now),
    }
    unmet = (reason for reason, met in checks.items() if not met)
    return (*unmet, *forbidding_mode(draft.mode, Work.SWAP), *blocking_alarms(draft))


def abandon_reasons(draft: Draft) -> Reasons:
    """Why the open swap cannot be abandoned: only while its old battery is still recorded and locked on the truck."""
    swap, truck = draft.swap, draft.snapshot.truck.good
    if swap is None:
        return ("no_swap",)
    stock, robot = draft.snapshot.inventory, draft.snapshot.robot.good
    locked = all(each.lock is LockState.LOCKED for each in truck.positions) if truck is not None else True
    checks = {
        "not_held": draft.memory.state is StationState.HELD,
        "job_open": draft.job is None,
        "truck_has_battery": all(stock.at(place) for place in truck_places(swap.vin, draft.now.positions)),
        "battery_set_even": set_is_even(draft.now, swap),
        "truck_locked": truck is None or truck.vin != swap.vin or locked,
        "robot_empty": robot is not None and not robot.payload and not robot.gripped,
    }
    return tuple(reason for reason, met in checks.items() if not met)


def _confirm(draft: Draft, request: Request, _: ConfirmStartUp) -> Outcome:
    reasons = confirm_reasons(draft)
    if reasons:
        return refused(request, reasons)
    trigger = Trigger.CONFIRM_INTO_HOLD if draft.work is not None else Trigger.CONFIRM
    waits = ("start_up",) if draft.work is not None else ()
    draft.remember(confirmed=True, state=transition(draft.memory.state, trigger), hold_reasons=waits)
    return Accepted(request.key), (StartUpConfirmed(draft.snapshot.boot, request.person), *end_left_over(draft))


def _hold(draft: Draft, request: Request, payload: HoldStation) -> Outcome:
    state = transition(draft.memory.state, Trigger.HOLD)
    reason = payload.reason or "operator"
    reasons = tuple(dict.fromkeys((*draft.memory.hold_reasons, reason)))
    draft.remember(state=state, hold_reasons=reasons[-MOST_HOLD_REASONS:])
    return Accepted(request.key, {"state": state.value}), ()


def _resume(draft: Draft, request: Request, _: ResumeStation) -> Outcome:
    reasons = resume_reasons(draft)
    if reasons:
        return refused(request, reasons)
    state = transition(draft.memory.state, Trigger.RESUME)
    draft.remember(state=state, state_since_s=draft.now_s, hold_reasons=(), step_fault=None)
    return Accepted(request.key, {"state": state.value}), ()


def _swap(draft: Draft, request: Request, payload: RequestSwap) -> Outcome:
    try:
        check_vin(payload.vin)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    reasons = swap_reasons(draft)
    truck, inventory = draft.snapshot.truck.good, draft.snapshot.inventory
    if truck is not None and truck.vin != payload.vin:
        reasons = (*reasons, "vin_matches")
    model = truck_model_of(draft.rules.config, inventory, payload.vin)
    reasons = (*reasons, *mismatches(draft.rules.config, inventory, payload.vin), *permit_reasons(draft, payload))
    if model and draft.rules.recipe_of(draft.rules.config.recipe_of(model)).transit and not empty_transit(draft.now):
        reasons = (*reasons, "transit_free")
    own, accept_pct = booking_of(draft, payload.vin), payload.accept_soc_pct
    if accept_pct is not None and not LOWEST_HANDOUT_SOC_PCT <= accept_pct <= 100.0:
        allowed = f"{LOWEST_HANDOUT_SOC_PCT:g} to 100"
        return refused(request, ("bad_input",), str(InputError("accept_soc_pct", accept_pct, allowed)))
    if accept_pct is None and own is not None:
        accept_pct = own.soc_pct
    chosen = model is not None and payload.battery is not None
    if model and chosen and not ready_set(draft.now, model, payload.vin, payload.battery, accept_pct):
        reasons = (*reasons, "wanted_battery_ready")
    if model and breaks_promises(draft, payload.vin, model, payload.battery, accept_pct):
        reasons = (*reasons, "kept_for_promises")
    recipe = draft.rules.recipe_of(draft.rules.config.recipe_of(model)) if model else draft.rules.recipe
    if model and len(model.positions) > 1 and not recipe.exchanges_several:
        reasons = (*reasons, "recipe_exchanges_one")
    if reasons or model is None:
        return refused(request, reasons)
    swap = Swap(
        swap=f"S{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}",
        vin=payload.vin,
        truck_model=model.name,
        recipe=recipe.name,
        recipe_hash=recipe.hash,
        step=recipe.steps[0].name,
        booking=payload.booking or (own.hold if own is not None else None),
        person=request.person,
        opened_at=draft.snapshot.at,
        wanted_battery=payload.battery,
        accept_soc_pct=accept_pct,
    )
    draft.remember(state=transition(draft.memory.state, Trigger.START), step="", begun=swap.swap)
    return Accepted(request.key, {"swap": swap.swap}), (SwapOpened(swap, ()),)


def _abandon(draft: Draft, request: Request, payload: AbandonSwap) -> Outcome:
    reasons, swap = abandon_reasons(draft), draft.swap
    if swap is not None and swap.swap != payload.swap:
        reasons = ("swap_not_open",)
    if reasons or swap is None:
        return refused(request, reasons)
    state = transition(draft.memory.state, Trigger.GO_IDLE)
    for slot in SLOTS:
        resolve(draft, slot, journal.Outcome.DROPPED)
    draft.remember(state=state, step="", step_fault=None, hold_reasons=(), waiting_for=())
    return Accepted(request.key), (SwapClosed(swap.swap, SwapResult.FAILED, payload.reason, open_seconds(draft, swap)),)


def _divert(draft: Draft, request: Request, payload: DivertSwap) -> Outcome:
    reasons, swap, way = divert_reasons(draft, payload.cause), draft.swap, way_out(draft, payload.cause)
    if swap is not None and swap.swap != payload.swap:
        reasons = ("swap_not_open",)
    if reasons or swap is None or way is None:
        return refused(request, reasons)
    record = diverted(draft, swap, way, payload.cause, request.person, payload.reason)
    for slot in SLOTS:
        resolve(draft, slot, journal.Outcome.DROPPED)
    draft.remember(step="", step_fault=None, waiting_for=())
    return Accepted(request.key, {"way": way.name, "step": record.after}), (*caught_up(draft, swap), record)


HANDLERS: Mapping[type[Any], Callable[[Draft, Request, Any], Outcome]] = {
    ConfirmStartUp: _confirm,
    HoldStation: _hold,
    ResumeStation: _resume,
    ChangeMode: mode_requests.change_mode,
    SetBypass: bypass_requests.set_bypass,
    EndBypass: bypass_requests.end_bypass,
    StartJob: job_requests.start_job,
    AbandonJob: job_requests.abandon_job,
    RequestSwap: _swap,
    AdmitTruck: gate.admit,
    AbandonSwap: _abandon,
    DivertSwap: _divert,
    CreateBooking: booking_requests.book,
    ChangeBooking: booking_requests.change,
    CancelBooking: booking_requests.cancel,
    AcknowledgeAlarm: alarm_requests.acknowledge,
    ShelveAlarm: alarm_requests.shelve,
    TakeAlarmOutOfService: alarm_requests.take_out_of_service,
    ShowAlarm: alarm_requests.show,
    **STOCK_HANDLERS,
    **CLOSING_HANDLERS,
    ConfirmFire: fire_requests.confirm,
    ReleaseFire: fire_requests.release,
    StartFireDrill: fire_requests.start_drill,
    EndFireDrill: fire_requests.end_drill,
    PutDispatch: dispatch_requests.put_dispatch,
    EndDispatch: dispatch_requests.end_dispatch,
    SubmitPlan: submit_plan,
    TellUplink: tell_uplink,
    TellConcern: tell_concern,
    CloseEnergyCase: energy_requests.close_case,
}


def action_states(draft: Draft) -> tuple[ActionState, ...]:
    """Which actions people may take now, and why not; the console decides nothing itself."""
    reasons: dict[str, Reasons] = {
        "hold": (),
        "confirm_start_up": confirm_reasons(draft),
        "resume": resume_reasons(draft),
        "swap": swap_reasons(draft),
        "abandon_swap": abandon_reasons(draft),
        **{f"change_mode_{mode}": mode_requests.mode_reasons(draft, mode) for mode in Mode},
        **{f"set_bypass_{name}": bypass_requests.set_reasons(draft, name) for name in BYPASSABLE},
        "end_bypass": bypass_requests.end_reasons(draft),
        **{f"start_job_{kind}": job_requests.job_reasons(draft, kind) for kind in JOBS_OF_EVERY_DAY},
        "single_move": job_requests.job_reasons(draft, JobKind.PARK),
        "confirm_fire": (),
        "release_fire": fire_requests.release_reasons(draft),
        "start_fire_drill": fire_requests.drill_reasons(draft),
        "end_fire_drill": fire_requests.end_drill_reasons(draft),
        "abandon_job": job_requests.abandon_job_reasons(draft),
        **{f"divert_swap_{cause}": divert_reasons(draft, cause) for cause in Cause},
    }
    return tuple(ActionState(action, not why, why) for action, why in reasons.items())
