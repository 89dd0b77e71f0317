"""Bookings: a ready battery held at once, or the promise of one for a truck that comes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from swapstation.errors import InputError
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.identity import check_vin
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.journal import HoldChanged, HoldEnded, HoldPlaced
from swapstation.model.request import Accepted, CancelBooking, ChangeBooking, CreateBooking, Refused, Request
from swapstation.station.compatibility import truck_model_of
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome, refused
from swapstation.station.planning import forecast_in_force
from swapstation.station.promise_watch import (
    booking_of,
    bookings,
    lapses,
    power_left,
    promise_of,
    promised_soc_pct,
    promises,
    spares,
)
from swapstation.station.promises import Promise, Spare, earliest_s, may_add, may_hand_out
from swapstation.station.selection import ready_bays

USUAL_MINUTES, MAX_MINUTES = 60, 1440
MAX_AHEAD = timedelta(hours=24)
IN_VAIN = "waited in vain"
"""Why the promise to a truck ended that left after its time."""
LOWEST_HANDOUT_SOC_PCT = 20.0
"""No consent of a driver lets a battery out below this: the truck would not reach the next station."""


def book(draft: Draft, request: Request, payload: CreateBooking) -> Outcome:
    """Hold a ready battery for a truck, or promise it one for when it comes."""
    try:
        _check_booking(draft, payload)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    placed = [record.hold for batch in draft.batches for record in batch.records if isinstance(record, HoldPlaced)]
    if booking_of(draft, payload.vin) is not None or any(hold.vin == payload.vin for hold in placed):
        return refused(request, ("already_booked",), payload.vin)
    truck_model = truck_model_of(draft.rules.config, draft.snapshot.inventory, payload.vin)
    if truck_model is not None and len(truck_model.positions) > 1:
        return refused(request, ("booking_of_one_battery",), truck_model.name)
    if payload.arrives_at is not None:
        return _promise(draft, request, payload, payload.arrives_at, placed)
    return _hold_now(draft, request, payload, placed)


def _check_booking(draft: Draft, payload: CreateBooking) -> None:
    models = [model.name for model in draft.rules.config.battery_models]
    check_vin(payload.vin)
    if payload.model not in models:
        raise InputError("model", payload.model, f"one of {', '.join(models)}")
    if payload.minutes is not None and not 1 <= payload.minutes <= MAX_MINUTES:
        raise InputError("minutes", payload.minutes, f"1 to {MAX_MINUTES}")
    _check_need(draft, payload.arrives_at, payload.soc_pct, payload.return_soc_pct)


def _check_need(draft: Draft, arrives_at: datetime | None, soc_pct: float | None, return_soc_pct: float | None) -> None:
    """When and with how much charge; times of the past and of another day cannot be promised."""
    if return_soc_pct is not None and not 0.0 <= return_soc_pct <= 100.0:
        raise InputError("return_soc_pct", return_soc_pct, "0 to 100")
    target_pct, at = draft.rules.config.limits.charge_target_soc_pct, draft.snapshot.at
    if soc_pct is not None and not LOWEST_HANDOUT_SOC_PCT <= soc_pct <= target_pct:
        raise InputError("soc_pct", soc_pct, f"{LOWEST_HANDOUT_SOC_PCT:g} to {target_pct:g}")
    if arrives_at is None:
        return
    if arrives_at.tzinfo is None:
        raise InputError("arrives_at", arrives_at.isoformat(), "a time with its time zone")
    if not at <= arrives_at <= at + MAX_AHEAD:
        allowed = f"{at:%Y-%m-%dT%H:%M:%SZ} to {at + MAX_AHEAD:%Y-%m-%dT%H:%M:%SZ}"
        raise InputError("arrives_at", arrives_at.isoformat(), allowed)


def _new(draft: Draft, request: Request, payload: CreateBooking, minutes: int) -> Hold:
    return Hold(
        hold=f"B{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}-{len(draft.batches)}",
        kind=HoldKind.BOOKING,
        vin=payload.vin,
        model=payload.model,
        person=request.person,
        created_at=draft.snapshot.at,
        expires_at=draft.snapshot.at + timedelta(minutes=minutes),
        soc_pct=payload.soc_pct,
        return_soc_pct=payload.return_soc_pct,
    )


def _hold_now(draft: Draft, request: Request, payload: CreateBooking, placed: list[Hold]) -> Outcome:
    taken, least_pct = {hold.battery for hold in placed}, payload.soc_pct or 0.0
    ready = [bay.number for bay in ready_bays(draft.now, payload.model, least_soc_pct=payload.soc_pct)]
    stock = {spare.bay: spare for spare in spares(draft) if spare.battery not in taken and spare.soc_pct >= least_pct}
    chosen = next((stock[bay] for bay in ready if bay in stock), None)
    if chosen is None:
        return refused(request, ("battery_ready",), payload.model)
    if not may_hand_out([chosen], [*promises(draft), *_placed(draft, placed)], spares(draft), power_left(draft)):
        return refused(request, ("kept_for_promises",), payload.model)
    hold = replace(_new(draft, request, payload, payload.minutes or USUAL_MINUTES), battery=chosen.battery)
    return Accepted(request.key, {"booking": hold.hold, "battery": hold.battery or ""}), (HoldPlaced(hold),)


def _promise(
    draft: Draft, request: Request, payload: CreateBooking, arrives_at: datetime, placed: list[Hold]
) -> Outcome:
    late_minutes = payload.minutes or draft.rules.config.bookings.late_minutes
    needed_at = arrives_at.astimezone(UTC)
    lapses_at = needed_at + timedelta(minutes=late_minutes)
    hold = replace(_new(draft, request, payload, 0), needed_at=needed_at, expires_at=lapses_at)
    others = [*promises(draft), *_placed(draft, placed)]
    no = _no_promise(draft, request, promise_of(draft, hold), others)
    return no or (Accepted(request.key, {"booking": hold.hold}), (HoldPlaced(hold),))


def _placed(draft: Draft, placed: list[Hold]) -> list[Promise]:
    """Promises given in this very cycle."""
    return [promise_of(draft, hold) for hold in placed if hold.needed_at is not None]


def _no_promise(draft: Draft, request: Request, asked: Promise, others: list[Promise]) -> Outcome | None:
    """The refusal of a promise that could not be kept, with a time at which it could; None: it is given."""
    stock, ahead = spares(draft), power_left(draft)
    plan = forecast_in_force(draft.memory.planning, draft.now_s)
    planned = plan is None or planned_free(plan, asked, draft.snapshot.at)
    if planned and may_add(asked, others, stock, ahead):
        return None
    found_s = _earliest(draft, asked, others, stock, plan)
    facts = {} if found_s is None else {"earliest_at": _told(draft.snapshot.at + timedelta(seconds=found_s))}
    detail = ", ".join(f"{name} = {value}" for name, value in facts.items())
    return Refused(request.key, "cannot_be_promised", detail, ("cannot_be_promised",), facts), ()


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _earliest(
    draft: Draft, asked: Promise, others: list[Promise], stock: list[Spare], plan: ChargePlan | None
) -> float | None:
    """When it could be promised, as far as our own estimate and the plan's table agree (s from now)."""
    found_s = earliest_s(asked, others, stock, power_left(draft))
    while found_s is not None and plan is not None:
        later = replace(asked, due_s=found_s)
        if planned_free(plan, later, draft.snapshot.at):
            return found_s
        found_s = earliest_s(later, others, stock, power_left(draft))
    return found_s


