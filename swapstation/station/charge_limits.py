"""Keeps the charging bays within the site limit: what each bay claims and shows, and who is told a new power limit.

The figures are those of site_power.py, the budgets those of power.py. Without any limit every bay may take its own most
and nobody is told, but what was told before is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from swapstation.model.command import LimitCharge
from swapstation.model.device import ChargePhase, ChargerState
from swapstation.model.snapshot import BayState
from swapstation.station.charge_state import START_PATIENCE_S, charge_is_active, charge_stops, charger_silent, flows_kw
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.power import path_of
from swapstation.station.selection import battery_soc_pct
from swapstation.station.site_power import Claim, Reading, Share, new_limits, shown, told, unheard

RAMPED_S = 20.0
UNTAKEN_KW, HEADROOM_KW = 10.0, 20.0
"""A bay that so long after its last raise leaves so much of its limit is given what it takes and this on top."""


def most_kw(draft: Draft, memory: ChargeMemory) -> float:
    """What a bay may take at most: what its goal lets it, or its least power until it is paused, unless at once."""
    bay, goal = draft.rules.config.bay(memory.bay), memory.goal
    if goal is None:
        return bay.max_power_kw
    paused_later = goal.waits and not goal.at_once
    return bay.least_power_kw if paused_later else min(bay.max_power_kw, max(goal.max_kw, 0.0))


def least_kw(draft: Draft, memory: ChargeMemory) -> float:
    """What the charge of a bay is guaranteed: less than the bay's own where it may not take that much."""
    return min(draft.rules.config.bay(memory.bay).least_power_kw, most_kw(draft, memory))


def followed(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """The memory with what the devices show now of the bay's share of the site's power; nothing without a limit."""
    share = memory.share
    if not draft.memory.power.budgets and share is None:
        return memory
    reading = _reading(draft, bay)
    if _takes_none(draft, bay, memory):
        return replace(memory, share=None)
    if share is None:
        found_kw = draft.rules.config.bay(bay.number).max_power_kw
        if reading is not None and reading.limit_kw is not None:
            found_kw = max(reading.limit_kw, reading.taken_kw)
        return replace(memory, share=told(None, found_kw, draft.now_s))
    return memory if reading is None else replace(memory, share=shown(share, reading))


def planned(draft: Draft, charges: Iterable[ChargeMemory], begins: frozenset[int]) -> Mapping[int, float]:
    """New power limits by bay (kW); those of bays that are to begin are what they may begin with."""
    known, budgets = tuple(charges), dict(draft.memory.power.budgets)
    if not budgets and all(each.share is None for each in known):
        return {each.bay: most_kw(draft, each) for each in known if each.bay in begins}
    return new_limits([_claim(draft, each, each.bay in begins) for each in known], budgets)


def first_share(draft: Draft, power_kw: float) -> Share | None:
    """The share of a charge that begins; None without a limit."""
    return told(None, power_kw, draft.now_s) if draft.memory.power.budgets else None


def limited(draft: Draft, bay: BayState, memory: ChargeMemory, limits: Mapping[int, float]) -> ChargeMemory:
    """Tell a bay whose charge runs its new limit, or once more the one that it has not heard."""
    share = memory.share
    if (
        share is None
        or not memory.running
        or memory.paused_s is not None
        or not charge_is_active(bay)
        or charge_stops(bay)
    ):
        return memory
    limit_kw = limits.get(bay.number, share.limit_kw)
    if limit_kw == share.limit_kw and not unheard(share, _reading(draft, bay), draft.now_s):
        return memory
    raises = limit_kw > share.limit_kw or (limit_kw == share.limit_kw and share.raised_s == share.since_s)
    if not draft.send(LimitCharge(bay.number, limit_kw, raises)):
        return memory
    return replace(memory, share=told(share, limit_kw, draft.now_s))


def _takes_none(draft: Draft, bay: BayState, memory: ChargeMemory) -> bool:
    """No charge runs or is under way, by what the devices say now; one that was called off may still come up."""
    if memory.order is not None or charge_is_active(bay) or flows_kw(bay) >= 1.0:
        return False
    if memory.share is not None and not memory.running and draft.now_s - memory.share.told_s < START_PATIENCE_S:
        return False
    io = bay.io.good
    open_circuit = io is not None and not (io.contactor_closed and io.connector_mated)
    return open_circuit or not charger_silent(bay)


def _reading(draft: Draft, bay: BayState) -> Reading | None:
    """What a bay shows of its limit, and what it takes; one that shows the pause it was told is limited to nothing."""
    if bay.charging == "charger":
        charger = bay.charger.good
        if charger is None:
            return None
        paused = charger.state is ChargerState.PAUSED and draft.memory.charge(bay.number).paused_s is not None
        return Reading(
            0.0 if paused else charger.power_limit_kw, flows_kw(bay), draft.now_s - (bay.charger.age_s or 0.0)
        )
    if bay.modules.good is None:
        return None
    return Reading(bay.demand.power_limit_kw, flows_kw(bay), draft.now_s - (bay.modules.age_s or 0.0))


def _claim(draft: Draft, memory: ChargeMemory, begins: bool) -> Claim:
    bay, share, nodes = draft.snapshot.by_number[memory.bay], memory.share, path_of(draft, memory.bay)
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    soc_pct = (battery_soc_pct(bay, battery) if battery is not None else None) or 0.0
    told_kw, may_take_kw = (0.0, 0.0) if share is None else (share.limit_kw, share.most_kw)
    wants_kw = wanted_kw(draft, bay, memory, begins)
    return Claim(bay.number, soc_pct, wants_kw, told_kw, may_take_kw, least_kw(draft, memory), nodes)


def wanted_kw(draft: Draft, bay: BayState, memory: ChargeMemory, begins: bool) -> float:
    """What a bay would take (kW DC): its least while its charge is to begin, 0 while none runs."""
    if begins:
        return least_kw(draft, memory)
    runs = charge_is_active(bay) and not charge_stops(bay) and memory.paused_s is None
    return _running_kw(draft, bay, memory) if runs else 0.0


def _running_kw(draft: Draft, bay: BayState, memory: ChargeMemory) -> float:
    """What a running charge would take: what its battery asks for, and no more than it is seen to take."""
    charge, charger, share = bay.charge.good, bay.charger.good, memory.share
    charging = charge is not None and charge.phase is ChargePhase.CHARGING
    if bay.charging == "charger":
        charging = charger is not None and charger.state is ChargerState.CHARGING
    if not charging:
        return least_kw(draft, memory)
    wants_kw = most_kw(draft, memory)
    if charge is not None and charge.wanted_current_a is not None and charge.voltage_v is not None:
        wants_kw = min(wants_kw, charge.wanted_current_a * charge.voltage_v / 1000.0)
    if share is not None and draft.now_s - share.raised_s >= RAMPED_S:
        taken_kw = flows_kw(bay)
        wants_kw = min(wants_kw, taken_kw + HEADROOM_KW) if taken_kw < share.limit_kw - UNTAKEN_KW else wants_kw
    return max(wants_kw, least_kw(draft, memory))
