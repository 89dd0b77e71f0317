"""Holds a running charge at no current while its goal says so, and ends one that cannot wait that way (own design).

Nothing flaps: a charge runs for a while before it is paused, pauses for a while before it goes on, and contactors close
a bounded number of times in an hour. A limit of the battery itself (its goal is `at_once`) does not wait for any of it.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.command import PauseCharge, ResumeCharge, StopCharge
from swapstation.model.device import ChargePhase, ChargerState
from swapstation.model.snapshot import BayState
from swapstation.station.draft import Draft
from swapstation.station.memory import ChargeMemory
from swapstation.station.site_power import told

LEAST_FLOW_S = 120.0
"""So long current may flow before a charge is paused again."""
LEAST_PAUSE_S = 60.0
"""So long a pause lasts before the charge goes on."""
PAUSE_MARGIN_S = 60.0
"""A pause ends in an orderly stop so long before the longest that the standard knows (`gbt27930.pause_s`)."""
REPEAT_S = 2.0
MOST_STARTS, STARTS_WITHIN_S = 6, 3600.0
"""A battery's contactors close for a charge at most so often in that time; a person may ask for more."""


def goes_on(draft: Draft, bay: BayState, memory: ChargeMemory) -> bool:
    """Whether a charge that we paused may go on now."""
    goal, paused_s = memory.goal, memory.paused_s
    if goal is None or paused_s is None or goal.waits or not _under_way(bay):
        return False
    asked = memory.target_soc_pct is not None
    return asked or draft.now_s - paused_s >= LEAST_PAUSE_S


def go_on(draft: Draft, bay: BayState, memory: ChargeMemory, power_kw: float | None) -> ChargeMemory:
    """Let a paused charge go on with so much power; None: the site has none left yet."""
    if power_kw is None or not draft.send(ResumeCharge(bay.number, power_kw)):
        return memory
    share = None if memory.share is None else told(memory.share, power_kw, draft.now_s)
    return replace(memory, paused_s=None, flows_s=draft.now_s, share=share, told_kw=power_kw)


def held_back(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """Pause a charge that is to wait, tell it again to one that does not show it, end one that waits too long."""
    goal = memory.goal
    if goal is None or not _under_way(bay):
        return memory
    if memory.paused_s is not None:
        return _waiting(draft, bay, memory)
    if not goal.waits or (draft.now_s - memory.flows_s < LEAST_FLOW_S and not goal.at_once):
        return memory
    if bay.abilities.pauses and goal.discharge_kw == 0.0:
        return _paused(draft, bay, replace(memory, paused_s=draft.now_s))
    return _ended(draft, bay, memory)


def may_close(draft: Draft, memory: ChargeMemory) -> bool:
    """Whether contactors may close for another charge of this battery."""
    recent = [start_s for start_s in memory.starts_s if draft.now_s - start_s < STARTS_WITHIN_S]
    return len(recent) < MOST_STARTS or memory.target_soc_pct is not None


def _waiting(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    paused_s = memory.paused_s if memory.paused_s is not None else draft.now_s
    longest_s = draft.rules.config.bay(bay.number).gbt27930.pause_s - PAUSE_MARGIN_S
    if draft.now_s - paused_s >= longest_s:
        return _ended(draft, bay, memory)
    if _shows_pause(bay) or draft.now_s - memory.told_s < REPEAT_S:
        return memory
    return _paused(draft, bay, memory)


def _paused(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    draft.send(PauseCharge(bay.number))
    share = None if memory.share is None else told(memory.share, 0.0, draft.now_s)
    return replace(memory, told_s=draft.now_s, share=share, told_kw=None)


def _ended(draft: Draft, bay: BayState, memory: ChargeMemory) -> ChargeMemory:
    """End the charge in good order; it begins again once its goal lets it.

    Not where the contactors have closed too often: then it goes on with the least power, unless the battery itself
    must not be charged.
    """
    at_once = memory.goal is not None and memory.goal.at_once
    if not (may_close(draft, memory) or at_once) or draft.now_s - memory.last_stop_s < REPEAT_S:
        return memory
    draft.send(StopCharge(bay.number, reached=True))
    return replace(memory, last_stop_s=draft.now_s)


def _under_way(bay: BayState) -> bool:
    """Current flows or could flow: the process is past its beginning and not at its end."""
    if bay.charging == "charger":
        charger = bay.charger.good
        return charger is not None and charger.state in (ChargerState.CHARGING, ChargerState.PAUSED)
    charge = bay.charge.good
    return charge is not None and charge.phase is ChargePhase.CHARGING


def _shows_pause(bay: BayState) -> bool:
    if bay.charging == "charger":
        return bay.charger.good is not None and bay.charger.good.state is ChargerState.PAUSED
    return bay.demand.power_limit_kw == 0.0
