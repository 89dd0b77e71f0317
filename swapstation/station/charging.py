"""Charges every sound battery that is below its goal; any doubt ends the charge of that bay at once.

Target, power and whether to wait are the bay's goal (charge_goal.py): without plan and person, charge on arrival.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from swapstation.model.command import LimitCharge, SetModules, ShutModules, StartCharge, StopCharge
from swapstation.model.device import BatteryCharge, ChargePhase, ChargerState, ModuleState
from swapstation.model.inventory import Battery
from swapstation.model.journal import BatteryMeasured, ChargeEnded, ChargeStarted, IntentResolved, Outcome
from swapstation.model.snapshot import BayState
from swapstation.station.charge_goal import FULL_PCT, charge_goal
from swapstation.station.charge_limits import first_share, followed, limited, most_kw, planned
from swapstation.station.charge_pause import STARTS_WITHIN_S, go_on, goes_on, held_back, may_close
from swapstation.station.charge_state import (
    START_PATIENCE_S,
    charge_is_active,
    charge_stops,
    charger_silent,
    discharges,
)
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.operating_mode import Work, forbidding_mode
from swapstation.station.permit import permit
from swapstation.station.selection import battery_soc_pct
from swapstation.station.situation import Order, OrderPhase

HYSTERESIS_PCT = 3.0
"""A charge begins only this far below the target, so that a full battery does not start and stop for ever."""
RETRY_S = 10.0
"""Wait before another try, times the failures so far."""
MAX_FAILURES = 3
STOP_REPEAT_S = 1.0
TELL_S = 2.0
"""A bay is told another power at most so often."""
SMALL_KW, SAME_KW = 1.0, 0.1
"""A smaller change of what a bay may take is not told; a limit shown within this is the one that was told."""
SOC_STEP_PCT = 1.0


def run_charging(draft: Draft) -> None:
    """Decide for every charging bay, and renew or withdraw the set-points of the `direct` ones."""
    bays = [bay for bay in draft.snapshot.bays if bay.charges]
    before = [followed(draft, bay, _with_goal(draft, bay)) for bay in bays]
    beginning = frozenset(bay.number for bay, memory in zip(bays, before, strict=True) if begins(draft, bay, memory))
    limits = planned(draft, before, beginning)
    charges = []
    for bay, memory in zip(bays, before, strict=True):
        after = _run(draft, bay, memory, bay.number in beginning, limits)
        charges.append(after)
        if bay.charging == "direct":
            _set_modules(draft, bay, after)
    draft.remember(charges=tuple(charges))


def _with_goal(draft: Draft, bay: BayState) -> ChargeMemory:
    memory = _of_battery(bay, draft.memory.charge(bay.number))
    goal = charge_goal(draft, bay, memory)
    return memory if goal == memory.goal else replace(memory, goal=goal)


def _run(draft: Draft, bay: BayState, memory: ChargeMemory, starts: bool, limits: Mapping[int, float]) -> ChargeMemory:
    """What happens to one bay in this cycle; `starts` also says that a paused charge goes on."""
    if draft.memory.discharge(bay.number).order is not None:
        return memory
    if starts and memory.paused_s is None:
        return _start(draft, bay, memory, limits.get(bay.number))
    after = _charge(draft, bay, memory)
    if starts:
        return go_on(draft, bay, after, limits.get(bay.number))
    return _capped(draft, bay, limited(draft, bay, after, limits))


def _of_battery(bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """The memory of a bay; what concerns its battery alone is forgotten with another one, or unplugged."""
    io = bay.io.good
    unplugged = io is not None and not io.connector_mated
    if memory.battery == bay.battery and not unplugged:
        return memory
    kept = memory.order, memory.running, memory.unsafe, bay.battery
    return ChargeMemory(bay.number, *kept, last_stop_s=memory.last_stop_s, share=memory.share)


def _active(bay: BayState, memory: ChargeMemory) -> bool:
    return charge_is_active(bay) or (memory.running and charger_silent(bay))


def begins(draft: Draft, bay: BayState, memory: ChargeMemory) -> bool:
    """Whether a charge is to begin now, or one that was paused is to go on."""
    if memory.paused_s is not None:
        return goes_on(draft, bay, memory) and _content(draft, bay, memory)
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    gives = draft.memory.discharge(bay.number).order is not None
    if battery is None or gives or memory.running or memory.order is not None or _active(bay, memory):
        return False
    command = StartCharge(bay.number, _target_pct(draft, memory), most_kw(draft, memory))
    return _wanted(draft, bay, battery, memory) and not permit(command, draft.now)


def _charge(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    if _active(bay, memory):
        sound = battery is not None and not permit(StartCharge(bay.number, 0.0, 0.0), draft.now)
        if battery is not None and sound:
            memory = _note_soc(draft, bay, battery, memory)
        return _supervise(draft, bay, sound, memory if memory.running else _found(draft, bay, memory))
    if memory.running:
        return _ended(draft, bay, memory)
    if memory.order is not None:
        return _starting(draft, bay, memory, memory.order)
    return memory


def _found(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """A charge that runs although we did not begin it; one that pauses may have been paused by us before a restart."""
    paused = bay.charging == "charger" and bay.charger.good and bay.charger.good.state is ChargerState.PAUSED
    return replace(memory, running=True, paused_s=draft.now_s if paused and bay.abilities.pauses else None)


def _content(draft: Draft, bay: BayState, memory: ChargeMemory) -> bool:
    """Whether a running charge may go on: below its target, safe, and nobody needs the battery."""
    charge = bay.charge.good or BatteryCharge()
    reached = charge.soc_pct is not None and charge.soc_pct >= _target_pct(draft, memory)
    sound = bay.battery is not None and not permit(StartCharge(bay.number, 0.0, 0.0), draft.now)
    return sound and not (reached or memory.stopped or leaving(draft, bay))


def _wanted(draft: Draft, bay: BayState, battery: Battery, memory: ChargeMemory) -> bool:
    soc_pct = battery_soc_pct(bay, battery)
    full = _target_pct(draft, memory) >= FULL_PCT
    hysteresis_pct = HYSTERESIS_PCT if memory.target_soc_pct is None and not full else 0.0
    below = soc_pct is None or soc_pct < _target_pct(draft, memory) - hysteresis_pct
    may_try = memory.failures < MAX_FAILURES and draft.now_s >= memory.retry_at_s
    held_up = leaving(draft, bay) or charger_silent(bay) or discharges(bay) or not draft.snapshot.journal_writes
    held_up = held_up or bool(forbidding_mode(draft.mode, Work.CHARGE)) or not may_close(draft, memory)
    held_up = held_up or (memory.goal is not None and memory.goal.waits)
    return below and may_try and not held_up and not memory.stopped


def _target_pct(draft: Draft, memory: ChargeMemory) -> float:
    goal = memory.goal
    return draft.rules.config.limits.charge_target_soc_pct if goal is None else goal.target_soc_pct


def leaving(draft: Draft, bay: BayState) -> bool:
    """Whether the battery of a bay is about to be fetched."""
    swap, job = draft.swap, draft.job
    if bay.battery is None:
        return False
    if job is not None and (job.origin, job.battery) == (bay.place, bay.battery):
        return True
    if swap is None:
        return False
    if any((each.from_bay, each.fresh) == (bay.number, bay.battery) for each in swap.allocated):
        return True
    goes_back = any(step.command == "pick_returned" for step in draft.swap_recipe.ahead(swap.step))
    return goes_back and (swap.to_bay, swap.returned) == (bay.number, bay.battery)


def _start(draft: Draft, bay: BayState, memory: ChargeMemory, power_kw: float | None) -> ChargeMemory:
    """Begin a charge with so much power; None: the site has none left yet."""
    if power_kw is None:
        return memory
    command = StartCharge(bay.number, _target_pct(draft, memory), power_kw)
    order = Order(draft.intend(command), command, "charge", OrderPhase.JOURNALLING, draft.now_s)
    return replace(memory, order=order, share=first_share(draft, power_kw), told_kw=power_kw, told_s=draft.now_s)


def _starting(draft: Draft, bay: BayState, memory: ChargeMemory, order: Order) -> ChargeMemory:
    if leaving(draft, bay):
        return _called_off(draft, bay, memory, order)
    if order.phase is OrderPhase.JOURNALLING:
        if not draft.durable(order.command_id) or not draft.send(order.command, order.command_id):
            return memory
        battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
        if battery is not None and isinstance(order.command, StartCharge):
            target_pct = order.command.target_soc_pct
            draft.record(ChargeStarted(battery.battery, bay.number, battery_soc_pct(bay, battery), target_pct))
        starts_s = (*(each for each in memory.starts_s if draft.now_s - each < STARTS_WITHIN_S), draft.now_s)
        sent = replace(order, phase=OrderPhase.SENT, since_s=draft.now_s)
        return replace(memory, order=sent, starts_s=starts_s, flows_s=draft.now_s)
    if draft.now_s - order.since_s < START_PATIENCE_S:
        return memory
    return _failed(draft, memory, order, "did not start")


def _called_off(draft: Draft, bay: BayState, memory: ChargeMemory, order: Order) -> ChargeMemory:
    if order.phase is OrderPhase.SENT:
        draft.send(StopCharge(bay.number))
    draft.record(IntentResolved(order.command_id, Outcome.DROPPED, "needed by a swap"))
    return replace(memory, order=None)


def _failed(draft: Draft, memory: ChargeMemory, order: Order | None, detail: str) -> ChargeMemory:
    if order is not None:
        draft.record(IntentResolved(order.command_id, Outcome.FAILED, detail))
    failures = memory.failures + 1
    retry_at_s = draft.now_s + RETRY_S * failures
    return replace(_rested(memory), order=None, unsafe=False, failures=failures, retry_at_s=retry_at_s)


def _supervise(draft: Draft, bay: BayState, sound: bool, memory: ChargeMemory) -> ChargeMemory:
    """End a running charge that reached its target, whose battery is needed, or that is no longer safe.

    `sound`: a charge could begin now as well.
    """
    target_pct = _target_pct(draft, memory)
    charge = bay.charge.good or BatteryCharge()
    reached = charge.soc_pct is not None and charge.soc_pct >= target_pct
    silent = charge.phase is ChargePhase.CHARGING and permit(SetModules(bay.number, 0.0, 0.0), draft.now)
    if sound and not (reached or silent or memory.stopped or leaving(draft, bay)):
        return held_back(draft, bay, memory)
    if draft.now_s - memory.last_stop_s < STOP_REPEAT_S:
        return memory
    draft.send(StopCharge(bay.number, reached and sound and not silent))
    return replace(memory, last_stop_s=draft.now_s, unsafe=memory.unsafe or not sound or bool(silent))


def _ended(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    charge = bay.charge.good or BatteryCharge()
    battery = draft.snapshot.inventory.battery(memory.battery) if memory.battery else None
    energy_kwh = bay.charger.good.energy_kwh if bay.charger.good else charge.session_energy_kwh
    reasons = (*charge.stop_reasons, *charge.timeouts)
    if battery is not None:
        draft.record(ChargeEnded(battery.battery, bay.number, charge.soc_pct, energy_kwh, reasons))
    charger_fault = bay.charger.good is not None and bay.charger.good.state is ChargerState.FAULT
    if charge.phase is ChargePhase.ERROR or charge.timeouts or charger_fault or memory.unsafe:
        return _failed(draft, memory, memory.order, ", ".join(reasons))
    if memory.order is not None:
        draft.record(IntentResolved(memory.order.command_id, Outcome.DONE))
    return replace(_rested(memory), order=None, failures=0)


def _rested(memory: ChargeMemory) -> ChargeMemory:
    return replace(memory, share=None, running=False, paused_s=None, told_kw=None)


def _note_soc(draft: Draft, bay: BayState, battery: Battery, memory: ChargeMemory) -> ChargeMemory:
    charge = bay.charge.good
    soc_pct = charge.soc_pct if charge else None
    if soc_pct is None:
        return memory
    noted = memory.noted_soc_pct
    if noted is not None and abs(soc_pct - noted) < SOC_STEP_PCT:
        return memory
    draft.record(BatteryMeasured(battery.battery, soc_pct))
    return replace(memory, noted_soc_pct=soc_pct)


def _capped(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """Tell a bay that has no share of a site limit what its goal lets it take, and again while it does not show it."""
    if memory.share is not None or not memory.running or memory.paused_s is not None or not bay.abilities.limits:
        return memory
    most_kw_now, told_kw = most_kw(draft, memory), memory.told_kw
    if told_kw is None:
        told_kw = draft.rules.config.bay(bay.number).max_power_kw
    shown_kw = bay.charger.good.power_limit_kw if bay.charger.good is not None else None
    unheard = shown_kw is not None and abs(shown_kw - told_kw) > SAME_KW and memory.told_kw is not None
    same = abs(most_kw_now - told_kw) < SMALL_KW and not unheard
    if (
        same
        or draft.now_s - max(memory.told_s, memory.last_stop_s) < TELL_S
        or not charge_is_active(bay)
        or charge_stops(bay)
    ):
        return memory
    if not draft.send(LimitCharge(bay.number, most_kw_now, most_kw_now > told_kw)):
        return memory
    return replace(memory, told_kw=most_kw_now, told_s=draft.now_s)


def _set_modules(draft: Draft, bay: BayState, memory: ChargeMemory) -> None:
    """Renew the lease of the charging modules while everything is safe; withdraw it otherwise."""
    demand, limits, goal = bay.demand, draft.rules.config.bay(bay.number), memory.goal
    if demand.enabled:
        power_cap_a = most_kw(draft, memory) * 1000.0 / max(demand.voltage_v, 1.0)
        current_a = min(demand.current_a, limits.max_current_a, power_cap_a)
        if goal is not None and goal.max_a is not None:
            current_a = min(current_a, goal.max_a)
        charge = bay.charge.good
        if charge is None or charge.max_temperature_c is None:
            current_a = 0.0
        if draft.send(SetModules(bay.number, min(demand.voltage_v, limits.max_voltage_v), current_a)):
            return
    modules = bay.modules.good
    if modules is None or modules.state is not ModuleState.OFF:
        draft.send(ShutModules(bay.number))
