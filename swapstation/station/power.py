"""The site's power in each cycle: which caps are in force, what the meter tells, and what is left for the charging.

The figures are those of swapstation/energy; here they meet the snapshot. Who is told what is charge_limits.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf, isfinite

from swapstation.config.settings import DemandWindow
from swapstation.energy import demand, other_load, site_meter
from swapstation.energy.power_limits import SiteLimits, limit_at, over_at, site_limits
from swapstation.energy.site_meter import MeterReading
from swapstation.energy.station_clock import looked
from swapstation.model.device import RobotState
from swapstation.model.dispatch import SITE, Dispatch
from swapstation.model.power import LimitCause, PowerLimit
from swapstation.model.power_record import DispatchEnded, PowerLimitChanged, QuarterMeasured
from swapstation.model.snapshot import BayState
from swapstation.station.charge_state import charge_is_active, charger_silent, flows_kw
from swapstation.station.draft import Draft
from swapstation.station.power_memory import Heard, PowerMemory
from swapstation.station.store_state import store_kw, store_may_give_kw, store_may_take_kw

OVER = 1.05
"""So much above its limit the site is too high, not only inexact."""
METER_DIGIT_KWH = 0.01
"""Last digit of the energy that a meter tells (DL/T 645-2007, table A.1), before its transformers."""
DISPATCH_OVER = "over"


def run_power(draft: Draft) -> None:
    """Find the limits of this cycle and remember them; every change of the effective limit is recorded."""
    _leave_what_is_stored(draft)
    memory = draft.memory.power
    memory = replace(memory, clock=looked(memory.clock, draft.snapshot.at, draft.now_s), hoist=_hoist_foreseen(draft))
    memory = _arbitrated(draft, memory, site_limits(draft.rules.config))
    memory = _measured(draft, memory)
    memory = _windowed(draft, memory)
    draft.remember(power=_budgeted(draft, memory))


def dispatches_now(draft: Draft) -> tuple[Dispatch, ...]:
    """The records that stand: those of the database, over them what was accepted since."""
    known = {each.dispatch: each for each in draft.snapshot.inventory.dispatches}
    known |= {each.dispatch: each for each in draft.memory.power.accepted}
    return tuple(known[name] for name in sorted(known))


def path_of(draft: Draft, bay: int) -> tuple[str, ...]:
    """The nodes that a bay's power passes: the site, its feeder, its own."""
    feeders = (feeder.name for feeder in draft.rules.config.feeders if bay in feeder.bays)
    return (SITE, *feeders, f"bay-{bay}")


def may_take_kw(draft: Draft, bay: BayState) -> float:
    """The most that a bay may take until it shows that it takes less (kW DC)."""
    share = draft.memory.charge(bay.number).share
    if share is not None:
        return max(share.most_kw, flows_kw(bay))
    unknown = charge_is_active(bay) or charger_silent(bay)
    return draft.rules.config.bay(bay.number).max_power_kw if unknown else max(flows_kw(bay), 0.0)


def _arbitrated(draft: Draft, memory: PowerMemory, site: SiteLimits) -> PowerMemory:
    """Which limit is in force now, by every record that stands and is heard."""
    assert memory.clock is not None
    dispatches, now_s = dispatches_now(draft), draft.now_s
    known = {each.dispatch: each.at_s for each in memory.heard}
    heard = tuple(Heard(each.dispatch, known.get(each.dispatch, now_s)) for each in dispatches)
    silent = frozenset(
        each.dispatch
        for each, when in zip(dispatches, heard, strict=True)
        if each.renew_s is not None and now_s - when.at_s > each.renew_s
    )
    _end_what_is_over(draft, memory, site)
    limit = limit_at(site, dispatches, memory.clock.instants, silent)
    memory = replace(memory, heard=heard, silent=silent, limit=limit)
    return _noted(draft, memory, {each.dispatch for each in dispatches if each.ramp_kw_per_min is not None})


def _leave_what_is_stored(draft: Draft) -> None:
    """What was accepted is in the database by now, or was refused there, once nothing waits to be written."""
    memory = draft.memory.power
    stored = {each.dispatch: each for each in draft.snapshot.inventory.dispatches}
    waits = draft.snapshot.journal_pending > 0 or bool(draft.batches)
    accepted = tuple(each for each in memory.accepted if waits and stored.get(each.dispatch) != each)
    draft.remember(power=replace(memory, accepted=accepted))


