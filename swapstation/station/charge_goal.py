"""What each charge is to reach and with how much power: a person's word before the plan's, the plan's before the rule.

The plan is the snapshot's; without one, or for a battery that it does not know in the bay, the station charges on
arrival to `charge_target_soc_pct`. Only a person, and a promise that is due, goes above the plan; nobody goes above
what bay, battery model and their temperatures allow.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import PlannedBay, PlanReason
from swapstation.model.snapshot import BayState
from swapstation.station.derating import Cap, battery_cap, equipment_cap
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory, DueBattery

FULL_PCT = 100.0


def charge_goal(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeGoal:
    """What the charge of a bay is to reach now, and with how much power."""
    goal = _asked(draft, bay, memory)
    settings, model = draft.rules.config.bay(bay.number), draft.now.battery_model(bay.battery)
    stopped = memory.goal is not None and memory.goal.at_once
    caps = [equipment_cap(bay, settings, stopped)]
    if model is not None:
        caps.append(battery_cap(bay, model, settings.least_power_kw, stopped))
    for cap in caps:
        goal = _within(goal, cap) if cap is not None else goal
    return goal


def _within(goal: ChargeGoal, cap: Cap) -> ChargeGoal:
    """The goal within a limit, whose reason is told where it counts."""
    max_a = cap.max_a if goal.max_a is None else min(goal.max_a, cap.max_a or goal.max_a)
    if cap.max_kw >= goal.max_kw:
        return replace(goal, max_a=max_a)
    limit_kw = {"limit_kw": f"{cap.max_kw:.0f}"}
    reason = replace(cap.reason, values={**cap.reason.values, **limit_kw})
    at_once = goal.at_once or cap.max_kw <= 0.0
    return replace(goal, max_kw=cap.max_kw, max_a=max_a, reasons=(*goal.reasons, reason), at_once=at_once)


def _asked(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeGoal:
    """What a person, the plan or the station's rule asks for, before any limit of the battery."""
    config = draft.rules.config
    settings = config.bay(bay.number)
    most_kw = settings.max_power_kw
    if memory.target_soc_pct is not None:
        return ChargeGoal(bay.number, memory.target_soc_pct, min(most_kw, memory.max_power_kw or most_kw))
    full = draft.memory.calibrating
    if full is not None and (full.bay, full.battery) == (bay.number, bay.battery):
        rests = full.full_s is not None
        reason = PlanReason("calibration_rests" if rests else "calibration_charges")
        return ChargeGoal(bay.number, FULL_PCT, 0.0 if rests else most_kw, None, (reason,))
    planned = planned_bay(draft, bay)
    due = next((each for each in draft.memory.due if (each.bay, each.battery) == (bay.number, bay.battery)), None)
    if planned is None:
        return ChargeGoal(bay.number, _rule_pct(draft, due), most_kw)
    if due is not None:
        reason = PlanReason("promise_due", {"booking": due.booking, "at": f"{due.needed_at:%Y-%m-%dT%H:%M:%SZ}"})
        return ChargeGoal(bay.number, max(due.soc_pct, planned.target_soc_pct), most_kw, None, (reason,))
    planned_kw = 0.0 if planned.power_kw <= 0.0 else max(planned.power_kw, settings.least_power_kw)
    given_kw, power_kw = max(-planned.power_kw, 0.0), min(most_kw, planned_kw)
    return ChargeGoal(bay.number, planned.target_soc_pct, power_kw, None, planned.reasons, discharge_kw=given_kw)


def _rule_pct(draft: Draft, due: DueBattery | None) -> float:
    """The station's rule; whoever dispatches may ask for another SOC, never for less than trucks need."""
    limits, asked_pct = draft.rules.config.limits, draft.memory.power.limit.soc_target_pct
    if asked_pct is None:
        return limits.charge_target_soc_pct
    return max(asked_pct, limits.ready_soc_pct, due.soc_pct if due is not None else 0.0)


def planned_bay(draft: Draft, bay: BayState) -> PlannedBay | None:
    """The part of a bay's battery in the plan that counts now; None: charge on arrival."""
    plan = draft.snapshot.plan
    return plan.bay(bay.number, bay.battery) if plan is not None else None
