"""Swaps that people end in the record: one that the PLC made while we were away, one that nothing else can end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from swapstation.errors import InputError
from swapstation.model import journal
from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, Battery, Swap, SwapResult, truck_place, truck_places
from swapstation.model.journal import (
    BatteryDoubted,
    BatteryMoved,
    InventoryChanged,
    PositionExchanged,
    Record,
    SwapAllocated,
    SwapClosed,
    SwapOpened,
)
from swapstation.model.person import is_named, same_person
from swapstation.model.request import (
    Accepted,
    CloseSwap,
    ConfirmCloseSwap,
    CorrectBattery,
    ReconcileSwap,
    Request,
)
from swapstation.model.snapshot import BayState, StationState
from swapstation.station.compatibility import truck_model_of
from swapstation.station.draft import Draft
from swapstation.station.memory import CloseAsked
from swapstation.station.modes import Trigger, transition
from swapstation.station.order_tracking import SLOTS, resolve
from swapstation.station.outcome import Outcome, Reasons, refused
from swapstation.station.positions import told_places
from swapstation.station.sensing import presence_in, robot_of, truck_of
from swapstation.station.sequence import open_seconds

CLOSE_WAITS_S = 900.0
"""So long the first person's wish to close a swap by force waits for the second."""
_AT_REST = (StationState.ABORTED, StationState.IDLE, StationState.HELD)


@dataclass(frozen=True, slots=True)
class _Entered:
    """A swap that is entered afterwards, all of it known to the record."""

    fresh: Battery
    returned: Battery
    to_bay: BayState
    from_bay: int | None
    place: str


def _reconcile(draft: Draft, request: Request, payload: ReconcileSwap) -> Outcome:
    """Enter a swap that was made without us: sensors that speak must agree, then the record follows (补单).

    An open swap that has further positions to exchange ends failed: only the position that is entered was exchanged.
    """
    if mistake := _mistake(request, payload.reason):
        return mistake
    if draft.memory.state not in _AT_REST:
        return refused(request, ("not_held",))
    if draft.job is not None:
        return refused(request, ("job_open",), draft.job.job)
    entered, reasons = _entered(draft, payload)
    if entered is None or reasons:
        return refused(request, reasons)
    open_swap = draft.swap
    swap = open_swap or _swap(draft, request, payload, entered)
    opened: tuple[Record, ...] = (SwapOpened(swap, ()),) if open_swap is None else _as_made(open_swap, entered)
    done = (PositionExchanged(swap.swap, swap.position),) if swap.ahead else ()
    result = SwapResult.FAILED if swap.ahead else SwapResult.COMPLETED
    closed = SwapClosed(swap.swap, result, f"entered afterwards: {payload.reason}", 0.0)
    records = (*opened, *_moves(request, entered), *done, closed, *_cleared(request, payload, entered))
    if open_swap is not None:
        _leave(draft)
    return Accepted(request.key, {"swap": swap.swap}), records


def _as_made(swap: Swap, entered: _Entered) -> tuple[Record, ...]:
    """The open swap as it was made, where people took other batteries or another bay than it had been given."""
    fresh, returned, to_bay = entered.fresh.battery, entered.returned.battery, entered.to_bay.number
    from_bay = swap.from_bay if entered.from_bay is None else entered.from_bay
    if (swap.fresh, swap.returned, swap.to_bay) == (fresh, returned, to_bay) or from_bay is None:
        return ()
    pct = entered.fresh.soc_pct, entered.returned.soc_pct
    return (SwapAllocated(swap.swap, fresh, returned, from_bay, to_bay, (), *pct, swap.ahead),)


def _entered(draft: Draft, payload: ReconcileSwap) -> tuple[_Entered | None, Reasons]:
    stock, bay = draft.snapshot.inventory, draft.now.bay(payload.to_bay)
    fresh, returned = stock.battery(payload.fresh), stock.battery(payload.returned)
    if fresh is None or returned is None or fresh == returned:
        return None, ("unknown_battery",)
    if bay is None:
        return None, ("no_such_bay",)
    if stock.truck_model(payload.vin) is None:
        return None, ("truck_registered",)
    origin = next((each.number for each in draft.snapshot.bays if each.place == fresh.place), None)
    place = truck_place(payload.vin, payload.position)
    if place not in stock.places:
        return None, ("unknown_place",)
    entered = _Entered(fresh, returned, bay, origin, place)
    return entered, tuple(_against(draft, payload, entered))


def _against(draft: Draft, payload: ReconcileSwap, entered: _Entered) -> Iterator[str]:
    """What the record and the sensors say against the swap that a person enters."""
    stock, robot, truck = draft.snapshot.inventory, robot_of(draft.now), truck_of(draft.now)
    if draft.swap is not None and draft.swap.vin != payload.vin:
        yield "vin_matches"
    if draft.swap is not None and draft.swap.position != payload.position:
        yield "position_matches"
    on_truck, in_bay = stock.at(entered.place), stock.at(entered.to_bay.place)
    if on_truck not in (None, entered.fresh, entered.returned):
        yield "battery_codes_match"
    if in_bay not in (None, entered.fresh, entered.returned):
        yield "place_occupied"
    if robot is None or robot.payload or robot.gripped:
        yield "robot_empty"
    if presence_in(draft.now, payload.to_bay) is not Presence.PRESENT:
        yield "bay_occupied"
    left = entered.from_bay not in (None, payload.to_bay)
    if left and presence_in(draft.now, entered.from_bay) is not Presence.EMPTY:
        yield "bay_empty"
    told = dict(told_places(truck)).get(entered.place) if truck is not None else None
    if told is not None and told.battery_present and told.codes and set(told.codes) != set(entered.fresh.codes):
        yield "battery_codes_match"


