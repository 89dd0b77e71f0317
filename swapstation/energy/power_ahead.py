"""What may be charged at each node of the power tree from now on, by the caps known already (own design).

Careful and cheap, for every cycle: a record counts in full from its start until its ramp is over, a set-point as a cap;
power_limits.py has the exact limit of an instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf

from swapstation.energy.power_limits import SiteLimits, capped_kw, over_at
from swapstation.model.dispatch import SITE, Dispatch


@dataclass(frozen=True, slots=True)
class PowerAhead:
    """Most that all charging at a node may take, in stretches from now on: (until s, kW); the last is endless."""

    stretches: tuple[tuple[float, float], ...]

    def scaled(self, share: float) -> PowerAhead:
        """What arrives of it behind a loss."""
        return PowerAhead(tuple((until_s, kw * share) for until_s, kw in self.stretches))

    def needs_s(self, kwh: float) -> float:
        """How long it takes until so much can have been charged there; inf: never."""
        begin_s, left_kwh = 0.0, kwh
        for until_s, kw in self.stretches:
            if left_kwh <= 0.0:
                return begin_s
            lasts_s = left_kwh / kw * 3600.0 if kw > 0.0 else inf
            if begin_s + lasts_s <= until_s:
                return begin_s + lasts_s
            left_kwh -= kw * (until_s - begin_s) / 3600.0
            begin_s = until_s
        return begin_s

    def spare_s(self, kwh: float, due_s: float) -> float:
        """How long so much may wait and still be charged by `due_s`; below 0: how much too late it is in any case."""
        if self.needs_s(kwh) > due_s:
            return due_s - self.needs_s(kwh)
        latest_s, left_kwh = due_s, kwh
        begins_s = (0.0, *(until_s for until_s, _ in self.stretches))
        for begin_s, (_, kw) in reversed(tuple(zip(begins_s, self.stretches, strict=False))):
            if begin_s >= latest_s or left_kwh <= 0.0:
                continue
            fits_kwh = kw * (latest_s - begin_s) / 3600.0
            latest_s = begin_s if fits_kwh < left_kwh else latest_s - left_kwh / kw * 3600.0
            left_kwh -= fits_kwh
        return latest_s


@dataclass(frozen=True, slots=True)
class _Cap:
    node: str
    from_s: float
    until_s: float
    kw: float


def power_ahead(
    site: SiteLimits,
    dispatches: Iterable[Dispatch],
    silent: frozenset[str],
    at: datetime,
    reserved_kw: Mapping[str, float],
) -> Mapping[str, PowerAhead]:
    """The course of each node that has a cap, kW AC. `reserved_kw`: what else is taken there, less for the charging."""
    caps = [*_own(site), *_told(site, dispatches, silent, at)]
    found = {}
    for node in sorted({cap.node for cap in caps}):
        mine, most_kw = [cap for cap in caps if cap.node == node], inf
        if node == SITE and site.charging_kw is not None:
            most_kw = site.charging_kw
        edges_s = sorted({cap.until_s for cap in mine} | {cap.from_s for cap in mine if cap.from_s > 0.0} | {inf})
        stretches, begin_s = [], 0.0
        for until_s in edges_s:
            capped = min((cap.kw for cap in mine if cap.from_s <= begin_s < cap.until_s), default=inf)
            stretches.append((until_s, min(most_kw, max(capped - reserved_kw.get(node, 0.0), 0.0))))
            begin_s = until_s
        found[node] = PowerAhead(tuple(stretches))
    return found


def _own(site: SiteLimits) -> Iterator[_Cap]:
    if site.import_kw is not None or site.charging_kw is not None:
        yield _Cap(SITE, 0.0, inf, inf if site.import_kw is None else site.import_kw)
    for name, kw in site.feeders:
        yield _Cap(name, 0.0, inf, kw)


def _told(site: SiteLimits, dispatches: Iterable[Dispatch], silent: frozenset[str], at: datetime) -> Iterator[_Cap]:
    for each in dispatches:
        unheard = each.dispatch in silent
        kw = each.fallback_kw if unheard else capped_kw(site, each)
        ends_at = each.ends_at if unheard else over_at(site, each)
        until_s = (ends_at - at).total_seconds()
        if kw is not None and until_s > 0.0:
            yield _Cap(each.node, (each.starts_at - at).total_seconds(), until_s, kw)
