"""Many schedules on all cores; the result does not depend on how many there are."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.level import Level
from swapstation.twin.run import Outcome, Run
from swapstation.twin.schedule import Schedule, drawn
from swapstation.twin.yard import BAYS, TRUCKS, twin_of, yard

_CHUNK = 4
_GARBAGE = 50_000, 20, 100
"""A schedule makes little that refers to itself: most of it is gone without the garbage collector."""


def schedule_of(seed: int, level: Level = Level.MESSAGE) -> Schedule:
    """The schedule that a seed stands for at a level."""
    steps = {exchange: yard(exchange, Charging.DIRECT).steps for exchange in Exchange}
    return drawn(seed, steps, BAYS, level)


def run_schedule(schedule: Schedule, to_first: bool = False) -> Outcome:
    """Run one schedule from power-on to rest, or only `to_first` violation."""
    with twin_of(yard(schedule.exchange, schedule.charging), schedule.seed, schedule.level) as twin:
        return Run(twin, schedule, TRUCKS, to_first).run()


def run_seed(seed: int, level: Level = Level.MESSAGE) -> Outcome:
    return run_schedule(schedule_of(seed, level))


def run_seeds(
    seeds: Iterable[int], workers: int = os.cpu_count() or 1, level: Level = Level.MESSAGE
) -> Iterator[Outcome]:
    """The outcomes in the order of the seeds."""
    run = partial(run_seed, level=level)
    if workers == 1:
        yield from map(run, seeds)
        return
    for exchange, charging in product(Exchange, Charging):
        yard(exchange, charging)  # forked processes share the stations built here, and leave no files of their own
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), settle) as executor:
        yield from executor.map(run, seeds, chunksize=_CHUNK)


def settle() -> None:
    """Let the garbage collector leave alone what lives as long as this process, and look at the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def shrunk(schedule: Schedule) -> Schedule:
    """The fewest attacks and crashes of a failing schedule with which it still breaks the same invariant."""
    wanted = {violation.invariant for violation in run_schedule(schedule).violations}
    smaller = True
    while smaller:
        smaller = False
        for candidate in _with_one_less(schedule):
            if wanted & {violation.invariant for violation in run_schedule(candidate).violations}:
                schedule, smaller = candidate, True
                break
    return schedule


def _with_one_less(schedule: Schedule) -> Iterator[Schedule]:
    for point in sorted(schedule.crash_points):
        yield replace(schedule, crash_points=schedule.crash_points - {point})
    for index in range(len(schedule.attacks)):
        yield replace(schedule, attacks=schedule.attacks[:index] + schedule.attacks[index + 1 :])
