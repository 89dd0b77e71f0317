"""What is wrong with the site's power, and what people are shown of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from swapstation.energy import demand
from swapstation.energy.power_limits import over_at, site_limits
from swapstation.model.dispatch import SITE, Dispatch, DispatchSource
from swapstation.model.power import Demand, DispatchPhase, DispatchState, LimitCause, PowerNode, PowerState
from swapstation.station.charge_state import flows_kw
from swapstation.station.draft import Draft
from swapstation.station.power import OVER, demand_limit_kw, dispatches_now, may_take_kw, path_of
from swapstation.station.power_memory import PowerMemory
from swapstation.station.store_state import store_kw, store_may_take_kw

SHORT_SHARE = 0.8
"""So little of the agreed demand is left for the rest of a quarter of an hour that people are told."""
_COMMANDING = (DispatchSource.SAFETY, DispatchSource.GRID_EMERGENCY)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An alarm's code, source and detail, and how long it stands before it is told (s)."""

    code: str
    source: str
    detail: str = ""
    delay_s: float = 0.0


def power_complaints(draft: Draft) -> Iterator[Complaint]:
    """What alarms say about the site's power in this cycle."""
    memory, limit_kw = draft.memory.power, draft.memory.power.limit.import_kw
    if memory.meter.why:
        yield Complaint("METER_IMPLAUSIBLE", "meter", memory.meter.why, 5.0)
    if memory.site_kw is not None and limit_kw is not None and memory.site_kw > OVER * limit_kw:
        yield Complaint("POWER_LIMIT_EXCEEDED", SITE, f"{memory.site_kw:.0f} kW > {limit_kw:.0f} kW", 5.0)
    agreed_kw = demand_limit_kw(draft)
    if agreed_kw is not None and memory.demand_kw is not None and memory.demand_kw < SHORT_SHARE * agreed_kw:
        yield Complaint("DEMAND_NEAR_LIMIT", SITE, f"{memory.demand_kw:.0f} kW / {agreed_kw:.0f} kW", 5.0)
    for name in sorted(memory.silent):
        yield Complaint("DISPATCH_CHANNEL_SILENT", name, "", 0.0)
    if memory.clock is not None and memory.clock.doubted:
        yield Complaint("CLOCK_JUMPED", "clock", f"{memory.clock.jump_s:+.0f} s", 0.0)
    ranked = {each.dispatch: each for each in dispatches_now(draft) if each.source in _COMMANDING}
    for cause in memory.limit.causes:
        if cause.dispatch in ranked and cause.dispatch not in memory.silent:
            yield Complaint(
                "GRID_LIMIT_ORDERED", cause.dispatch, f"{ranked[cause.dispatch].source.value}: {cause.kw:.0f} kW", 0.0
            )


def power_state(draft: Draft) -> PowerState:
    """The site's power as people and the planner see it."""
    memory = draft.memory.power
    return PowerState(
        limit=memory.limit,
        charging_kw=memory.charging_kw,
        other_kw=round(memory.other_kw, 1),
        site_kw=round(memory.may_kw if memory.site_kw is None else memory.site_kw, 1),
        metered=memory.site_kw is not None,
        hoist_reserved=memory.hoist,
        nodes=tuple(_nodes(draft, memory)),
        demand=_demand(draft, memory),
        dispatches=tuple(_state(draft, memory, each) for each in dispatches_now(draft)),
        causes=memory.causes,
    )


def _nodes(draft: Draft, memory: PowerMemory) -> Iterator[PowerNode]:
    """The tree from its root; of bays those that take power or have a cap of their own."""
    config, limit = draft.rules.config, memory.limit
    efficiency = config.site.charging_efficiency
    bays = [bay for bay in draft.snapshot.bays if bay.charges]
    takes = {bay.number: (flows_kw(bay) / efficiency, may_take_kw(draft, bay) / efficiency) for bay in bays}
    cause = limit.causes[0] if limit.causes and limit.import_kw is not None else None
    flows = sum(taken_kw for taken_kw, _ in takes.values())
    site_kw = flows + store_kw(draft) + memory.other_kw if memory.site_kw is None else memory.site_kw
    yield PowerNode(SITE, "", limit.import_kw, round(site_kw, 1), round(memory.may_kw, 1), cause)
    if config.store is not None:
        yield _node(None, "store", SITE, store_kw(draft), store_may_take_kw(draft))
    for feeder in config.feeders:
        taken, may = (sum(takes[bay][part] for bay in feeder.bays if bay in takes) for part in (0, 1))
        yield _node(limit_node(memory, feeder.name), feeder.name, SITE, taken, may + feeder.guns_kw)
    for bay in bays:
        taken, may = takes[bay.number]
        *_, parent, own = path_of(draft, bay.number)
        cap = limit_node(memory, own)
        if may > 0.0 or cap is not None:
            yield _node(cap, own, parent, taken, may)


def limit_node(memory: PowerMemory, name: str) -> LimitCause | None:
    """The strictest cap of a feeder or bay of its own, None: none."""
    node = memory.limit.node(name)
    return node.cause if node is not None else None


def _node(cause: LimitCause | None, name: str, parent: str, taken_kw: float, may_kw: float) -> PowerNode:
    return PowerNode(name, parent, cause.kw if cause else None, round(taken_kw, 1), round(may_kw, 1), cause)


def _demand(draft: Draft, memory: PowerMemory) -> Demand | None:
    track = memory.demand
    if track is None:
        return None
    tail_kw = memory.may_kw if memory.site_kw is None else memory.site_kw
    peak_kw, peak_at = demand.peak_of(track.last, track.window_at)
    allowed_kw = memory.demand_kw
    return Demand(
        window_at=track.window_at,
        used_kwh=round(demand.used_kwh(track, draft.now_s, tail_kw), 2),
        estimated=track.guessed or memory.site_kw is None,
        allowed_kw=round(allowed_kw, 1) if allowed_kw is not None and isfinite(allowed_kw) else None,
        limit_kw=demand_limit_kw(draft),
        month_peak_kw=round(peak_kw, 1),
        month_peak_at=peak_at,
    )


def _state(draft: Draft, memory: PowerMemory, record: Dispatch) -> DispatchState:
    at = draft.snapshot.at
    if at < record.starts_at:
        phase = DispatchPhase.WAITING
    elif record.dispatch in memory.silent:
        phase = DispatchPhase.SILENT
    elif at < record.ends_at:
        phase = DispatchPhase.IN_FORCE
    else:
        phase = DispatchPhase.ENDING if at < over_at(site_limits(draft.rules.config), record) else DispatchPhase.OVER
    return DispatchState(record, phase)