def planned_free(plan: ChargePlan, asked: Promise, at: datetime) -> bool:
    """Whether the plan has a battery left for it: by the rows before and after that time for no less charge.

    What the plan's table does not reach is left to our own estimate.
    """
    needed_at = at + timedelta(seconds=asked.due_s)
    rows = plan.available(asked.model, asked.soc_pct)
    before = [row for row in rows if row.at <= needed_at][-1:]
    after = [row for row in rows if row.at >= needed_at][:1]
    exact = [row for row in before if row.at == needed_at]
    return all(row.free > 0 for row in exact or (*before, *after))


def change(draft: Draft, request: Request, payload: ChangeBooking) -> Outcome:
    """Another time of arrival; refused as a new promise would be, and then the old one stands."""
    hold = next((hold for hold in bookings(draft) if hold.hold == payload.booking), None)
    if hold is None:
        return refused(request, ("no_such_booking",), payload.booking)
    if hold.needed_at is None:
        return refused(request, ("battery_held_now",), payload.booking)
    soc_pct = hold.soc_pct if payload.soc_pct is None else payload.soc_pct
    brings_pct = hold.return_soc_pct if payload.return_soc_pct is None else payload.return_soc_pct
    try:
        _check_need(draft, payload.arrives_at, soc_pct, brings_pct)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    needed_at = payload.arrives_at.astimezone(UTC)
    changed = lapses(draft, replace(hold, needed_at=needed_at, soc_pct=soc_pct, return_soc_pct=brings_pct))
    asked = promise_of(draft, changed)
    near_s = draft.rules.config.bookings.bind_minutes * 60.0
    if asked.due_s > near_s or asked.soc_pct > promised_soc_pct(draft, hold):
        changed = replace(changed, battery=None)
    others = promises(draft, but=hold.hold)
    no = _no_promise(draft, request, promise_of(draft, changed), others)
    return no or (Accepted(request.key, {"booking": hold.hold}), (HoldChanged(changed),))


def cancel(draft: Draft, request: Request, payload: CancelBooking) -> Outcome:
    if not any(hold.hold == payload.booking for hold in bookings(draft)):
        return refused(request, ("no_such_booking",), payload.booking)
    return Accepted(request.key), (HoldEnded(payload.booking, IN_VAIN if payload.in_vain else "cancelled"),)
