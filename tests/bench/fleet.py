"""Loads of the closed fleet of `swapstation study fleet`, against the closed-form limit and a published solution."""

from __future__ import annotations

from swapstation.study.fleet import PUBLISHED_LOADS, FleetCase, limits, loads
from tests.bench.figures import Figure, at_least


def measure() -> list[Figure]:
    """The case of the 2022 Shenzhen Cup, problem C, question 1."""
    case = FleetCase()
    carried = loads(case)
    return [
        at_least("loads / closed-form limit", carried / min(limits(case).values()), 0.96),
        at_least("loads / published solution", carried / PUBLISHED_LOADS, 1.15),
        Figure("loads in 1000 h", carried),
    ]
