"""Every instant at which a crash can matter: before and after each commit and each sending of one whole swap.

Points of one cycle between which nothing was written and nothing was sent are the same crash; of each such class the
first is run. Second crashes share the run up to them: it is forked at each (POSIX), and only the rest is run anew.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.run import Outcome, Run
from swapstation.twin.schedule import Schedule
from swapstation.twin.station import TwinStation
from swapstation.twin.yard import TRUCKS, twin_of, with_copied_database, yard

Fingerprint = tuple[float, int, int, int]


@dataclass(frozen=True, slots=True)
class Points:
    """How many points a run has, and of each class of equal crashes the points that are in it."""

    points: int
    classes: tuple[tuple[int, ...], ...]


def undisturbed(exchange: Exchange, charging: Charging, crash_points: frozenset[int] = frozenset()) -> Schedule:
    """A swap with nothing but crashes."""
    return Schedule(0, exchange, charging, (), crash_points)


def run_swap(schedule: Schedule) -> Outcome:
    """Run a schedule with the traffic of one swap."""
    with twin_of(yard(schedule.exchange, schedule.charging), schedule.seed) as twin:
        return Run(twin, schedule, TRUCKS[:1]).run()


def points_of(exchange: Exchange, charging: Charging) -> Points:
    """The points of one undisturbed swap."""
    classes: dict[Fingerprint, list[int]] = {}
    with twin_of(yard(exchange, charging), 0) as twin:
        run = Run(twin, undisturbed(exchange, charging), TRUCKS[:1])

        def noted() -> bool:
            classes.setdefault(_fingerprint(twin), []).append(twin.points)
            return False

        twin.dies = noted
        run.run()
        return Points(twin.points, tuple(map(tuple, classes.values())))


def crashes_from(exchange: Exchange, charging: Charging, first: int) -> Iterator[Outcome]:
    """A crash at `first` alone, then at `first` and at each class of the points that come after it."""
    with twin_of(yard(exchange, charging), 0) as twin, TemporaryDirectory(dir=twin.config.data) as folder:
        run = Run(twin, undisturbed(exchange, charging, frozenset({first})), TRUCKS[:1])
        forks = _Forks(twin, first, Path(folder))
        twin.dies = forks.dies
        outcome = run.run()
        forks.end_here(outcome)
        yield outcome
        for second, other in forks.outcomes:
            yield replace(other, schedule=undisturbed(exchange, charging, frozenset({first, second})))


class _Forks:
    """Forks a run at each class of points after its first crash; the child dies there and tells what became of it."""

    def __init__(self, twin: TwinStation, first: int, folder: Path) -> None:
        self.outcomes: list[tuple[int, Outcome]] = []
        self._twin = twin
        self._first = first
        self._folder = folder
        self._known: set[Fingerprint] = set()
        self._parent: BinaryIO | None = None

    def dies(self) -> bool:
        """Whether the controller dies at this point: at the first, and in a child at once after it was born."""
        twin = self._twin
        if self._parent is not None or twin.points <= self._first:
            return self._parent is None and twin.points == self._first
        mark = _fingerprint(twin)
        if mark in self._known:
            return False
        self._known.add(mark)
        return self._fork()

    def _fork(self) -> bool:
        twin, folder = self._twin, self._folder / str(self._twin.points)
        folder.mkdir()
        config = with_copied_database(twin.config, folder)
        reading, writing = os.pipe()
        if os.fork() == 0:
            self._parent = os.fdopen(writing, "wb")
            twin.move_to(config)
            return True
        os.close(writing)
        with os.fdopen(reading, "rb") as child:
            self.outcomes.append((twin.points, pickle.load(child)))
        os.wait()
        return False

    def end_here(self, outcome: Outcome) -> None:
        """A child tells its outcome and is gone, without closing what is its parent's."""
        if self._parent is not None:
            with self._parent as parent:
                pickle.dump(outcome, parent)
            os._exit(0)


def _fingerprint(twin: TwinStation) -> Fingerprint:
    return twin.now_s, twin.cycles, twin.commits, twin.sendings