def _end_what_is_over(draft: Draft, memory: PowerMemory, site: SiteLimits) -> None:
    """Write down what has ended by its time, whichever of two times the clock may mean; one write at a time."""
    assert memory.clock is not None
    if draft.snapshot.journal_pending or not draft.snapshot.journal_writes:
        return
    surely_at = min(memory.clock.instants)
    for each in draft.snapshot.inventory.dispatches:
        if over_at(site, each) <= surely_at:
            draft.record(DispatchEnded(each.dispatch, DISPATCH_OVER))


def _noted(draft: Draft, memory: PowerMemory, ramped: set[str]) -> PowerMemory:
    """Record a limit that is another one than the last on record; along a ramp only where it begins and ends."""
    limit, noted = memory.limit, memory.noted
    if noted is None:
        noted = limit_at(site_limits(draft.rules.config), (), (draft.snapshot.at,))
    if _outline(limit, ramped) == _outline(noted, ramped):
        return replace(memory, noted=limit if memory.noted is None else memory.noted)
    draft.record(
        PowerLimitChanged(
            limit.import_kw,
            limit.charging_kw,
            limit.export_kw,
            limit.setpoint_kw,
            limit.soc_target_pct,
            limit.shed_level,
            limit.nodes,
            limit.causes,
        )
    )
    return replace(memory, noted=limit)


def _outline(limit: PowerLimit, ramped: set[str]) -> tuple[object, ...]:
    """What makes a limit another one for the record: without the values on their way along a ramp."""
    causes = [*limit.causes[:1], *(node.cause for node in limit.nodes)]
    values = [None if cause.dispatch in ramped else cause.kw for cause in causes]
    names = [(cause.code, cause.dispatch) for cause in causes]
    asked = limit.setpoint_kw is not None and bool(ramped), limit.soc_target_pct, limit.shed_level, limit.export_kw
    return names, values, asked


def _measured(draft: Draft, memory: PowerMemory) -> PowerMemory:
    """What the meter tells of the site, and what the site takes beside its bays and its store."""
    config, now_s, seen = draft.rules.config, draft.now_s, draft.snapshot.meter
    bounds, bays = site_limits(config), [bay for bay in draft.snapshot.bays if bay.charges]
    efficiency = config.site.charging_efficiency
    reading = None
    if seen.value is not None and seen.age_s is not None and seen.age_s >= 0.0:
        energy_kwh = seen.value.energy_kwh / config.site.plant_speed
        reading = MeterReading(now_s - seen.age_s, energy_kwh, seen.value.power_kw)
    flows = sum(flows_kw(bay) for bay in bays) / efficiency
    may_kw = sum(may_take_kw(draft, bay) for bay in bays) / efficiency + store_may_take_kw(draft)
    resolution_kwh = METER_DIGIT_KWH * config.links.meter_ratio
    before = memory.meter.last
    track = site_meter.followed(memory.meter, reading, bounds.most_kw + bounds.gives_kw, resolution_kwh)
    flows += store_kw(draft)
    gives_kw = config.site.generation_kw + store_may_give_kw(draft)
    track = site_meter.beside(track, max(flows, 0.0), now_s, gives_kw)
    site_kw, other = track.power_kw if track.fresh(now_s) else None, memory.other
    if site_kw is not None and track.last is not None and track.last != before:
        limit_kw = memory.limit.import_kw
        busy_kw = config.site.hoist_kw if _robot_moves(draft) else 0.0
        over = limit_kw is not None and site_kw > limit_kw
        other = other_load.sampled(other, site_kw - flows - busy_kw, track.last.at_s, over)
    kept_kw = config.site.hoist_kw if memory.hoist or site_kw is None else 0.0
    unseen_kw = config.site.other_load_kw + config.site.guns_kw
    beside_kw = max(other.kw or 0.0, unseen_kw) if site_kw is None or other.kw is None else other.kw
    other_kw = beside_kw + kept_kw
    return replace(memory, meter=track, other=other, site_kw=site_kw, may_kw=may_kw + other_kw, other_kw=other_kw)


