"""The site's store follows the plan's set-point within every limit; without a plan, at any fire or doubt it rests.

Own design. Batteries come before it: it takes what the site's limits leave after all that bays may take or would, and
gives no more than the site takes beside it and may feed back. A set-point is a lease that is renewed. It rises once
meter and store have both shown what came of the last one, and falls at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from swapstation.config.site_settings import SiteStore
from swapstation.model.charge_plan import PlanReason
from swapstation.model.command import SetStorePower, StopStore
from swapstation.model.store import Store, StoreGoal
from swapstation.station.charge_limits import wanted_kw
from swapstation.station.charge_state import flows_kw
from swapstation.station.charging import begins
from swapstation.station.draft import Draft
from swapstation.station.memory import StoreMemory
from swapstation.station.permit import permit
from swapstation.station.power import may_take_kw
from swapstation.station.power_watch import Complaint
from swapstation.station.store_state import LEASE_S, SETTLE_S, store_heard_s, store_may_take_kw

LEAST_KW = 1.0
"""Less than this is rest."""
SAME_KW, BAND_KW = 0.5, 5.0
"""A smaller change is not told; a smaller rise is not, unless it is up to what the plan asks for."""
RENEW_S, REPEAT_S = 20.0, 3.0
MARGIN_KW = 5.0
"""So much less than the site takes is given: loads fall between two readings of the meter."""
HYSTERESIS_PCT = 1.0
"""It begins to take or give only so far from the end of its SOC."""
OBEYS_KW, OBEYS_SHARE, OBEYS_S = 5.0, 0.05, 10.0
LINK_LOST_S = 3.0


def run_store(draft: Draft) -> None:
    """Decide for the site's store, where it has one."""
    settings = draft.rules.config.store
    if settings is None:
        return
    memory = _followed(draft, draft.memory.store or _found(draft))
    goal = _held(draft, memory, _permitted(draft, _goal(draft, settings, memory)))
    draft.remember(store=_told(draft, memory, goal))


def _found(draft: Draft) -> StoreMemory:
    """After a start an order of before may still count."""
    return StoreMemory(since_s=draft.now_s, led_s=draft.now_s, most_kw=store_may_take_kw(draft))


def _followed(draft: Draft, memory: StoreMemory) -> StoreMemory:
    """The memory with what the store shows of what it may take; a silent one has ended with its lease."""
    store = draft.snapshot.store.good
    if store is None:
        return replace(memory, most_kw=0.0) if draft.now_s - memory.led_s > LEASE_S else memory
    if store_heard_s(draft) < memory.since_s + SETTLE_S:
        return memory
    return replace(memory, most_kw=max(memory.told_kw, store.setpoint_kw or 0.0, store.power_kw, 0.0))


def _goal(draft: Draft, settings: SiteStore, memory: StoreMemory) -> StoreGoal:
    """What the plan asks for, as far as the store and the site can."""
    plan, store = draft.snapshot.plan, draft.snapshot.store.good
    if plan is None or plan.store_kw is None:
        return StoreGoal(0.0, (PlanReason("store_no_plan"),))
    if store is None:
        return StoreGoal(0.0, (PlanReason("store_ready"),))
    if abs(plan.store_kw) < LEAST_KW:
        return StoreGoal(0.0, (PlanReason("store_plan_rests"),))
    if end := _end_of_soc(settings, store, plan.store_kw, memory):
        return StoreGoal(0.0, (PlanReason(end, {"soc_pct": f"{store.soc_pct:.0f}"}),))
    charges = plan.store_kw > 0.0
    own_kw = store.charge_limit_kw if charges else store.discharge_limit_kw
    bounds = [
        (abs(plan.store_kw), "store_follows_plan", "power_kw"),
        (settings.charge_kw if charges else settings.discharge_kw, "store_takes_less", "limit_kw"),
        (inf if own_kw is None else own_kw, "store_takes_less", "limit_kw"),
        _charging_bound(draft) if charges else _giving_bound(draft, store, memory),
    ]
    most_kw, code, name = min(bounds, key=lambda bound: bound[0])
    power_kw = most_kw if most_kw >= LEAST_KW else 0.0
    told_kw = plan.store_kw if code == "store_follows_plan" else max(most_kw, 0.0)
    signed_kw = power_kw if charges else -power_kw
    return StoreGoal(signed_kw, (PlanReason(code, {name: f"{told_kw:.0f}"}),))


def _end_of_soc(settings: SiteStore, store: Store, asked_kw: float, memory: StoreMemory) -> str:
    runs = memory.told_kw * asked_kw > 0.0
    margin_pct = 0.0 if runs else HYSTERESIS_PCT
    if asked_kw > 0.0 and store.soc_pct >= settings.most_soc_pct - margin_pct:
        return "store_full"
    if asked_kw < 0.0 and store.soc_pct <= settings.least_soc_pct + margin_pct:
        return "store_empty"
    return ""


