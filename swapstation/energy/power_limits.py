"""The site's power limits, arbitrated: the configured caps and every dispatch record in force (own design).

Safety > grid emergency > contract > dispatch > price. Caps combine by their minimum, so the rank only says which cause
people are told of equal ones, and which of several set-points or SOC targets counts; the plan comes last, within all.
A record that ended, and one whose channel is silent, never keeps its last value: docs/power_limits.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from swapstation.config.settings import Config
from swapstation.model.dispatch import SITE, Dispatch, DispatchKind, DispatchSource
from swapstation.model.power import LimitCause, NodeLimit, PowerLimit

NO_SILENCE: frozenset[str] = frozenset()
INSTANT = timedelta(microseconds=1)
ROUNDING_KW = 0.01
"""More than the steepest ramp moves in an instant."""
_RANK = {source: rank for rank, source in enumerate(DispatchSource)}
_CONTRACT_RANK = _RANK[DispatchSource.GRID_EMERGENCY] + 0.5
"""Between the grid's emergency and everybody who dispatches."""
_CAPS = (DispatchKind.IMPORT_CAP, DispatchKind.SETPOINT, DispatchKind.SHED_LEVEL)


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """The caps of the configuration (kW AC, None: none) and what the site could take at all.

    `charging_kw`: of all charging together. `other_kw`: what else is reserved for: building, robot, plug-in guns.
    `most_kw`: sum of everything that may be drawn; a ramp begins and levels of shedding are counted from there where
    the site has no cap of its own. `gives_kw`: most that PV and the store may give. `shed_pct`: what is left of
    the site's own cap at the levels 0 to 3.
    """

    import_kw: float | None
    charging_kw: float | None
    other_kw: float
    most_kw: float
    gives_kw: float = 0.0
    export_kw: float = 0.0
    feeders: tuple[tuple[str, float], ...] = ()
    shed_pct: tuple[float, float, float, float] = (100.0, 70.0, 40.0, 0.0)

    @property
    def base_kw(self) -> float:
        """The site's own cap where it has one, else all that it could take."""
        own = (None if self.charging_kw is None else self.charging_kw + self.other_kw, self.import_kw, self.most_kw)
        return min(kw for kw in own if kw is not None)


@dataclass(frozen=True, slots=True)
class StepLimit:
    """Least of what is allowed within a step of the planner: kW AC, None: no limit.

    `import_kw` at the meter, all in; `charging_kw` of all charging together, what else the site takes subtracted;
    `export_kw` at the meter, fed back.
    """

    import_kw: float | None
    charging_kw: float | None
    export_kw: float = 0.0


@dataclass(frozen=True, slots=True)
class _Cap:
    node: str
    rank: float
    cause: LimitCause


def site_limits(config: Config) -> SiteLimits:
    """The caps of a station's configuration."""
    site = config.site
    bays_kw = sum(bay.max_power_kw for bay in config.charging_bays) / site.charging_efficiency
    other_kw = site.other_load_kw + site.hoist_kw + site.guns_kw
    return SiteLimits(
        import_kw=site.contract_kw,
        charging_kw=site.power_kw,
        other_kw=other_kw,
        most_kw=bays_kw + other_kw + (config.store.charge_kw if config.store else 0.0),
        gives_kw=site.generation_kw + (config.store.discharge_kw if config.store else 0.0),
        export_kw=site.export_kw,
        feeders=tuple((feeder.name, feeder.limit_kw) for feeder in config.feeders),
        shed_pct=(100.0, *site.shed_pct, 0.0),
    )


