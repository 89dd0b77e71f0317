"""Which promises can be kept and with which batteries: our own careful estimate, whatever a plan says (own design).

The first due gets the battery that is ready first; that keeps the most promises where batteries are alike. Figures
only: times are seconds from now, powers kW DC. The estimate answers three questions: may one more be promised, may a
truck without a promise have a battery, and when must a battery be charged at full power whatever the plan says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from swapstation.energy.power_ahead import PowerAhead
from swapstation.model.dispatch import SITE

CAREFUL = 1.15
"""So much longer than at its full power a charge is taken to last: taper, derating, a late start."""
HANDLING_S = 600.0
"""So long after a truck is due its old battery can begin to charge."""
RETURNED_SOC_PCT = 20.0
"""What a battery is taken to come back with where nobody knows."""
URGENT_S = 180.0
"""A battery with less time to spare than this is charged at full power at once."""
STEP_S, LATEST_S = 300.0, 86_400.0
"""Another time for a promise is looked for in such steps, so far ahead."""


Ahead = Mapping[str, PowerAhead]
"""What may be charged at each node that has a cap, kW DC; a node that is not in it has no limit."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A battery of a model with at least so much SOC (%) for a truck that is due; `battery`: the one set aside."""

    booking: str
    due_s: float
    model: str
    soc_pct: float
    battery: str | None = None


@dataclass(frozen=True, slots=True)
class Spare:
    """A battery that may be handed out once it has enough charge; one to come (`from_s` > 0) has no bay and no name.

    Not `may_charge`: it stays as it is. `held_for`: only this booking may have it. `nodes`: those of the power
    tree that its charge passes; of one to come only the site is known.
    """

    model: str
    soc_pct: float
    capacity_kwh: float
    power_kw: float
    from_s: float = 0.0
    bay: int | None = None
    battery: str | None = None
    held_for: str | None = None
    may_charge: bool = True
    nodes: tuple[str, ...] = (SITE,)

    def missing_kwh(self, soc_pct: float) -> float:
        """Charge that is missing until `soc_pct`."""
        return max(soc_pct - self.soc_pct, 0.0) / 100.0 * self.capacity_kwh

    def ready_s(self, soc_pct: float) -> float:
        """When it has `soc_pct`, charged at its full power from now."""
        missing_kwh = self.missing_kwh(soc_pct)
        if missing_kwh > 0.0 and not self.may_charge:
            return inf
        return self.from_s + (CAREFUL * 3600.0 * missing_kwh / self.power_kw if missing_kwh else 0.0)


@dataclass(frozen=True, slots=True)
class Kept:
    """The battery that a promise is to be kept with, None: there is none, and the time to spare.

    `own_s`: what its own charge leaves; `shared_s`: what the power of site and feeder leaves to all due until then.
    Below 0: late.
    """

    promise: Promise
    spare: Spare | None
    own_s: float
    shared_s: float

    @property
    def late_s(self) -> float:
        """How much too late it is even at full power."""
        return max(-min(self.own_s, self.shared_s), 0.0)

    @property
    def in_time(self) -> bool:
        return self.late_s <= 0.0


def keep(promises: Iterable[Promise], spares: Iterable[Spare], ahead: Ahead) -> tuple[Kept, ...]:
    """How each promise is to be kept, first due first."""
    left, found = list(spares), []
    charge_kwh: dict[str, float] = {}
    for promise in sorted(promises, key=lambda each: (each.due_s, each.booking)):
        due_s = max(promise.due_s, 0.0)
        spare = min(_fitting(promise, left), key=lambda each: each.ready_s(promise.soc_pct), default=None)
        if spare is None:
            found.append(Kept(promise, None, -inf, -inf))
            continue
        missing_kwh = spare.missing_kwh(promise.soc_pct)
        charge_kwh |= {node: charge_kwh.get(node, 0.0) + missing_kwh for node in spare.nodes}
        shared = (ahead[node].spare_s(CAREFUL * charge_kwh[node], due_s) for node in spare.nodes if node in ahead)
        found.append(Kept(promise, spare, due_s - spare.ready_s(promise.soc_pct), min(shared, default=due_s)))
        left.remove(spare)
        left.append(come_back(spare, due_s))
    return tuple(found)


def _fitting(promise: Promise, spares: Sequence[Spare]) -> list[Spare]:
    fit = [each for each in spares if each.model == promise.model and each.held_for in (None, promise.booking)]
    return [each for each in fit if each.battery == promise.battery] if promise.battery else fit


def come_back(spare: Spare, after_s: float, soc_pct: float | None = None) -> Spare:
    """The battery that comes off the truck which this one is handed out to."""
    came_with = RETURNED_SOC_PCT if soc_pct is None else soc_pct
    return Spare(spare.model, came_with, spare.capacity_kwh, spare.power_kw, after_s + HANDLING_S)


def may_add(promise: Promise, promises: Sequence[Promise], spares: Sequence[Spare], ahead: Ahead) -> bool:
    """Whether one more can be promised in time without making another one late."""
    kept = keep([*promises, promise], spares, ahead)
    in_time = any(each.in_time and each.promise is promise for each in kept)
    return in_time and not _later(keep(promises, spares, ahead), kept)


def earliest_s(promise: Promise, promises: Sequence[Promise], spares: Sequence[Spare], ahead: Ahead) -> float | None:
    """A time from which it could be promised, no earlier than asked (s from now); None: not within a day."""
    later = [promise.due_s + STEP_S * step for step in range(1, int(LATEST_S / STEP_S) + 1)]
    low, high = 0, len(later)
    while low < high:  # more time is as good as never worse, and what is found has been tried
        middle = (low + high) // 2
        if may_add(_at(promise, later[middle]), promises, spares, ahead):
            high = middle
        else:
            low = middle + 1
    return later[low] if low < len(later) else None


def _at(promise: Promise, due_s: float) -> Promise:
    return Promise(promise.booking, due_s, promise.model, promise.soc_pct)


def may_hand_out(taken: Sequence[Spare], promises: Sequence[Promise], spares: Sequence[Spare], ahead: Ahead) -> bool:
    """Whether a truck without a promise may have these batteries without making a promise late, or later."""
    left = [each for each in spares if each not in taken]
    back = [come_back(each, 0.0) for each in taken]
    return not _later(keep(promises, spares, ahead), keep(promises, [*left, *back], ahead))


def _later(before: Iterable[Kept], after: Iterable[Kept]) -> bool:
    """Whether a promise becomes late, or later than it is already."""
    late_s = {each.promise.booking: each.late_s for each in after}
    return any(late_s[each.promise.booking] > each.late_s for each in before)


def urgent(kept: Iterable[Kept]) -> frozenset[int]:
    """Bays whose batteries are to be charged at full power from now on for a promise to be kept in time."""
    found: set[int] = set()
    until: set[int] = set()
    for each in kept:
        spare = each.spare
        if spare is None:
            continue
        if spare.bay is not None and spare.missing_kwh(each.promise.soc_pct) > 0.0:
            until.add(spare.bay)
            if each.own_s <= URGENT_S:
                found.add(spare.bay)
        if each.shared_s <= URGENT_S:
            found |= until
    return frozenset(found)
