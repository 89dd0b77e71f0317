"""Spares that give power back to site or grid, where charger and battery model declare it. Experimental (own design).

No standard covers it: GB/T 27930-2015 knows no discharge, so a `direct` bay never does it; a charger controller may, by
an order of its own. It is a lease: the order is renewed, and a charger that hears nothing stops by itself. Only a plan
asks for it; the permit keeps what bookings and promises need, and ends it at any alarm of the bay or its battery.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.command import DischargeBattery, StopCharge
from swapstation.model.device import ChargerState
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.journal import BatteryMeasured, IntentResolved, Outcome
from swapstation.model.snapshot import BayState
from swapstation.station.charge_goal import planned_bay
from swapstation.station.charge_state import discharges, flows_kw
from swapstation.station.charging import leaving
from swapstation.station.draft import Draft
from swapstation.station.memory import DischargeMemory
from swapstation.station.permit import permit
from swapstation.station.selection import battery_soc_pct
from swapstation.station.situation import Order, OrderPhase

RENEW_S = 20.0
"""So often the lease is renewed; the charger ends it by itself after a minute (registers/charger.toml)."""
REPEAT_S, STOP_REPEAT_S = 5.0, 1.0
"""So often an order is repeated that does not show, and a stop."""
PATIENCE_S = 20.0
"""So long a discharge may take to show after its order."""
REST_S = 300.0
"""So long after one discharge the next may begin: each closes contactors."""
HYSTERESIS_PCT = 2.0
"""A discharge begins only so far above the least SOC."""
SOC_STEP_PCT = 1.0
"""So exact is the SOC on record while a battery gives power back."""
_RESTING = (ChargerState.IDLE, ChargerState.FINISHED)


def run_discharge(draft: Draft) -> None:
    """Begin, renew and end the discharge of every bay that can; end one that nobody wants, whoever began it."""
    able = [bay for bay in draft.snapshot.bays if bay.charges and (bay.abilities.discharges or discharges(bay))]
    if able:
        draft.remember(discharges=tuple(_run(draft, bay, draft.memory.discharge(bay.number)) for bay in able))


def _run(draft: Draft, bay: BayState, memory: DischargeMemory) -> DischargeMemory:
    memory = _recorded(draft, bay, memory)
    command, order = _wanted(draft, bay, memory), memory.order
    if command is None or permit(command, draft.now):
        return _ended(draft, bay, memory)
    if order is None:
        return _ordered(draft, bay, memory, command)
    if order.phase is OrderPhase.JOURNALLING:
        if not draft.durable(order.command_id) or not draft.send(order.command, order.command_id):
            return memory
        return replace(memory, order=replace(order, phase=OrderPhase.SENT, since_s=draft.now_s), told_s=draft.now_s)
    if not discharges(bay) and draft.now_s - order.since_s >= PATIENCE_S:
        return _ended(draft, bay, replace(memory, failed=True))
    wait_s = RENEW_S if discharges(bay) else REPEAT_S
    if draft.now_s - memory.told_s < wait_s or not draft.send(command):
        return memory
    return replace(memory, told_s=draft.now_s)


def _recorded(draft: Draft, bay: BayState, memory: DischargeMemory) -> DischargeMemory:
    """Follow what is given back, and write it down once the charger says that it is over: its SOC counts from then."""
    charger, told = bay.charger.good, bay.charge.good
    heard = told is not None and told.bms_age_s is not None and told.bms_age_s <= draft.rules.config.limits.bms_age_s
    soc_pct = told.soc_pct if told is not None and heard else memory.noted_soc_pct
    if charger is None or not draft.snapshot.journal_writes:
        return memory
    if memory.battery is not None and (not discharges(bay) or memory.battery != bay.battery):
        given = memory.began_soc_pct, soc_pct, memory.given_kwh
        draft.record(*_measured(memory.battery, soc_pct), BatteryDischarged(memory.battery, bay.number, *given))
        return replace(memory, battery=None, began_soc_pct=None, noted_soc_pct=None, given_kwh=None)
    if not discharges(bay) or draft.snapshot.inventory.battery(bay.battery or "") is None:
        return memory
    battery = memory.battery or bay.battery or ""
    began_pct = soc_pct if memory.began_soc_pct is None else memory.began_soc_pct
    memory = replace(memory, battery=battery, began_soc_pct=began_pct, given_kwh=charger.energy_kwh)
    if soc_pct is None or _near(soc_pct, memory.noted_soc_pct):
        return memory
    draft.record(*_measured(battery, soc_pct))
    return replace(memory, noted_soc_pct=soc_pct)


def _measured(battery: str, soc_pct: float | None) -> tuple[BatteryMeasured, ...]:
    return () if soc_pct is None else (BatteryMeasured(battery, soc_pct),)


def _near(soc_pct: float, noted_pct: float | None) -> bool:
    return noted_pct is not None and abs(soc_pct - noted_pct) < SOC_STEP_PCT


def _wanted(draft: Draft, bay: BayState, memory: DischargeMemory) -> DischargeBattery | None:
    """What the plan asks of the battery now, down to the least SOC of its model."""
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    planned, model = planned_bay(draft, bay), draft.now.battery_model(bay.battery)
    if battery is None or planned is None or planned.power_kw >= 0.0 or model is None or model.discharge is None:
        return None
    charge, soc_pct = draft.memory.charge(bay.number), battery_soc_pct(bay, battery)
    if charge.running or charge.order or charge.stopped or memory.failed or leaving(draft, bay):
        return None
    above_pct = 0.0 if memory.order is not None else HYSTERESIS_PCT
    if soc_pct is None or soc_pct <= model.discharge.least_soc_pct + above_pct:
        return None
    power_kw = min(-planned.power_kw, model.discharge.max_power_kw)
    if not _within_export_cap(draft, bay, power_kw):
        return None
    return DischargeBattery(bay.number, power_kw, model.discharge.least_soc_pct)


def _within_export_cap(draft: Draft, bay: BayState, power_kw: float) -> bool:
    """A dispatch record may allow less export than the settings, which the permit keeps."""
    meter, export_kw = draft.snapshot.meter.good, draft.memory.power.limit.export_kw
    if export_kw >= draft.rules.config.site.export_kw:
        return True
    more_kw = power_kw - max(-flows_kw(bay), 0.0)
    return meter is not None and meter.power_kw is not None and meter.power_kw - max(more_kw, 0.0) >= -export_kw


def _ordered(draft: Draft, bay: BayState, memory: DischargeMemory, command: DischargeBattery) -> DischargeMemory:
    """Write the order down first. One that somebody else began is ended, not taken over."""
    charger = bay.charger.good
    if discharges(bay):
        return _ended(draft, bay, memory)
    rested = draft.now_s - memory.stopped_s >= REST_S
    if charger is None or charger.state not in _RESTING or not draft.snapshot.journal_writes or not rested:
        return memory
    order = Order(draft.intend(command), command, "discharge", OrderPhase.JOURNALLING, draft.now_s)
    return replace(memory, order=order)


def _ended(draft: Draft, bay: BayState, memory: DischargeMemory) -> DischargeMemory:
    """Stop until the charger shows that it rests; a try that failed is not repeated until the plan wants no more."""
    order, planned = memory.order, planned_bay(draft, bay)
    sent = order is not None and order.phase is OrderPhase.SENT
    if (sent or discharges(bay)) and draft.now_s - memory.stopped_s >= STOP_REPEAT_S:
        draft.send(StopCharge(bay.number))
        memory = replace(memory, stopped_s=draft.now_s)
    if order is not None:
        draft.record(IntentResolved(order.command_id, Outcome.FAILED if memory.failed else Outcome.DONE))
    still_asked = planned is not None and planned.power_kw < 0.0
    return replace(memory, order=None, failed=memory.failed and still_asked)
