"""A curve through points, straight between them and level beyond: a battery's acceptance, a charger's efficiency."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from swapstation.errors import InputError


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) with rising x; what x and y are is said where the curve is used. Raises InputError."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        along = [x for x, _ in self.points]
        if not along or any(later <= earlier for earlier, later in pairwise(along)):
            raise InputError("points", self.points, "at least one point (x, y), x rising from each to the next")

    def at(self, x: float) -> float:
        """The value at x."""
        after = bisect_right(self.points, x, key=lambda point: point[0])
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[after - 1], self.points[after]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def level(value: float) -> Curve:
    """The same value everywhere."""
    return Curve(((0.0, value),))
