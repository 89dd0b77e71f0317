"""Full charges of a battery now and then, so that its cells balance and its BMS finds its SOC again (own design).

One battery at a time, only while nobody waits and enough others are ready: by the plan's own count of what can still be
promised, or by the station's rule without one. Never a battery that somebody holds, and a truck comes first always.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from swapstation.config.battery_care import Calibration
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.inventory import Battery
from swapstation.model.snapshot import BayState
from swapstation.station.charge_state import charge_is_active
from swapstation.station.draft import Draft
from swapstation.station.memory import Calibrating
from swapstation.station.planning import forecast_in_force
from swapstation.station.selection import ready_bays

FULL_PCT = 99.5
"""What counts as full: a BMS tells whole percents, or ends the charge itself by its highest cell."""
LOOK_S = 60.0
"""So often a battery is looked for."""
AHEAD = timedelta(hours=3)
"""So long demand must stay low: a full charge at the least current of the taper, and the rest after it."""
GIVEN_UP_S = 4 * 3600.0


def run_calibration(draft: Draft) -> None:
    """Begin, follow and end the full charge of one battery."""
    if not any(model.calibration for model in draft.rules.config.battery_models):
        return
    running = draft.memory.calibrating
    if running is not None:
        draft.remember(calibrating=_followed(draft, running))
    elif draft.now_s - draft.memory.calibration_looked_s >= LOOK_S:
        draft.remember(calibrating=_begun(draft), calibration_looked_s=draft.now_s)


def is_due(battery: Battery, care: Calibration, at: datetime) -> bool:
    """Whether a battery has gone too long, or through too many charges, without a full one."""
    days = timedelta(days=care.every_days)
    return battery.full_at is None or at - battery.full_at >= days or battery.charges_since_full >= care.every_charges


def _begun(draft: Draft) -> Calibrating | None:
    if draft.work is not None or draft.snapshot.truck.good is not None or not draft.snapshot.journal_writes:
        return None
    for bay in draft.snapshot.bays:
        battery, care = _battery(draft, bay)
        if battery is None or care is None or not bay.charges or not is_due(battery, care, draft.snapshot.at):
            continue
        if _free(draft, battery) and _spare(draft, battery, care):
            return Calibrating(bay.number, battery.battery, draft.now_s)
    return None


def _battery(draft: Draft, bay: BayState) -> tuple[Battery | None, Calibration | None]:
    battery, model = (
        draft.snapshot.inventory.battery(bay.battery) if bay.battery else None,
        draft.now.battery_model(bay.battery),
    )
    return battery, model.calibration if model is not None else None


def _free(draft: Draft, battery: Battery) -> bool:
    """Sound, and neither held nor about to be due for a promise."""
    promised = any(each.battery == battery.battery for each in draft.memory.due)
    return battery.sound and not promised and draft.snapshot.inventory.held(battery=battery.battery) is None


def _spare(draft: Draft, battery: Battery, care: Calibration) -> bool:
    """Whether demand is low: others are ready now, and so many may still be promised within the next hours."""
    others = [bay for bay in ready_bays(draft.now, battery.model) if bay.battery != battery.battery]
    if len(others) < care.ready_reserve:
        return False
    plan, until = forecast_in_force(draft.memory.planning, draft.now_s), draft.snapshot.at + AHEAD
    rows = plan.availability if plan is not None else ()
    return all(row.free > care.ready_reserve for row in rows if row.model == battery.model and row.at <= until)


def _followed(draft: Draft, running: Calibrating) -> Calibrating | None:
    """None ends it: it is full and has rested, its battery is gone or wanted, or it never gets full."""
    bay = draft.now.bay(running.bay)
    battery, care = _battery(draft, bay) if bay is not None else (None, None)
    if bay is None or battery is None or care is None or battery.battery != running.battery:
        return None
    if not _free(draft, battery) or draft.work is not None or draft.snapshot.truck.good is not None:
        return None
    if running.full_s is not None:
        if draft.now_s - running.full_s < care.rest_s:
            return running
        draft.record(BatteryBalanced(battery.battery, care.rest_s))
        return None
    charge, memory = bay.charge.good, draft.memory.charge(running.bay)
    soc_pct = charge.soc_pct if charge is not None else None
    if soc_pct is not None and soc_pct >= FULL_PCT and not charge_is_active(bay):
        return replace(running, full_s=draft.now_s)
    gave_up = memory.failures > 0 or memory.stopped or draft.now_s - running.since_s >= GIVEN_UP_S
    return None if gave_up else running
