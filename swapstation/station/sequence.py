"""The running swap: one recipe step at a time, at most one transition per cycle, nothing assumed.

The database says which step the swap is in; while a record is still being written the sequence waits, so that it never
decides on what is not durable. A step is left when its condition reads so from the sensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from swapstation.model.command import Command, TruckOrder
from swapstation.model.inventory import Hold, HoldKind, PositionExchange, Swap, SwapResult, truck_places
from swapstation.model.journal import (
    BatteryMeasured,
    HoldEnded,
    IntentResolved,
    Outcome,
    PositionExchanged,
    SwapAllocated,
    SwapClosed,
    SwapStepped,
)
from swapstation.model.snapshot import StationState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.exchange import follow_exchange
from swapstation.station.facts import FACTS
from swapstation.station.memory import StepFault
from swapstation.station.mode_requests import hold_after_step
from swapstation.station.modes import Trigger, transition
from swapstation.station.order_tracking import issue, resolve
from swapstation.station.orders import BUILDERS
from swapstation.station.recipe import Step
from swapstation.station.selection import allocate, another, battery_soc_pct
from swapstation.station.situation import Order, OrderPhase
from swapstation.station.storing import follow_up
from swapstation.station.takt import remembered, timed


def run_swap(draft: Draft) -> None:
    """Advance the open swap by at most one step."""
    swap = draft.swap
    _count_software(draft)
    suspended = draft.job is not None or bool(draft.memory.begun)
    if swap is None or suspended or draft.memory.state is not StationState.EXECUTE or draft.snapshot.journal_pending:
        return
    step = draft.recipe.step(swap.step)
    if draft.memory.step != step.name:
        software_s = draft.memory.software_s if draft.memory.step else 0.0
        draft.remember(step=step.name, step_since_s=draft.now_s, step_fault=None, software_s=software_s)
    missing = CONDITIONS[step.done](draft.now)
    draft.remember(waiting_for=missing)
    if not missing:
        _leave(draft, swap, step)
        return
    if step.action:
        ACTIONS[step.action](draft, swap)
    elif step.command and (command := BUILDERS[step.command](draft.now)) is not None:
        order_step(draft, step, command)
    if draft.now.by_plc:
        follow_exchange(draft, step)
    if late(draft, step):
        overdue(draft, step, missing)


def _leave(draft: Draft, swap: Swap, step: Step) -> None:
    fact = FACTS[step.fact](draft.now, swap) if step.fact else None
    if fact is not None:
        draft.record(fact)
    end_orders(draft, step)
    goes_on = bool(step.again and swap.ahead)
    following = draft.recipe.step(step.again) if goes_on else draft.recipe.after(step.name)
    if goes_on:
        draft.record(PositionExchanged(swap.swap, swap.position))
    if following is not None:
        draft.record(_stepped(draft, swap, step, following))
        draft.remember(software_s=0.0, software_since_s=draft.now_s)
        hold_after_step(draft)


def _stepped(draft: Draft, swap: Swap, step: Step, following: Step) -> SwapStepped:
    memory, seconds = draft.memory, draft.now_s - draft.memory.step_since_s
    time = timed(memory.past, swap.recipe, step.name, step.target_s, seconds, memory.software_s)
    values = (time.seconds, time.software_s, time.target_s, time.baseline_s, time.slow)
    return SwapStepped(swap.swap, step.name, following.name, *values)


def _count_software(draft: Draft) -> None:
    """Count the time since the last cycle if only our journal kept the sequence from going on (station/takt.py)."""
    memory = draft.memory
    if memory.software_since_s is None:
        return
    executing, orders = memory.state is StationState.EXECUTE, (memory.robot_order, memory.truck_order)
    written = (order.command_id for order in orders if order and order.phase is OrderPhase.JOURNALLING)
    unsent = not all(draft.durable(command_id) for command_id in written)
    draft.remember(
        software_s=memory.software_s + (draft.now_s - memory.software_since_s if executing else 0.0),
        software_since_s=draft.now_s if executing and (draft.snapshot.journal_pending or unsent) else None,
    )


def end_orders(draft: Draft, step: Step) -> None:
    """The orders that are over with this step have done what they were for."""
    for slot in ("robot_order", "truck_order"):
        order: Order | None = getattr(draft.memory, slot)
        if order is not None and order.step == step.ends_order_of:
            draft.record(IntentResolved(order.command_id, Outcome.DONE))
            draft.remember(**{slot: None})


def order_step(draft: Draft, step: Step, command: Command) -> None:
    """Order what a step needs, once, and again as often as it may be tried."""
    slot = "truck_order" if isinstance(command, TruckOrder) else "robot_order"
    order: Order | None = getattr(draft.memory, slot)
    if order is None or order.step != step.name:
        issue(draft, slot, command, step.name, attempt=1, further=step.interlocks)
    elif order.phase in (OrderPhase.FAILED, OrderPhase.REFUSED):
        _retry(draft, slot, order, step)


def _retry(draft: Draft, slot: str, order: Order, step: Step) -> None:
    outcome = Outcome.REFUSED if order.phase is OrderPhase.REFUSED else Outcome.FAILED
    resolve(draft, slot, outcome)
    if order.attempt > step.retries:
        fail(draft, step.alarm, f"{step.name}: {order.detail}")
    else:
        draft.remember(step_since_s=draft.now_s)
        issue(draft, slot, order.command, step.name, order.attempt + 1, step.interlocks)


def late(draft: Draft, step: Step) -> bool:
    """Whether a step is past its time-out; while only our journal kept its order back its time stood still.

    An order that the permit kept back has the whole time from when it left: its device has not had any of it before.
    """
    memory = draft.memory
    orders = (order for order in (memory.robot_order, memory.truck_order) if order and order.step == step.name)
    left_s = max((order.left_s for order in orders if order.left_s is not None), default=-inf)
    return draft.now_s - max(memory.step_since_s + memory.software_s, left_s) > step.timeout_s


def overdue(draft: Draft, step: Step, missing: tuple[str, ...]) -> None:
    """Give the truck another order where the recipe allows it; it acts once per id, so a new try needs a new one.

    One that the permit kept back all the time was no try: people are told what is in the way.
    """
    order = draft.memory.truck_order
    tried = order if order is not None and order.step == step.name else None
    if tried is not None:
        resolve(draft, "truck_order", Outcome.FAILED)
    if tried is not None and tried.phase is not OrderPhase.JOURNALLING and tried.attempt <= step.retries:
        draft.remember(step_since_s=draft.now_s)
        issue(draft, "truck_order", tried.command, step.name, tried.attempt + 1, step.interlocks)
    else:
        fail(draft, step.alarm, f"{step.name}: {', '.join(missing)}")


def fail(draft: Draft, alarm: str, detail: str) -> None:
    """Keep the step, raise its alarm and hold the station; a resume tries the step again."""
    draft.remember(step_fault=StepFault(alarm, detail))


def _allocate(draft: Draft, swap: Swap) -> None:
    if draft.batches:  # a request of this cycle may take the same battery or bay
        return
    now, model = draft.now, draft.now.truck_model
    if model is None:
        return
    returned = [now.snapshot.inventory.at(place) for place in truck_places(swap.vin, len(model.positions))]
    batteries = [battery for battery in returned if battery is not None]
    chosen = allocate(now, batteries, model, swap.vin) if len(batteries) == len(returned) else ()
    if chosen:
        booked = (hold for hold in now.snapshot.inventory.holds if hold.kind is HoldKind.BOOKING)
        draft.record(
            *(HoldEnded(hold.hold, "used") for hold in booked if hold.vin == swap.vin),
            allocated(swap, chosen, tuple(hold for each in chosen for hold in _holds(draft, swap, each))),
            *(_came_back(draft, each) for each in chosen),
        )


def _came_back(draft: Draft, exchange: PositionExchange) -> BatteryMeasured:
    """What the truck says of the battery that comes off; what was known of it when it left is over."""
    truck = draft.snapshot.truck.good
    told = truck.position(exchange.position) if truck is not None else None
    soc_pct = told.soc_pct if told is not None else None
    return BatteryMeasured(exchange.returned, soc_pct if soc_pct is not None and 0.0 <= soc_pct <= 100.0 else None)


def allocated(swap: Swap, exchanges: Sequence[PositionExchange], holds: tuple[Hold, ...]) -> SwapAllocated:
    """The record of what a swap exchanges now and at the positions after it."""
    now, *ahead = exchanges
    own = now.fresh, now.returned, now.from_bay, now.to_bay
    return SwapAllocated(swap.swap, *own, holds, now.fresh_soc_pct, now.returned_soc_pct, tuple(ahead))


def _holds(draft: Draft, swap: Swap, exchange: PositionExchange) -> tuple[Hold, ...]:
    """The fresh battery of a position, the bay of the returned one, and where that is stored after a transit place."""
    number = "" if exchange.position == 1 else f"-{exchange.position}"
    to_bay, from_bay = draft.snapshot.bay(exchange.to_bay), draft.snapshot.bay(exchange.from_bay)
    fresh = _hold(draft, swap, f"fresh{number}", battery=exchange.fresh)
    place = _hold(draft, swap, f"to{number}", place=to_bay.place)
    later = (_hold(draft, swap, f"from{number}", place=from_bay.place),) if to_bay.transit else ()
    return fresh, place, *later


def _hold(draft: Draft, swap: Swap, name: str, battery: str | None = None, place: str | None = None) -> Hold:
    claim = Hold(f"{swap.swap}:{name}", HoldKind.SWAP, battery=battery, place=place, vin=swap.vin, person=swap.person)
    return replace(claim, created_at=draft.snapshot.at)


def _choose_another(draft: Draft, swap: Swap) -> None:
    """Give the swap another fresh battery in place of the one in doubt; the bay of the returned one stays.

    The battery that comes off next was to go into the bay of the one in doubt, which may stay there: it goes after the
    other one.
    """
    model, here = draft.now.truck_model, swap.exchange
    bay = another(draft.now, swap, model) if model and here and not draft.batches else None
    if bay is None or bay.battery is None or here is None:
        return
    battery = draft.snapshot.inventory.battery(bay.battery)
    soc_pct = battery_soc_pct(bay, battery) if battery is not None else None
    holds = [_hold(draft, swap, bay.battery, battery=bay.battery)]
    ahead = list(swap.ahead)
    if ahead and ahead[0].to_bay == here.from_bay:
        ahead[0] = replace(ahead[0], to_bay=bay.number)
        holds.append(_hold(draft, swap, bay.place, place=bay.place))
    chosen = replace(here, fresh=bay.battery, from_bay=bay.number, fresh_soc_pct=soc_pct)
    draft.record(allocated(swap, [chosen, *ahead], tuple(holds)))


def _close(draft: Draft, swap: Swap) -> None:
    _closed(draft, swap, SwapResult.COMPLETED)


def _close_failed(draft: Draft, swap: Swap) -> None:
    _closed(draft, swap, SwapResult.FAILED)


def _closed(draft: Draft, swap: Swap, result: SwapResult) -> None:
    draft.record(SwapClosed(swap.swap, result, swap.reason, open_seconds(draft, swap)))
    past = draft.memory.past if result is SwapResult.FAILED else remembered(draft.memory.past, swap)
    draft.remember(step="", waiting_for=(), past=past)
    stored = follow_up(draft, swap, released=result is SwapResult.COMPLETED)
    if stored is None:
        draft.remember(state=transition(draft.memory.state, Trigger.COMPLETE))
    else:
        draft.record(stored)
        hold_after_step(draft)


def open_seconds(draft: Draft, swap: Swap) -> float:
    """How long a swap has been open, by the labels in the database: right across a restart, for people only."""
    return round((draft.snapshot.at - swap.opened_at).total_seconds(), 2) if swap.opened_at else 0.0


ACTIONS: Mapping[str, Callable[[Draft, Swap], None]] = {
    "allocate": _allocate,
    "choose_another": _choose_another,
    "close": _close,
    "close_failed": _close_failed,
}
