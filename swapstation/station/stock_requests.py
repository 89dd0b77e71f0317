"""What people ask of bays and batteries in daily work: lock a bay out, charge one by hand, say which battery it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from swapstation.errors import InputError
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.command import StartCharge, StopCharge
from swapstation.model.inventory import Hold, HoldKind, truck_places
from swapstation.model.journal import HoldEnded, HoldPlaced, IdentityAttested, JobOpened, UnevenSetAccepted
from swapstation.model.person import is_named
from swapstation.model.request import (
    Accepted,
    AcceptUnevenSet,
    AttestIdentity,
    Request,
)
from swapstation.model.snapshot import BayState
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.outcome import Outcome, refused
from swapstation.station.permit import permit
from swapstation.station.positions import told_places
from swapstation.station.two_people import two_say

LOWEST_TARGET_PCT = 5.0


def _lock_out(draft: Draft, request: Request, payload: LockOutBay) -> Outcome:
    """Take a bay out of service: no move, no charge, no allocation; a charge that runs there ends."""
    bay = draft.now.bay(payload.bay)
    if bay is None:
        return refused(request, ("no_such_bay",), f"bay {payload.bay}")
    if not payload.reason.strip():
        return _bad_input(request, "reason", payload.reason, "a reason in words")
    if user := _user_of(draft, bay):
        return refused(request, ("place_held",), f"{bay.place}: {user}")
    hold = Hold(
        hold=f"L{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}-{bay.place}",
        kind=HoldKind.LOCK_OUT,
        place=bay.place,
        person=request.person,
        created_at=draft.snapshot.at,
        reason=payload.reason,
    )
    return Accepted(request.key, {"lock_out": hold.hold}), (HoldPlaced(hold),)


def _user_of(draft: Draft, bay: BayState) -> str:
    """What needs a bay now, "" if nothing does: a hold on it, a swap or job that fetches its battery, or a way out.

    An open swap may need its bays and the isolation place until its end, whatever has left them already.
    """
    stock, swap = draft.snapshot.inventory, draft.swap
    if held := stock.held(place=bay.place):
        return held.hold
    fetched = stock.held(battery=bay.battery) if bay.battery else None
    if fetched is not None and fetched.kind in (HoldKind.SWAP, HoldKind.JOB):
        return fetched.hold
    bays = {number for each in swap.allocated for number in (each.from_bay, each.to_bay)} if swap is not None else set()
    if swap is not None and bays and (bay.isolation or bay.number in bays):
        return swap.swap
    return "asked for already" if any(hold.place == bay.place for hold in _placed(draft)) else ""


def _placed(draft: Draft) -> Iterator[Hold]:
    """Holds that earlier requests of this cycle place, jobs among them."""
    for batch in draft.batches:
        for record in batch.records:
            match record:
                case HoldPlaced(hold):
                    yield hold
                case JobOpened(_, holds):
                    yield from holds


def _end_lock_out(draft: Draft, request: Request, payload: EndLockOut) -> Outcome:
    bay = draft.now.bay(payload.bay)
    hold = draft.snapshot.inventory.held(place=bay.place) if bay else None
    if hold is None or hold.kind is not HoldKind.LOCK_OUT:
        return refused(request, ("not_locked_out",), f"bay {payload.bay}")
    return Accepted(request.key), (HoldEnded(hold.hold, f"{request.person}: {payload.reason}"),)


def _attest(draft: Draft, request: Request, payload: AttestIdentity) -> Outcome:
    """Two named people's word in the place of a reader that is silent; it never outvotes one that speaks."""
    if not is_named(request.person):
        return _bad_input(request, "person", request.person, "the name of the person who has looked")
    if not payload.reason.strip():
        return _bad_input(request, "reason", payload.reason, "what was seen, in words")
    swap, truck = draft.swap, draft.snapshot.truck.good
    if swap is None or swap.swap != payload.swap:
        return refused(request, ("swap_not_open",), payload.swap)
    stock = draft.snapshot.inventory
    on_truck = {place: stock.at(place) for place in truck_places(swap.vin)}
    battery = stock.battery(payload.battery)
    exchanged = (name for each in swap.allocated for name in (each.fresh, each.returned))
    if battery is None or battery.battery not in (*exchanged, *(each.battery for each in on_truck.values() if each)):
        return refused(request, ("not_of_this_swap",), payload.battery)
    place = battery.place if battery.place in on_truck else swap.place
    told = dict(told_places(truck)).get(place) if truck is not None else None
    if told is not None and told.codes and set(told.codes) != set(battery.codes):
        return refused(request, ("battery_codes_match",), f"the truck reads {', '.join(told.codes)}")
    both = two_say(draft, request, f"{swap.swap} {battery.battery}", payload.reason)
    if not isinstance(both, str):
        return both
    return Accepted(request.key), (IdentityAttested(swap.swap, battery.battery, both, payload.reason),)


