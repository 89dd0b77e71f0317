"""How long each truck of a queue waits: first come, first served, with an interval (own design)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heapreplace

from swapstation.energy.stagger import Capacity

QUICK, SLOW = 0.85, 1.35
"""An interval lets every swap and charge take so much of what is expected."""


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """Minutes from now, and between which they will be; None: there is no battery to wait for."""

    minutes: float
    least: float
    most: float


def expected_waits(line: Sequence[str], capacities: Mapping[str, Capacity]) -> tuple[ExpectedWait | None, ...]:
    """One for each truck, in the order of the `line`, which tells the battery model that each needs."""
    usual, quick, slow = (_waits_s(line, _scaled(capacities, factor)) for factor in (1.0, QUICK, SLOW))
    return tuple(
        None if one is None or least is None or most is None else ExpectedWait(*map(_minutes, (one, least, most)))
        for one, least, most in zip(usual, quick, slow, strict=True)
    )


def _waits_s(line: Sequence[str], capacities: Mapping[str, Capacity]) -> list[float | None]:
    """They share the lane and wait for batteries of their own model; who waits for none holds up nobody."""
    ready_s = {model: list(capacity.ready_s) for model, capacity in capacities.items()}
    for each in ready_s.values():
        heapify(each)
    lane_s = max((capacity.lane_free_s for capacity in capacities.values()), default=0.0)
    found: list[float | None] = []
    for model in line:
        if not ready_s[model]:
            found.append(None)
            continue
        served_s = max(lane_s, ready_s[model][0])
        lane_s = served_s + capacities[model].swap_s
        heapreplace(ready_s[model], lane_s + capacities[model].recharge_s)
        found.append(served_s)
    return found


def _scaled(capacities: Mapping[str, Capacity], factor: float) -> dict[str, Capacity]:
    return {
        model: replace(
            capacity,
            swap_s=capacity.swap_s * factor,
            ready_s=tuple(each * factor for each in capacity.ready_s),
            recharge_s=capacity.recharge_s * factor,
            lane_free_s=capacity.lane_free_s * factor,
        )
        for model, capacity in capacities.items()
    }


def _minutes(seconds: float) -> float:
    return round(seconds / 60.0, 1)
