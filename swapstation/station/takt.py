"""Where the seconds of a swap go: each step against the recipe's target and the station's own baseline (own design).

Steps follow one another, so the path of a swap is their sum and its bottleneck the step that lost most to its target.
What software costs is counted apart: from a step's condition being seen true to the next order on the wire, the time
that went by only for our own journal and cycle. What an interlock waits for is the plant's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from statistics import median

from swapstation.model.inventory import StepTime, Swap

BASELINE_SWAPS = 20
LEAST_SWAPS = 5
"""Fewer completed swaps than this say nothing about how long a step usually takes."""
SLOW_FACTOR = 1.25
SLOW_S = 2.0
"""A step is slow when it takes longer than the baseline by this factor and by these seconds too."""


@dataclass(frozen=True, slots=True)
class Past:
    """Completed swaps as (recipe, its step times), oldest first, and the baselines that follow: recipe, step, s."""

    swaps: tuple[tuple[str, tuple[StepTime, ...]], ...] = ()
    baselines: tuple[tuple[str, str, float], ...] = ()

    def baseline_s(self, recipe: str, step: str) -> float | None:
        """What a step of a recipe usually takes (s); None while too few swaps were seen."""
        return next((seconds for *names, seconds in self.baselines if names == [recipe, step]), None)


NO_PAST = Past()


def remembered(past: Past, swap: Swap) -> Past:
    """The past with one more completed swap; of each recipe the last `BASELINE_SWAPS` count."""
    same = [times for recipe, times in past.swaps if recipe == swap.recipe][1 - BASELINE_SWAPS :]
    others = tuple(each for each in past.swaps if each[0] != swap.recipe)
    times = [*same, swap.step_seconds]
    baselines = tuple(each for each in past.baselines if each[0] != swap.recipe)
    return Past((*others, *((swap.recipe, each) for each in times)), (*baselines, *_medians(swap.recipe, times)))


def _medians(recipe: str, swaps: list[tuple[StepTime, ...]]) -> Iterator[tuple[str, str, float]]:
    taken: dict[str, list[float]] = {}
    for time in chain.from_iterable(swaps):
        taken.setdefault(time.step, []).append(time.seconds)
    for step, seconds in taken.items():
        if len(seconds) >= LEAST_SWAPS:
            yield recipe, step, round(median(seconds), 2)


def past_of(swaps: Iterable[Swap]) -> Past:
    """The past that completed swaps make up, oldest first."""
    return reduce(remembered, swaps, NO_PAST)


def timed(past: Past, recipe: str, step: str, target_s: float | None, seconds: float, software_s: float) -> StepTime:
    """What a step took, beside what it should take and usually takes; `slow` is the flag of a step that drifts."""
    usual_s = past.baseline_s(recipe, step)
    slow = usual_s is not None and seconds > max(usual_s * SLOW_FACTOR, usual_s + SLOW_S)
    return StepTime(step, round(seconds, 2), round(software_s, 3), target_s, usual_s, slow)


def bottleneck(times: Iterable[StepTime]) -> str | None:
    """The step that lost most seconds against its target; None when no step is over its target."""
    lost = [(time.seconds - time.target_s, time.step) for time in times if time.target_s is not None]
    over_s, step = max(lost, default=(0.0, ""), key=lambda each: each[0])
    return step if over_s > 0 else None