def _charging_bound(draft: Draft) -> tuple[float, str, str]:
    """What the site's limits leave after the bays."""
    power = draft.memory.power
    if power.limit.shed_level >= 3:
        return 0.0, "store_shed", "limit_kw"
    if power.room_kw is None:
        return inf, "", ""
    bays = [bay for bay in draft.snapshot.bays if bay.charges]
    taken_kw = 0.0
    for bay in bays:
        charge = draft.memory.charge(bay.number)
        wants_kw = wanted_kw(draft, bay, charge, begins(draft, bay, charge))
        taken_kw += max(may_take_kw(draft, bay), wants_kw)
    return power.room_kw - taken_kw / draft.rules.config.site.charging_efficiency, "store_import_short", "limit_kw"


def _giving_bound(draft: Draft, store: Store, memory: StoreMemory) -> tuple[float, str, str]:
    """What the site takes beside it and may feed back; until a change has shown, what it was told."""
    power = draft.memory.power
    if power.site_kw is None:
        return 0.0, "store_export_kept", "limit_kw"
    if not _settled(draft, memory):
        return max(-memory.told_kw, 0.0), "store_export_short", "limit_kw"
    room_kw = power.site_kw - store.power_kw - _comes_back_kw(draft) + power.limit.export_kw - MARGIN_KW
    return room_kw, "store_export_short", "limit_kw"


def _comes_back_kw(draft: Draft) -> float:
    """What spares were ordered to give and do not show yet."""
    coming_kw = 0.0
    for bay in draft.snapshot.bays:
        order = draft.memory.discharge(bay.number).order
        ordered_kw = getattr(order.command, "power_kw", 0.0) if order is not None else 0.0
        coming_kw += max(ordered_kw - max(-flows_kw(bay), 0.0), 0.0)
    return coming_kw


def _settled(draft: Draft, memory: StoreMemory) -> bool:
    """Whether meter and store have both shown what came of the last set-point."""
    meter = draft.memory.power.meter.last
    shown_s = min(store_heard_s(draft), meter.at_s if meter is not None else -inf)
    return shown_s >= memory.since_s + SETTLE_S


def _held(draft: Draft, memory: StoreMemory, goal: StoreGoal) -> StoreGoal:
    """The goal as it may be told now: it turns through rest, falls at once, and rises in steps that were seen."""
    told_kw, power_kw = memory.told_kw, goal.power_kw
    if told_kw * power_kw < 0.0 or (power_kw and not _settled(draft, memory) and told_kw == 0.0):
        return replace(goal, power_kw=0.0)
    rises_kw = abs(power_kw) - abs(told_kw)
    follows = goal.reasons[0].code == "store_follows_plan"
    small = rises_kw < (SAME_KW if follows else BAND_KW)
    if rises_kw > 0.0 and (small or not _settled(draft, memory)):
        return replace(goal, power_kw=told_kw)
    return replace(goal, power_kw=told_kw) if power_kw and -SAME_KW < rises_kw <= 0.0 else goal


def _permitted(draft: Draft, goal: StoreGoal) -> StoreGoal:
    """The goal, or rest with the reasons that forbid it."""
    refused = permit(SetStorePower(goal.power_kw), draft.now) if goal.power_kw else ()
    return StoreGoal(0.0, tuple(PlanReason(code) for code in refused)) if refused else goal


def _told(draft: Draft, memory: StoreMemory, goal: StoreGoal) -> StoreMemory:
    """Tell another set-point at once, the same one again while it does not show, and before its lease ends."""
    changed, since_s = goal.power_kw != memory.told_kw, draft.now_s - memory.told_s
    due = since_s >= (RENEW_S if goal.power_kw and _obeys(draft, memory) else REPEAT_S)
    rests = not goal.power_kw and _obeys(draft, memory)
    if not changed and (rests or not due):
        return replace(memory, goal=goal)
    if not draft.send(SetStorePower(goal.power_kw) if goal.power_kw else StopStore()):
        return memory
    return replace(
        memory,
        goal=goal,
        told_kw=goal.power_kw,
        told_s=draft.now_s,
        since_s=draft.now_s if changed else memory.since_s,
        led_s=draft.now_s if goal.power_kw else memory.led_s,
        most_kw=max(memory.most_kw, goal.power_kw),
    )


def _obeys(draft: Draft, memory: StoreMemory) -> bool:
    """Whether the store shows the set-point that it was told."""
    store = draft.snapshot.store.good
    if store is None:
        return False
    return abs((store.power_kw if store.setpoint_kw is None else store.setpoint_kw) - memory.told_kw) <= OBEYS_KW


def store_complaints(draft: Draft) -> Iterator[Complaint]:
    """A store that is not heard, says that it cannot work, or takes or gives more than it was told."""
    settings, store, memory = draft.rules.config.store, draft.snapshot.store.good, draft.memory.store
    if settings is None:
        return
    if store is None:
        yield Complaint("STORE_LINK_LOST", "store", "", LINK_LOST_S)
    elif not store.healthy:
        yield Complaint("STORE_FAULT", "store", f"{store.state.value}, {store.fault_code}", 1.0)
    elif memory is not None:
        slack_kw = max(OBEYS_KW, OBEYS_SHARE * max(settings.charge_kw, settings.discharge_kw))
        low_kw, high_kw = min(memory.told_kw, 0.0) - slack_kw, max(memory.told_kw, 0.0) + slack_kw
        if not low_kw <= store.power_kw <= high_kw:
            yield Complaint("STORE_FAULT", "store", f"{store.power_kw:.0f} kW / {memory.told_kw:.0f} kW", OBEYS_S)