def limit_at(
    site: SiteLimits,
    dispatches: Iterable[Dispatch],
    instants: Sequence[datetime],
    silent: frozenset[str] = NO_SILENCE,
) -> PowerLimit:
    """Every cap in force, combined. `silent`: records whose channel has not renewed them in time.

    Of several instants that it may be, because the clock is in doubt, each cap of each of them counts; what is no cap
    is that of the first.
    """
    known = tuple(dispatches)
    heard = [each for each in known if each.dispatch not in silent]
    unheard = [each for each in known if each.dispatch in silent]
    ordered = sorted(heard, key=lambda each: (_RANK[each.source], -each.received_at.timestamp(), each.dispatch))
    setpoint = _first(ordered, DispatchKind.SETPOINT, instants[0])
    target = _first(ordered, DispatchKind.SOC_TARGET, instants[0])
    caps, export = [*_own_caps(site)], [site.export_kw]
    for at in instants:
        caps += [*_dispatched_caps(site, _asked(ordered, at), at), *_fallbacks(site, unheard, at)]
        export += [each.value for each in heard if each.kind is DispatchKind.EXPORT_CAP and _in_force(each, at)]
    levels = [each.value for each in heard if each.kind is DispatchKind.SHED_LEVEL and _in_force(each, instants[0])]
    limit = _combined(site, caps)
    return replace(
        limit,
        export_kw=min(export),
        setpoint_kw=_bounded(setpoint.value, limit.import_kw) if setpoint is not None else None,
        soc_target_pct=target.value if target is not None else None,
        shed_level=int(max(levels, default=0)),
    )


def limit_course(
    site: SiteLimits,
    dispatches: Sequence[Dispatch],
    starts_at: datetime,
    step_s: Sequence[float],
    silent: frozenset[str] = NO_SILENCE,
    other_kw: float | None = None,
) -> tuple[StepLimit, ...]:
    """The least limit within each of the steps that follow each other from `starts_at`, from the records of now.

    `other_kw`: what the site takes beside the charging; None: what the configuration reserves.
    """
    beside_kw = site.other_kw if other_kw is None else other_kw
    turns = sorted({turn for each in dispatches for turn in _turns(site, each)})
    found, begins_at = [], starts_at
    for length_s in step_s:
        ends_at = begins_at + timedelta(seconds=length_s)
        within = [at for turn in turns for at in (turn - INSTANT, turn) if begins_at < at < ends_at]
        limits = [limit_at(site, dispatches, (at,), silent) for at in (begins_at, *within, ends_at - INSTANT)]
        import_kw = _least(limit.import_kw for limit in limits)
        charging_kw = _least(charging_limit_kw(limit, beside_kw) for limit in limits)
        found.append(StepLimit(import_kw, charging_kw, min(limit.export_kw for limit in limits)))
        begins_at = ends_at
    return tuple(found)


def charging_limit_kw(limit: PowerLimit, other_kw: float) -> float | None:
    """What all charging together may take (kW AC) while the site takes `other_kw` beside it; None: no limit."""
    if limit.import_kw is None:
        return limit.charging_kw
    return _least((limit.charging_kw, max(limit.import_kw - other_kw, 0.0)))


def capped_kw(site: SiteLimits, dispatch: Dispatch) -> float | None:
    """The cap that a record sets where its ramp has come to its end (kW AC); None: it caps no import."""
    shed_of_nothing = dispatch.kind is DispatchKind.SHED_LEVEL and dispatch.value == 0
    return _asked_kw(site, dispatch) if dispatch.kind in _CAPS and not shed_of_nothing else None


def over_at(site: SiteLimits, dispatch: Dispatch) -> datetime:
    """When a record counts no more at all: its end, and the way back up of its ramp."""
    return max(_turns(site, dispatch))


def _turns(site: SiteLimits, dispatch: Dispatch) -> Iterator[datetime]:
    """The instants at which the course of a record bends."""
    yield dispatch.starts_at
    yield dispatch.ends_at
    if dispatch.ramp_kw_per_min is not None and dispatch.kind in _CAPS:
        for kw in (_asked_kw(site, dispatch), dispatch.fallback_kw):
            if kw is not None:
                whole = timedelta(minutes=max(site.base_kw - kw, 0.0) / dispatch.ramp_kw_per_min)
                yield min(dispatch.starts_at + whole, dispatch.ends_at)
                yield dispatch.ends_at + min(whole, dispatch.ends_at - dispatch.starts_at)


def _in_force(dispatch: Dispatch, at: datetime) -> bool:
    return dispatch.starts_at <= at < dispatch.ends_at


def _first(ordered: Iterable[Dispatch], kind: DispatchKind, at: datetime) -> Dispatch | None:
    return next((each for each in ordered if each.kind is kind and _in_force(each, at)), None)


