"""The work of a night in slices of about a minute, each kind in turn; every slice begins where the last one ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, Protocol, TypeVar

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.crash_points import crashes_from, points_of, run_swap, undisturbed
from swapstation.twin.level import Level
from swapstation.twin.pool import run_seed, schedule_of, shrunk
from swapstation.twin.run import Outcome
from swapstation.twin.schedule import Schedule
from tests.chaos.__main__ import CASES
from tests.nightly.state import ROOT, Bug, Chaos, Crashes, Schedules, State
from tests.twin.planted import PLANTED, run_with

CORES = os.cpu_count() or 1
SEEDS, BYTE_SEEDS = 16 * CORES, 2 * CORES
MOST_SEEDS = 2000
"""So many schedules a planted bug may survive."""
CHAOS_CYCLES = 2
CHAOS_ENOUGH = 200
CHAOS_LIMIT_S = 1800.0
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


def _judge(state: State, done: Crashes, outcome: Outcome) -> None:
    if outcome.violations or not outcome.swaps:
        done.violations += 1
        state.violations.append(_kept(outcome) | {"swaps": outcome.swaps})


def bugs(state: State, spread: Map) -> bool:
    """The next seeds for the first planted bug that no seed has shown yet."""
    for name in _BUGS:
        done = state.bugs.setdefault(name, Bug())
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


def chaos(state: State, _: Map) -> bool:
    """Two cycles of the case over real wires that has had the fewest."""
    for name in CASES:
        state.chaos.setdefault(name, Chaos())
    open_to_it = [name for name, done in state.chaos.items() if not done.skipped and done.cycles < CHAOS_ENOUGH]
    if not open_to_it:
        return False
    name = min(open_to_it, key=lambda each: state.chaos[each].cycles)
    done = state.chaos[name]
    told = _chaos(name, seed=done.cycles // CHAOS_CYCLES + 1)
    done.cycles += told["cycles"]
    done.acknowledged += told["acknowledged"]
    done.lost += len(told["lost"])
    done.violations += len(told["violations"])
    done.skipped = told["skipped"]
    breaches = [*told["lost"], *told["violations"]]
    state.violations += [{"chaos": name, "seed": done.cycles // CHAOS_CYCLES, "text": str(each)} for each in breaches]
    return True


def _chaos(name: str, seed: int) -> dict[str, Any]:
    words = ["--cycles", str(CHAOS_CYCLES), "--seed", str(seed), "--only", name, "--json"]
    command = [sys.executable, "-m", "tests.chaos", *words]
    try:
        run = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=CHAOS_LIMIT_S)
        case: dict[str, Any] = json.loads(run.stdout)["cases"][name]
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        told = f"{' '.join(words)} ended without a result: {error}"
        return {"cycles": CHAOS_CYCLES, "acknowledged": 0, "lost": [], "violations": [told], "skipped": ""}
    return case


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


KINDS: Sequence[Callable[[State, Map], bool]] = (schedules, singles, pairs, bugs, byte_schedules, chaos)
"""Each runs one slice and says whether there may be more."""


def turns(state: State, spread: Map) -> Iterator[str]:
    """One slice after the other, each kind in turn, for as long as somebody asks; tells the name of each."""
    left = list(KINDS)
    while left:
        for kind in tuple(left):
            if not kind(state, spread):
                left.remove(kind)
            yield kind.__name__
