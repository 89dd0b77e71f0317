"""How many swaps succeed at the first attempt: nobody had to press anything between request and release.

Once without any fault, once under the noise of an ordinary day (own figures): one message in 500 is lost, one arrives
twice, and trucks stand off the ideal place by a quarter of what the limits allow (standard deviation).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from swapstation.config.settings import Charging, Exchange
from swapstation.simulation.plant.truck import Pose
from swapstation.twin.run import Run
from swapstation.twin.schedule import Schedule
from swapstation.twin.yard import TRUCKS, twin_of, yard

LOST = DOUBLED = 0.002
POSE_SHARE = 0.25
_ARRANGEMENTS = tuple((exchange, charging) for exchange in Exchange for charging in Charging)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Swaps that were asked for, completed, and completed at the first attempt."""

    asked: int
    completed: int
    at_first_try: int


def attempts(seed: int, noisy: bool) -> Attempts:
    """One run of two swaps; the seed chooses the arrangement and draws the noise."""
    exchange, charging = _ARRANGEMENTS[seed % len(_ARRANGEMENTS)]
    chance = Random(seed)
    with twin_of(yard(exchange, charging), seed) as twin:
        limits = twin.config.limits

        def stands() -> Pose:
            spans = limits.pose_x_mm, limits.pose_y_mm, limits.pose_yaw_mrad
            return Pose(*(chance.gauss(0.0, POSE_SHARE * span) for span in spans))

        if noisy:
            twin.noise.lost, twin.noise.doubled = LOST, DOUBLED
        run = Run(twin, Schedule(seed, exchange, charging, ()), TRUCKS, pose=stands if noisy else Pose)
        outcome = run.run()
    return Attempts(len(TRUCKS), outcome.swaps, outcome.at_first_try)