def _swap(draft: Draft, request: Request, payload: ReconcileSwap, entered: _Entered) -> Swap:
    config, stock = draft.rules.config, draft.snapshot.inventory
    model = truck_model_of(config, stock, payload.vin)
    recipe = draft.rules.recipe_of(config.recipe_of(model)) if model else draft.rules.recipe
    return Swap(
        swap=f"S{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}",
        vin=payload.vin,
        truck_model=stock.truck_model(payload.vin) or "",
        recipe=recipe.name,
        recipe_hash=recipe.hash,
        step=recipe.steps[-1].name,
        fresh=entered.fresh.battery,
        returned=entered.returned.battery,
        from_bay=entered.from_bay,
        to_bay=payload.to_bay,
        position=payload.position,
        person=request.person,
        opened_at=draft.snapshot.at,
    )


def _moves(request: Request, entered: _Entered) -> Iterator[BatteryMoved]:
    """The facts in an order in which no place ever holds two batteries; the robot stands in where bays change over."""
    evidence = (f"attested by {request.person}", f"presence {entered.to_bay.place}")
    places = {each.battery: each.place for each in (entered.returned, entered.fresh)}
    crossed = entered.fresh.place == entered.to_bay.place
    via = (ROBOT,) if crossed and entered.returned.place == entered.place else ()
    legs = [
        *((entered.returned, place) for place in via or (entered.to_bay.place,)),
        (entered.fresh, entered.place),
        (entered.returned, entered.to_bay.place),
    ]
    for battery, place in legs:
        if places[battery.battery] != place:
            yield BatteryMoved(battery.battery, places[battery.battery], place, evidence)
            places[battery.battery] = place


def _cleared(request: Request, payload: ReconcileSwap, entered: _Entered) -> Iterator[InventoryChanged]:
    """What the unknown swap put in doubt is explained by it."""
    for battery in (entered.fresh, entered.returned):
        if battery.doubtful:
            correction = CorrectBattery(battery.battery, f"swap entered afterwards: {payload.reason}")
            yield InventoryChanged(correction, request.person)


def _close(draft: Draft, request: Request, payload: CloseSwap) -> Outcome:
    """The first of two people wants to end a swap whose batteries no way out can bring to an end."""
    if mistake := _mistake(request, payload.reason):
        return mistake
    if reasons := _close_reasons(draft, payload.swap):
        return refused(request, reasons)
    draft.remember(close_asked=CloseAsked(payload.swap, request.person, payload.reason, draft.now_s))
    return Accepted(request.key, {"waits_for": "a second person", "minutes": f"{CLOSE_WAITS_S / 60.0:.0f}"}), ()


def _confirm_close(draft: Draft, request: Request, payload: ConfirmCloseSwap) -> Outcome:
    """The second person agrees: the swap failed, and both its batteries are in doubt wherever the record has them."""
    asked, swap = draft.memory.close_asked, draft.swap
    if mistake := _unnamed(request):
        return mistake
    if reasons := _close_reasons(draft, payload.swap):
        return refused(request, reasons)
    if asked is None or asked.swap != payload.swap or draft.now_s - asked.since_s >= CLOSE_WAITS_S:
        return refused(request, ("no_close_waits",), payload.swap)
    if same_person(asked.person, request.person) or swap is None:
        return refused(request, ("same_person",), asked.person)
    reason = f"closed by force: {asked.reason} ({asked.person}, {request.person})"
    closed = SwapClosed(swap.swap, SwapResult.FAILED, reason, open_seconds(draft, swap))
    _leave(draft)
    return Accepted(request.key), (closed, *_doubts(draft, swap, reason))


def _doubts(draft: Draft, swap: Swap, reason: str) -> Iterator[BatteryDoubted]:
    on_truck = (draft.snapshot.inventory.at(place) for place in truck_places(swap.vin))
    exchanged = (name for each in swap.allocated for name in (each.fresh, each.returned))
    for name in dict.fromkeys((swap.fresh, swap.returned, *exchanged, *(each.battery for each in on_truck if each))):
        battery = draft.snapshot.inventory.battery(name) if name else None
        if battery is not None and not battery.doubtful:
            yield BatteryDoubted(battery.battery, reason, ("swap closed by force",))


def _close_reasons(draft: Draft, swap: str) -> Reasons:
    if draft.swap is None or draft.swap.swap != swap:
        return ("swap_not_open",)
    if draft.job is not None:
        return ("job_open",)
    return () if draft.memory.state in _AT_REST else ("not_held",)


def _leave(draft: Draft) -> None:
    """Nothing of the swap goes on: its orders are dropped, a held station becomes idle, an unconfirmed one stays so."""
    for slot in SLOTS:
        resolve(draft, slot, journal.Outcome.DROPPED)
    state = transition(draft.memory.state, Trigger.GO_IDLE)
    draft.remember(state=state, step="", step_fault=None, hold_reasons=(), waiting_for=(), close_asked=None)


def _unnamed(request: Request) -> Outcome | None:
    """Two people must be told apart, and somebody answers for what no sensor saw."""
    if is_named(request.person):
        return None
    return refused(request, ("bad_input",), str(InputError("person", request.person, "a person's name")))


def _mistake(request: Request, reason: str) -> Outcome | None:
    if reason.strip():
        return _unnamed(request)
    return refused(request, ("bad_input",), str(InputError("reason", reason, "a reason in words")))


CLOSING_HANDLERS: Mapping[type[Any], Callable[[Draft, Request, Any], Outcome]] = {
    ReconcileSwap: _reconcile,
    CloseSwap: _close,
    ConfirmCloseSwap: _confirm_close,
}
