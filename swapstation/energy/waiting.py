"""How long each truck of a queue waits: first come, first served, with an interval (own design)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swapstation.energy.stagger import Capacity, waits_s

QUICK, SLOW = 0.85, 1.35
"""An interval lets every swap and charge take so much of what is expected."""


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """Minutes from now, and between which they will be; None: there is no battery to wait for."""

    minutes: float
    least: float
    most: float


def expected_waits(trucks: int, capacity: Capacity) -> tuple[ExpectedWait | None, ...]:
    """One for each truck of the queue, in its order."""
    if not capacity.ready_s:
        return (None,) * trucks
    usual, quick, slow = (waits_s([0.0] * trucks, _scaled(capacity, factor)) for factor in (1.0, QUICK, SLOW))
    return tuple(
        ExpectedWait(*(round(seconds / 60.0, 1) for seconds in each)) for each in zip(usual, quick, slow, strict=True)
    )


def _scaled(capacity: Capacity, factor: float) -> Capacity:
    return replace(
        capacity,
        swap_s=capacity.swap_s * factor,
        ready_s=tuple(each * factor for each in capacity.ready_s),
        recharge_s=capacity.recharge_s * factor,
        lane_free_s=capacity.lane_free_s * factor,
    )
