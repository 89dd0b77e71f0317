"""Thermal care: heats a cold battery before a charge or a promised hand-out, cools a hot one, else the unit is off.

Own design. The climate unit of a bay (液冷机组) follows the battery's own probes, as its BMS tells them now; a battery
whose BMS is silent, a unit that does not answer, and a battery that is about to be fetched get no coolant at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from swapstation.config.battery_care import Thermal
from swapstation.model.charge_plan import PlanReason
from swapstation.model.climate import ClimateGoal, ClimateMode
from swapstation.model.command import CirculateCoolant, Command, CoolBattery, HeatBattery, StopClimate
from swapstation.model.inventory import HoldKind
from swapstation.model.snapshot import BayState
from swapstation.station.care_interlocks import temperatures_c
from swapstation.station.charge_goal import planned_bay
from swapstation.station.charging import leaving
from swapstation.station.draft import Draft
from swapstation.station.memory import ClimateMemory
from swapstation.station.permit import permit
from swapstation.station.selection import battery_soc_pct

HEAT_AHEAD = timedelta(minutes=30)
"""So long before a planned charge a cold battery is warmed."""
EVEN_ABOVE_K = 8.0
"""Coolant goes round while the probes of a battery that charges are further apart."""
REPEAT_S = 5.0
RENEW_S = 20.0
"""An order is renewed this often: the unit goes off by itself when it hears nothing (registers/climate.toml)."""


def run_climate(draft: Draft) -> None:
    """Decide for the climate unit of every bay that has one."""
    served = [bay for bay in draft.snapshot.bays if draft.rules.config.bay(bay.number).climate]
    if served:
        draft.remember(climates=tuple(_run(draft, bay, draft.memory.climate(bay.number)) for bay in served))


def _run(draft: Draft, bay: BayState, memory: ClimateMemory) -> ClimateMemory:
    goal = _permitted(draft, _goal(draft, bay, memory.goal.mode))
    unit = bay.climate.good
    changed = (goal.mode, goal.supply_c) != (memory.goal.mode, memory.goal.supply_c)
    obeyed = unit is not None and unit.mode is goal.mode
    wait_s = RENEW_S if obeyed else REPEAT_S
    idle = goal.mode is ClimateMode.OFF and obeyed
    if not changed and (idle or draft.now_s - memory.told_s < wait_s):
        return replace(memory, goal=goal)
    draft.send(_order(goal))
    return replace(memory, goal=goal, told_s=draft.now_s)


def _permitted(draft: Draft, goal: ClimateGoal) -> ClimateGoal:
    """The goal, or off with the reasons that forbid it."""
    refused = permit(_order(goal), draft.now)
    if not refused:
        return goal
    return ClimateGoal(goal.bay, reasons=tuple(PlanReason(code) for code in refused))


def _order(goal: ClimateGoal) -> Command:
    match goal.mode:
        case ClimateMode.HEAT:
            return HeatBattery(goal.bay, goal.supply_c)
        case ClimateMode.COOL:
            return CoolBattery(goal.bay, goal.supply_c)
        case ClimateMode.CIRCULATE:
            return CirculateCoolant(goal.bay)
        case ClimateMode.OFF:
            return StopClimate(goal.bay)


def _goal(draft: Draft, bay: BayState, mode: ClimateMode) -> ClimateGoal:
    """What the battery needs; what was begun goes on until its own end, so that nothing flaps."""
    model, known = draft.now.battery_model(bay.battery), temperatures_c(draft.now, bay)
    off = ClimateGoal(bay.number)
    if model is None or model.thermal is None or leaving(draft, bay):
        return off
    if known is None:
        return replace(off, reasons=(PlanReason("battery_temperature_known"),) if bay.io.good else ())
    care, (coldest_c, hottest_c) = model.thermal, known
    if hottest_c > (care.cool_to_c if mode is ClimateMode.COOL else care.cool_above_c):
        return _toward(off, ClimateMode.COOL, care, hottest_c)
    why = _needs_warmth(draft, bay)
    if why and coldest_c < (care.heat_to_c if mode is ClimateMode.HEAT else care.heat_below_c):
        return _toward(off, ClimateMode.HEAT, care, coldest_c, why)
    charge = draft.memory.charge(bay.number)
    least_k = EVEN_ABOVE_K / 2 if mode is ClimateMode.CIRCULATE else EVEN_ABOVE_K
    if charge.running and hottest_c - coldest_c > least_k:
        return replace(off, mode=ClimateMode.CIRCULATE, reasons=(PlanReason("climate_evens"),))
    return off


def _toward(
    off: ClimateGoal, mode: ClimateMode, care: Thermal, now_c: float, why: str = "climate_cools"
) -> ClimateGoal:
    heats = mode is ClimateMode.HEAT
    supply_c, to_c = (care.heat_supply_c, care.heat_to_c) if heats else (care.cool_supply_c, care.cool_to_c)
    told = {"temperature_c": f"{now_c:g}", "to_c": f"{to_c:g}"}
    return replace(off, mode=mode, supply_c=supply_c, reasons=(PlanReason(why, told),))


def _needs_warmth(draft: Draft, bay: BayState) -> str:
    """Why a battery should be warm soon: it charges, is to charge, or is promised to a truck; "" when it need not."""
    charge, planned = draft.memory.charge(bay.number), planned_bay(draft, bay)
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    if battery is None or charge.stopped:
        return ""
    goal, soc_pct = charge.goal, battery_soc_pct(bay, battery)
    below = goal is not None and (soc_pct is None or soc_pct < goal.target_soc_pct)
    goes_on_at = planned.goes_on_at if planned is not None else None
    soon = goes_on_at is not None and goes_on_at - draft.snapshot.at <= HEAT_AHEAD
    if below and goal is not None and (not goal.waits or goal.at_once or soon):
        return "climate_heats_for_charge"
    hold = draft.snapshot.inventory.held(battery=battery.battery)
    return "climate_heats_for_hand_out" if hold is not None and hold.kind is HoldKind.BOOKING else ""
