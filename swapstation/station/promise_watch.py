"""Promises of the station as it is: which batteries they are to be kept with, set aside in time, charged in time.

Runs in every cycle beside the plan: a wrong plan, or none, misses no promise that full power can keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from swapstation.config.settings import BatteryModel, TruckModel
from swapstation.energy.power_ahead import power_ahead
from swapstation.energy.power_limits import site_limits
from swapstation.model.dispatch import SITE
from swapstation.model.inventory import Battery, Hold, HoldKind
from swapstation.model.journal import HoldChanged, HoldEnded, SwapAllocated
from swapstation.model.snapshot import BayState
from swapstation.station.charge_state import charger_silent
from swapstation.station.draft import Draft
from swapstation.station.memory import DueBattery
from swapstation.station.power import dispatches_now, path_of
from swapstation.station.promises import Ahead, Kept, Promise, Spare, come_back, keep, may_hand_out, urgent
from swapstation.station.selection import battery_soc_pct, is_sound, ready_set

MAX_FAILURES = 3
USUAL_VOLTAGE = 0.85
"""Share of its highest voltage at which a battery takes its charge: power is current times voltage."""


def booking_of(draft: Draft, vin: str) -> Hold | None:
    """The booking of a truck."""
    return next((hold for hold in bookings(draft) if hold.vin == vin), None)


def bookings(draft: Draft) -> Iterator[Hold]:
    """Bookings that stand."""
    return (hold for hold in draft.snapshot.inventory.holds if hold.kind is HoldKind.BOOKING)


def promised_soc_pct(draft: Draft, hold: Hold) -> float:
    """The least SOC that a booking was promised (%)."""
    return draft.rules.config.limits.ready_soc_pct if hold.soc_pct is None else hold.soc_pct


def promises(draft: Draft, but: str | None = None) -> list[Promise]:
    """The promises that stand, without the one of booking `but`."""
    return [promise_of(draft, hold) for hold in bookings(draft) if hold.needed_at is not None and hold.hold != but]


def promise_of(draft: Draft, hold: Hold) -> Promise:
    assert hold.needed_at is not None
    assert hold.model is not None
    due_s = (hold.needed_at - draft.snapshot.at).total_seconds()
    return Promise(hold.hold, due_s, hold.model, promised_soc_pct(draft, hold), hold.battery)


def spares(draft: Draft) -> list[Spare]:
    """The batteries that promises can be kept with: those of the rack, and those that the running swap brings."""
    found = [spare for bay in draft.snapshot.bays if (spare := _spare(draft, bay)) is not None]
    models = {model.name: model for model in draft.rules.config.battery_models}
    for each in draft.swap.allocated if draft.swap else ():
        battery, bay = draft.snapshot.inventory.battery(each.returned), draft.snapshot.by_number.get(each.to_bay)
        if battery is not None and bay is not None and bay.charges and battery.model in models and bay.battery is None:
            power_kw = _power_kw(draft, bay, models[battery.model])
            coming = Spare(battery.model, 0.0, models[battery.model].energy_kwh, power_kw)
            found.append(come_back(coming, 0.0, each.returned_soc_pct))
    return found


def _spare(draft: Draft, bay: BayState) -> Spare | None:
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    if battery is None or not bay.charges or not is_sound(draft.now, bay, battery):
        return None
    model = next((each for each in draft.rules.config.battery_models if each.name == battery.model), None)
    hold, soc_pct = draft.snapshot.inventory.held(battery=battery.battery), battery_soc_pct(bay, battery)
    if model is None or soc_pct is None or (hold is not None and hold.needed_at is None):
        return None
    return Spare(
        battery.model,
        soc_pct,
        model.energy_kwh,
        _power_kw(draft, bay, model),
        bay=bay.number,
        battery=battery.battery,
        held_for=hold.hold if hold is not None else None,
        may_charge=_may_charge(draft, bay),
        nodes=path_of(draft, bay.number),
    )


def _may_charge(draft: Draft, bay: BayState) -> bool:
    memory = draft.memory.charge(bay.number)
    return memory.failures < MAX_FAILURES and not memory.stopped and not charger_silent(bay)


def _power_kw(draft: Draft, bay: BayState, model: BatteryModel) -> float:
    """What a charge takes at full power: bay, battery and what its BMS asks for now."""
    limits, charge = draft.rules.config.bay(bay.number), bay.charge.good
    current_a = min(limits.max_current_a, model.max_current_a)
    if charge is not None and charge.wanted_current_a:
        current_a = min(current_a, charge.wanted_current_a)
    return min(limits.max_power_kw, current_a * USUAL_VOLTAGE * model.max_voltage_v / 1000.0)


def power_left(draft: Draft) -> Ahead:
    """What all charging may take from now on by the caps that are known, at the site, its feeders and bays (kW DC).

    What the running quarter of an hour leaves is no cap: the next one leaves more. While the clock is in doubt the caps
    of now are taken to stay, beside those to come.
    """
    config, power, site = draft.rules.config, draft.memory.power, site_limits(draft.rules.config)
    if power.clock is not None and power.clock.doubted:
        site = replace(site, import_kw=power.limit.import_kw)
    reserved_kw = {feeder.name: feeder.guns_kw for feeder in config.feeders} | {SITE: power.other_kw}
    ahead = power_ahead(site, dispatches_now(draft), power.silent, draft.snapshot.at, reserved_kw)
    return {node: each.scaled(config.site.charging_efficiency) for node, each in ahead.items()}


def kept(draft: Draft) -> tuple[Kept, ...]:
    """How each promise is to be kept now."""
    standing = promises(draft)
    return keep(standing, spares(draft), power_left(draft)) if standing else ()


def breaks_promises(draft: Draft, vin: str, model: TruckModel, wanted: str | None, least_soc_pct: float | None) -> bool:
    """Whether a promise could not be kept any more if this truck were swapped now.

    Where no battery is ready it would take those that are ready first. A truck whose own promise is due breaks none.
    """
    standing, own = promises(draft), booking_of(draft, vin)
    others = [each for each in standing if own is None or each.booking != own.hold]
    if not others or (own is not None and _is_near(draft, own)):
        return False
    stock, ready_pct = spares(draft), draft.rules.config.limits.ready_soc_pct
    chosen = {bay.number for bay in ready_set(draft.now, model, vin, wanted, least_soc_pct)}
    free = [each for each in stock if each.model == model.battery_model and each.held_for is None]
    soonest = sorted(free, key=lambda each: each.ready_s(ready_pct))[: len(model.positions)]
    taken = [each for each in stock if each.bay in chosen] or soonest
    return not may_hand_out(taken, others, stock, power_left(draft))


def _is_near(draft: Draft, hold: Hold) -> bool:
    """Whether a booking has its battery, or is to get it now."""
    near_s = draft.rules.config.bookings.bind_minutes * 60.0
    return hold.battery is not None or (hold.needed_at is not None and promise_of(draft, hold).due_s <= near_s)


def watch_promises(draft: Draft) -> None:
    """Note which batteries are to be charged at full power now; once begun, until they have what was promised."""
    found = kept(draft)
    due, begun = urgent(found), {(each.bay, each.booking) for each in draft.memory.due}
    charging = [
        DueBattery(each.spare.bay, each.spare.battery, each.promise.booking, each.promise.soc_pct, at)
        for each in found
        if each.spare is not None and each.spare.bay is not None and each.spare.battery is not None
        if each.spare.missing_kwh(each.promise.soc_pct) > 0.0
        if each.spare.bay in due or (each.spare.bay, each.promise.booking) in begun
        for at in (draft.snapshot.at + timedelta(seconds=each.promise.due_s),)
    ]
    draft.remember(due=tuple(charging))


def run_promises(draft: Draft) -> None:
    """Set batteries aside for promises that are near, give those free that cannot be handed out."""
    if draft.snapshot.journal_pending or draft.batches or _allocates(draft):
        return
    ending = {record.hold for record in draft.records if isinstance(record, HoldEnded)}
    holds = {hold.hold: hold for hold in bookings(draft) if hold.hold not in ending}
    for each in kept(draft):
        hold = holds.get(each.promise.booking)
        battery = _set_aside(draft, each)
        if hold is not None and hold.battery != battery:
            draft.record(HoldChanged(replace(hold, battery=battery)))


def _set_aside(draft: Draft, each: Kept) -> str | None:
    """The battery that a promise is to hold now: one that is ready, once the promise is near."""
    near = each.promise.due_s <= draft.rules.config.bookings.bind_minutes * 60.0
    if each.spare is None or not near:
        return None
    ready = each.spare.missing_kwh(each.promise.soc_pct) <= 0.0
    return each.spare.battery if ready else each.promise.battery


def _allocates(draft: Draft) -> bool:
    """The running swap takes its batteries in this cycle."""
    return any(isinstance(record, SwapAllocated) for record in draft.records)


def end_void_bookings(draft: Draft) -> None:
    """End bookings whose time is over, unless their truck is in the lane, and those of a battery no longer sound.

    A promise is not of one battery: it gets another one (`run_promises`).
    """
    if draft.snapshot.journal_pending:
        return
    running, truck = draft.swap.booking if draft.swap else None, draft.snapshot.truck.good
    in_lane = truck.vin if truck is not None else None
    for hold in draft.snapshot.inventory.holds:
        expired = hold.expires_at is not None and hold.expires_at <= draft.snapshot.at
        if expired and hold.hold != running and (hold.vin is None or hold.vin != in_lane):
            draft.record(HoldEnded(hold.hold, "expired"))
        elif hold.kind is HoldKind.BOOKING and hold.needed_at is None and not _sound(draft, hold):
            draft.record(HoldEnded(hold.hold, "battery quarantined or in doubt"))


def _sound(draft: Draft, booking: Hold) -> bool:
    battery: Battery | None = draft.snapshot.inventory.battery(booking.battery) if booking.battery else None
    return battery is None or battery.sound


def lapses(draft: Draft, hold: Hold) -> Hold:
    """The promise with the instant at which a truck that has not come loses it."""
    assert hold.needed_at is not None
    return replace(hold, expires_at=hold.needed_at + timedelta(minutes=draft.rules.config.bookings.late_minutes))