def _asked(ordered: Iterable[Dispatch], at: datetime) -> Iterator[Dispatch]:
    """The records that may cap at an instant: of set-points only the first one, and those on their way back."""
    known = tuple(ordered)
    setpoint = _first(known, DispatchKind.SETPOINT, at)
    for each in known:
        if each.kind is not DispatchKind.SETPOINT or each is setpoint or each.ends_at <= at:
            yield each


def _asked_kw(site: SiteLimits, dispatch: Dispatch) -> float:
    if dispatch.kind is DispatchKind.SHED_LEVEL:
        return site.base_kw * site.shed_pct[int(dispatch.value)] / 100.0
    return max(dispatch.value, 0.0)


def _own_caps(site: SiteLimits) -> Iterator[_Cap]:
    if site.import_kw is not None:
        yield _Cap(SITE, _CONTRACT_RANK, LimitCause("limit_contract", site.import_kw))
    for name, kw in site.feeders:
        yield _Cap(name, _CONTRACT_RANK, LimitCause("limit_feeder", kw))


def _dispatched_caps(site: SiteLimits, dispatches: Iterable[Dispatch], at: datetime) -> Iterator[_Cap]:
    for each in dispatches:
        asked_kw = capped_kw(site, each)
        if asked_kw is None:
            continue
        kw = _ramped_kw(site, each, asked_kw, at)
        if kw is not None:
            yield _Cap(each.node, _RANK[each.source], LimitCause(_CODES[each.source], kw, each.dispatch))


def _fallbacks(site: SiteLimits, dispatches: Iterable[Dispatch], at: datetime) -> Iterator[_Cap]:
    for each in dispatches:
        if each.fallback_kw is not None and _in_force(each, at):
            cause = LimitCause("limit_fallback", each.fallback_kw, each.dispatch)
            yield _Cap(each.node, _RANK[each.source], cause)


def _ramped_kw(site: SiteLimits, dispatch: Dispatch, asked_kw: float, at: datetime) -> float | None:
    """The cap of a record at an instant: down to what is asked from its start, up again from its end."""
    if at < dispatch.starts_at:
        return None
    if dispatch.ramp_kw_per_min is None:
        return asked_kw if at < dispatch.ends_at else None
    last = min(at, dispatch.ends_at)
    down_kw = dispatch.ramp_kw_per_min * (last - dispatch.starts_at).total_seconds() / 60.0
    reached_kw = max(asked_kw, site.base_kw - down_kw)
    if at < dispatch.ends_at:
        return reached_kw
    back_kw = reached_kw + dispatch.ramp_kw_per_min * (at - dispatch.ends_at).total_seconds() / 60.0
    return back_kw if back_kw < site.base_kw - ROUNDING_KW else None


def _combined(site: SiteLimits, caps: Iterable[_Cap]) -> PowerLimit:
    strictest = sorted(caps, key=lambda cap: (cap.cause.kw, cap.rank))
    of_site = list(dict.fromkeys(cap.cause for cap in strictest if cap.node == SITE))
    nodes: dict[str, NodeLimit] = {}
    for cap in strictest:
        if cap.node != SITE:
            nodes.setdefault(cap.node, NodeLimit(cap.node, cap.cause.kw, cap.cause))
    own = [] if site.charging_kw is None else [LimitCause("limit_charging", site.charging_kw)]
    return PowerLimit(
        import_kw=of_site[0].kw if of_site else None,
        charging_kw=site.charging_kw,
        nodes=tuple(nodes[name] for name in sorted(nodes)),
        causes=(*of_site, *own),
    )


def _bounded(kw: float, limit_kw: float | None) -> float:
    return kw if limit_kw is None else min(kw, limit_kw)


def _least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


_CODES = {
    DispatchSource.SAFETY: "limit_safety",
    DispatchSource.GRID_EMERGENCY: "limit_grid_emergency",
    DispatchSource.OPERATOR: "limit_operator",
    DispatchSource.VPP: "limit_dispatch",
    DispatchSource.OPENADR: "limit_dispatch",
    DispatchSource.OCPP: "limit_dispatch",
}