def _windowed(draft: Draft, memory: PowerMemory) -> PowerMemory:
    """The running quarter of an hour: what it has used, and what may be drawn for the rest of it."""
    assert memory.clock is not None
    at, now_s, site = memory.clock.at, draft.now_s, draft.rules.config.site
    limit_kw = demand_limit_kw(draft)
    if memory.meter.last is None and limit_kw is None:
        return memory
    tail_kw = memory.may_kw if memory.site_kw is None else memory.site_kw
    track = memory.demand
    if track is None:
        guess_kw = min(kw for kw in (limit_kw, memory.limit.import_kw, memory.may_kw) if kw is not None)
        track = demand.begun(at, now_s, guess_kw, draft.snapshot.inventory.quarter)
    track = demand.counted(track, memory.meter, memory.may_kw)
    quarter = demand.closed(track, at, now_s, tail_kw, memory.meter)
    if quarter is not None:
        draft.record(QuarterMeasured(quarter))
    track = demand.turned(track, at, now_s, tail_kw, quarter)
    allowed_kw = None
    if limit_kw is not None:
        sliding = site.demand_window is DemandWindow.SLIDING
        allowed_kw = demand.allowed_kw(track, now_s, tail_kw, limit_kw, sliding)
    return replace(memory, demand=track, demand_kw=allowed_kw)


def demand_limit_kw(draft: Draft) -> float | None:
    """Most mean import of a quarter of an hour: what is agreed for it, else the contract; None: nothing is kept."""
    site = draft.rules.config.site
    return min((kw for kw in (site.demand_kw, site.contract_kw) if kw is not None), default=None)


def _budgeted(draft: Draft, memory: PowerMemory) -> PowerMemory:
    """What may be taken at each node. A full window never leaves a running charge less than the least."""
    config, limit = draft.rules.config, memory.limit
    efficiency = config.site.charging_efficiency
    running = [config.bay(bay.number) for bay in draft.snapshot.bays if bay.charges and charge_is_active(bay)]
    least_kw = sum(bay.least_power_kw for bay in running) / efficiency
    store_may_kw = store_may_take_kw(draft)
    parts: list[tuple[float, float, tuple[LimitCause, ...]]] = []
    if limit.import_kw is not None:
        causes = tuple(cause for cause in limit.causes if cause.code != "limit_charging")
        parts.append((limit.import_kw - memory.other_kw, 0.0, causes))
    if limit.charging_kw is not None:
        parts.append((limit.charging_kw, 0.0, (LimitCause("limit_charging", limit.charging_kw),)))
    if memory.demand_kw is not None:
        cause = LimitCause("limit_demand", memory.demand_kw)
        parts.append((memory.demand_kw - memory.other_kw, least_kw, (cause,)))
    room_kw = min((part[0] for part in parts), default=None)
    if not parts and not limit.nodes:
        return replace(memory, budgets=(), charging_kw=None, room_kw=None, causes=())
    left = [(max(kw - store_may_kw, kept_kw), causes) for kw, kept_kw, causes in parts]
    charging_kw, causes = min(left, key=lambda part: part[0], default=(inf, ()))
    budgets = {SITE: charging_kw * efficiency, **dict(_node_budgets(draft, limit))}
    kept = tuple((name, kw) for name, kw in budgets.items() if isfinite(kw))
    known_kw = charging_kw if isfinite(charging_kw) else None
    return replace(memory, budgets=kept, charging_kw=known_kw, room_kw=room_kw, causes=causes)


def _node_budgets(draft: Draft, limit: PowerLimit) -> Iterator[tuple[str, float]]:
    config = draft.rules.config
    guns_kw: Mapping[str, float] = {feeder.name: feeder.guns_kw for feeder in config.feeders}
    for node in limit.nodes:
        yield node.node, max(node.kw - guns_kw.get(node.node, 0.0), 0.0) * config.site.charging_efficiency


def _robot_moves(draft: Draft) -> bool:
    robot = draft.snapshot.robot.good
    return robot is None or robot.state is RobotState.BUSY


def _hoist_foreseen(draft: Draft) -> bool:
    """The robot moves or is about to: work is open, or a truck stands in the lane."""
    return draft.work is not None or draft.snapshot.truck.good is not None or _robot_moves(draft)