def _accept_uneven(draft: Draft, request: Request, payload: AcceptUnevenSet) -> Outcome:
    """A named person lets the truck go with batteries that make no set, only once its release waits for that."""
    if not is_named(request.person):
        return _bad_input(request, "person", request.person, "the name of the person who answers for it")
    if not payload.reason.strip():
        return _bad_input(request, "reason", payload.reason, "how the truck goes on, in words")
    swap = draft.swap
    if swap is None or swap.swap != payload.swap:
        return refused(request, ("swap_not_open",), payload.swap)
    if not waits_for_set(draft):
        return refused(request, ("no_set_to_accept",), payload.swap)
    return Accepted(request.key), (UnevenSetAccepted(swap.swap, request.person, payload.reason),)


def waits_for_set(draft: Draft) -> bool:
    """Whether the step of the open swap waits only because the batteries on the truck make no set."""
    swap = draft.swap
    done = draft.swap_recipe.step(swap.step).done if swap is not None else ""
    return done in CONDITIONS and "battery_set_even" in CONDITIONS[done](draft.now)


def _charge(draft: Draft, request: Request, payload: ChargeBay) -> Outcome:
    """Charge to another target or with less power than the rule would; the permit still decides."""
    bay = draft.now.bay(payload.bay)
    if bay is None:
        return refused(request, ("no_such_bay",), f"bay {payload.bay}")
    most_kw = draft.rules.config.bay(bay.number).max_power_kw
    if not LOWEST_TARGET_PCT <= payload.target_soc_pct <= 100.0:
        return _bad_input(request, "target_soc_pct", payload.target_soc_pct, f"{LOWEST_TARGET_PCT:g} to 100")
    power_kw = payload.max_power_kw
    if power_kw is not None and not 1.0 <= power_kw <= most_kw:
        return _bad_input(request, "max_power_kw", power_kw, f"1 to {most_kw:g}")
    reasons = permit(StartCharge(bay.number, payload.target_soc_pct, power_kw or most_kw), draft.now)
    if reasons or not bay.charges:
        return refused(request, reasons or ("no_such_bay",))
    own = {"target_soc_pct": payload.target_soc_pct, "max_power_kw": power_kw, "stopped": False}
    _remember(draft, bay, failures=0, retry_at_s=0.0, battery=bay.battery, **own)
    return Accepted(request.key), ()


def _stop_charge(draft: Draft, request: Request, payload: StopBayCharge) -> Outcome:
    """End the charge of a bay; its battery waits until asked for again, unplugged or a restart."""
    bay = draft.now.bay(payload.bay)
    if bay is None or not bay.charges:
        return refused(request, ("no_such_bay",), f"bay {payload.bay}")
    draft.send(StopCharge(bay.number))
    _remember(draft, bay, stopped=True, target_soc_pct=None, max_power_kw=None, battery=bay.battery)
    return Accepted(request.key), ()


def _reset_charge(draft: Draft, request: Request, payload: ResetCharge) -> Outcome:
    """Begin the charging session of a bay anew: stop it, forget the failures, let it start by itself.

    That is all a station can reset: chargers and BMS have no reset of their own in GB/T 27930.
    """
    bay = draft.now.bay(payload.bay)
    if bay is None or not bay.charges:
        return refused(request, ("no_such_bay",), f"bay {payload.bay}")
    draft.send(StopCharge(bay.number))
    _remember(draft, bay, stopped=False, failures=0, retry_at_s=0.0)
    return Accepted(request.key), ()


def _remember(draft: Draft, bay: BayState, **changes: Any) -> None:
    memory: ChargeMemory = replace(draft.memory.charge(bay.number), **changes)
    others = tuple(charge for charge in draft.memory.charges if charge.bay != bay.number)
    draft.remember(charges=(*others, memory))


def _bad_input(request: Request, field: str, value: object, allowed: str) -> Outcome:
    return refused(request, ("bad_input",), str(InputError(field, value, allowed)))


STOCK_HANDLERS: Mapping[type[Any], Callable[[Draft, Request, Any], Outcome]] = {
    LockOutBay: _lock_out,
    EndLockOut: _end_lock_out,
    AttestIdentity: _attest,
    AcceptUnevenSet: _accept_uneven,
    ChargeBay: _charge,
    StopBayCharge: _stop_charge,
    ResetCharge: _reset_charge,
}
