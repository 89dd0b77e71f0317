"""The work of a night in slices of about a minute, each kind in turn; every slice begins where the last one ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, Protocol, TypeVar

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.crash_points import crashes_from, points_of, run_swap, undisturbed
from swapstation.twin.first_attempt import attempts
from swapstation.twin.level import Level
from swapstation.twin.observer import ALL_TRANSITIONS
from swapstation.twin.pool import run_seed, schedule_of, shrunk
from swapstation.twin.report import reactions_at
from swapstation.twin.run import Outcome
from swapstation.twin.schedule import Schedule
from tests.nightly.state import Bug, Crashes, Schedules, State, Tries
from tests.nightly.wires import chaos
from tests.twin.planted import PLANTED, run_with

CORES = os.cpu_count() or 1
SEEDS, BYTE_SEEDS = 16 * CORES, CORES
MOST_SEEDS = 2000
"""So many schedules a planted bug may survive."""
DAYS = {"without faults": False, "nominal noise": True}
SWAPS_ENOUGH = 10_000
ARRANGEMENTS = {f"{exchange}, {charging}": (exchange, charging) for exchange, charging in product(Exchange, Charging)}
_BUGS = {bug.name: bug for bug in PLANTED}

Given = TypeVar("Given")
Made = TypeVar("Made")


class Map(Protocol):
    """Applies a function of a module to every argument, in their order, on as many processes as there are."""

    def __call__(self, work: Callable[[Given], Made], given: Iterable[Given], /) -> Iterable[Made]: ...


def schedules(state: State, spread: Map) -> bool:
    """The next seeds at message level."""
    return _next_seeds(state, state.schedules, Level.MESSAGE, SEEDS, spread)


def byte_schedules(state: State, spread: Map) -> bool:
    """The next seeds at byte level, which takes longer."""
    return _next_seeds(state, state.byte_schedules, Level.BYTE, BYTE_SEEDS, spread)


def _next_seeds(state: State, done: Schedules, level: Level, seeds: int, spread: Map) -> bool:
    """What breaks an invariant is shrunk. There are always more."""
    for outcome in spread(partial(run_seed, level=level), range(done.next_seed, done.next_seed + seeds)):
        done.next_seed += 1
        done.swaps += outcome.swaps
        done.reactions = sorted({*done.reactions, *(outcome.reactions & reactions_at(level))})
        done.transitions = sorted({*done.transitions, *map(" -> ".join, outcome.transitions & ALL_TRANSITIONS)})
        if outcome.violations:
            done.violations += 1
            fewest = shrunk(schedule_of(outcome.schedule.seed, level))
            state.violations.append(_kept(outcome) | {"shrunk": _causes(fewest)})
    return True


def singles(state: State, spread: Map) -> bool:
    """A crash at each class of points of each arrangement, one after the other."""
    for name, arrangement in ARRANGEMENTS.items():
        done = _crashes_of(state, name)
        if done.singles < done.classes:
            firsts = _firsts(name)[done.singles : done.singles + SEEDS]
            given = [undisturbed(*arrangement, frozenset({first})) for first in firsts]
            for outcome in spread(run_swap, given):
                done.singles += 1
                _judge(state, done, outcome)
            return True
    return False


def pairs(state: State, spread: Map) -> bool:
    """Every second crash after the next first ones; not before all singles were run."""
    if any(_crashes_of(state, name).singles < _crashes_of(state, name).classes for name in ARRANGEMENTS):
        return True
    for name in ARRANGEMENTS:
        done = _crashes_of(state, name)
        if done.pairs_from < done.classes:
            firsts = _firsts(name)[done.pairs_from : done.pairs_from + CORES]
            for outcomes in spread(_pairs_from, [(name, first) for first in firsts]):
                done.pairs_from += 1
                done.pairs += len(outcomes)
                for outcome in outcomes:
                    _judge(state, done, outcome)
            return True
    return False


def _pairs_from(given: tuple[str, int]) -> list[Outcome]:
    name, first = given
    _, *outcomes = crashes_from(*ARRANGEMENTS[name], first)
    return [outcome if outcome.violations else replace(outcome, story=()) for outcome in outcomes]


def _crashes_of(state: State, name: str) -> Crashes:
    if name not in state.crashes:
        points = points_of(*ARRANGEMENTS[name])
        state.crashes[name] = Crashes(points.points, len(points.classes))
    return state.crashes[name]


def _firsts(name: str) -> list[int]:
    return [points[0] for points in points_of(*ARRANGEMENTS[name]).classes]


def tries(state: State, spread: Map) -> bool:
    """The next swaps of a day without faults and of one with nominal noise: which succeed at the first attempt?"""
    for name, noisy in DAYS.items():
        done = state.tries.setdefault(name, Tries())
        if done.asked < SWAPS_ENOUGH:
            for made in spread(partial(attempts, noisy=noisy), range(done.next_seed, done.next_seed + SEEDS)):
                done.next_seed += 1
                done.asked += made.asked
                done.completed += made.completed
                done.at_first_try += made.at_first_try
    return any(done.asked < SWAPS_ENOUGH for done in state.tries.values())


def _judge(state: State, done: Crashes, outcome: Outcome) -> None:
    if outcome.violations or not outcome.swaps:
        done.violations += 1
        state.violations.append(_kept(outcome) | {"swaps": outcome.swaps})


def bugs(state: State, spread: Map) -> bool:
    """The seeds on record for all planted bugs; then the next seeds for the first bug that no seed has shown yet."""
    untried = [bug for bug in PLANTED if not state.bugs.setdefault(bug.name, Bug()).known]
    on_record = [(bug.name, bug.seed) for bug in untried if bug.seed is not None]
    if on_record:
        for (name, seed), shows in zip(on_record, spread(_shows, on_record), strict=True):
            state.bugs[name] = Bug(known=True, seed=seed if shows else None)
        return True
    for name, done in state.bugs.items():
        if done.seed is None and done.tried < MOST_SEEDS:
            seeds = range(done.tried, min(done.tried + SEEDS, MOST_SEEDS))
            for seed, shows in zip(seeds, spread(_shows, [(name, seed) for seed in seeds]), strict=True):
                if done.seed is None:
                    done.tried, done.seed = seed + 1, seed if shows else None
            return True
    return False


def _shows(given: tuple[str, int]) -> bool:
    """Whether a seed shows a bug; one that breaks an invariant without it says nothing."""
    name, seed = given
    return bool(run_with(_BUGS[name], seed).violations) and not run_seed(seed).violations


def _kept(outcome: Outcome) -> dict[str, Any]:
    first = outcome.violations[0] if outcome.violations else None
    return {
        "seed": outcome.schedule.seed,
        "level": outcome.schedule.level.value,
        "arrangement": f"{outcome.schedule.exchange}, {outcome.schedule.charging}",
        "crash_points": sorted(outcome.schedule.crash_points),
        "invariant": first.invariant if first else None,
        "at_s": first.at_s if first else round(outcome.ended_s, 1),
        "text": first.text if first else "no swap was completed",
    }


def _causes(schedule: Schedule) -> list[str]:
    return [*map(str, schedule.attacks), *(f"crash at point {point}" for point in sorted(schedule.crash_points))]


KINDS: Sequence[Callable[[State, Map], bool]] = (schedules, tries, singles, pairs, bugs, byte_schedules, chaos)
"""Each runs one slice and says whether there may be more."""


def turns(state: State, spread: Map, names: Collection[str] = ()) -> Iterator[str]:
    """One slice after the other, each kind in turn, for as long as somebody asks; tells the name of each.

    `names`: only these kinds; none: all.
    """
    left = [kind for kind in KINDS if not names or kind.__name__ in names]
    while left:
        for kind in tuple(left):
            if not kind(state, spread):
                left.remove(kind)
            yield kind.__name__
