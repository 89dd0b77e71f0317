"""Staggering advice: at which of its passes each truck had best come, so that few wait at the station (own design).

A truck hauls on as long as it can: it comes at its last possible pass, unless somebody would then wait too long. Trucks
are placed one after the other, who has to come first before the others; each takes the latest pass at which neither it
nor one placed before waits more than agreed, else the pass at which least is waited beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace


@dataclass(frozen=True, slots=True)
class Wish:
    """A truck that will need a battery, and the times at which it can come, rising (s from now), at least one."""

    truck: str
    passes_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """When a truck is to come, and how long it is expected to wait then (s)."""

    truck: str
    comes_s: float
    waits_s: float


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a station can do: seconds of a swap, when each battery is ready (s from now), how long a returned one takes.

    `lane_free_s`: until then the lane is taken.
    """

    swap_s: float
    ready_s: tuple[float, ...]
    recharge_s: float
    lane_free_s: float = 0.0


def staggered(wishes: Iterable[Wish], capacity: Capacity, most_wait_s: float) -> tuple[Advice, ...]:
    """An arrival for each truck, by time. A station without a battery advises nothing."""
    if not capacity.ready_s:
        return ()
    placed: list[tuple[float, str]] = []
    for wish in sorted(wishes, key=lambda each: (each.passes_s[-1], each.truck)):
        before_s = _beyond_s(placed, capacity, most_wait_s)
        best = (float("inf"), 0.0)
        for comes_s in reversed(wish.passes_s):
            beyond_s = _beyond_s([*placed, (comes_s, wish.truck)], capacity, most_wait_s)
            best = min(best, (beyond_s, -comes_s))
            if beyond_s <= before_s:
                break
        placed.append((-best[1], wish.truck))
    placed.sort()
    waited_s = waits_s([at_s for at_s, _ in placed], capacity)
    return tuple(Advice(truck, at_s, wait_s) for (at_s, truck), wait_s in zip(placed, waited_s, strict=True))


def _beyond_s(placed: Sequence[tuple[float, str]], capacity: Capacity, most_wait_s: float) -> float:
    """What is waited beyond the agreed, in all."""
    waited_s = waits_s(sorted(at_s for at_s, _ in placed), capacity)
    return sum(wait_s - most_wait_s for wait_s in waited_s if wait_s > most_wait_s)


def waits_s(arrivals_s: Sequence[float], capacity: Capacity) -> list[float]:
    """How long each of these arrivals waits, first come first served."""
    ready_s, lane_s, found = list(capacity.ready_s), capacity.lane_free_s, []
    heapify(ready_s)
    for at_s in arrivals_s:
        served_s = max(at_s, lane_s, ready_s[0])
        lane_s = served_s + capacity.swap_s
        heapreplace(ready_s, lane_s + capacity.recharge_s)
        found.append(served_s - at_s)
    return found
