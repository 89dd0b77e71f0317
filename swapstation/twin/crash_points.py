"""Every instant at which a crash can matter: before and after each commit and each sending of one whole swap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.run import Run
from swapstation.twin.schedule import Schedule
from swapstation.twin.yard import TRUCKS, twin_of, yard


def undisturbed(exchange: Exchange, charging: Charging, crash_points: frozenset[int] = frozenset()) -> Schedule:
    """One swap with nothing but crashes."""
    return Schedule(0, exchange, charging, (), crash_points)


def count_points(exchange: Exchange, charging: Charging) -> int:
    """How many points one undisturbed swap has."""
    with twin_of(yard(exchange, charging), 0) as twin:
        Run(twin, undisturbed(exchange, charging), TRUCKS[:1]).run()
        return twin.points


def singles(exchange: Exchange, charging: Charging) -> Iterator[Schedule]:
    """A crash at each point."""
    for point in range(1, count_points(exchange, charging) + 1):
        yield undisturbed(exchange, charging, frozenset({point}))


def pairs(exchange: Exchange, charging: Charging) -> Iterator[Schedule]:
    """A crash at each two points; the second counts on after the restart."""
    for one, other in combinations(range(1, count_points(exchange, charging) + 1), 2):
        yield undisturbed(exchange, charging, frozenset({one, other}))
