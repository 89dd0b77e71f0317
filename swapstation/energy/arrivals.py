"""How likely it is that so many trucks come: Poisson, or negative binomial where the spread is larger (own choice)."""

from __future__ import annotations

import numpy as np

from swapstation.energy.lp import Floats

LEAST_MEAN = 1e-12


def at_least(mean: Floats, variance: Floats, most: int) -> Floats:
    """Row n: the chance of n or more, for n from 0 to `most`; one column for each mean and variance."""
    mean = np.maximum(mean, LEAST_MEAN)
    extra = np.maximum(variance - mean, 1e-9 * mean)
    shape = mean * mean / extra
    chance = np.exp(-shape * np.log1p(mean / shape))
    left = np.ones_like(mean)
    rows = [left]
    for number in range(most):
        left = np.maximum(left - chance, 0.0)
        rows.append(left)
        chance = chance * (shape + number) / (number + 1) * (mean / (shape + mean))
    return np.array(rows)


def more_than_unlikely(mean: Floats, variance: Floats, chance: float, most: int) -> Floats:
    """The largest number that as many trucks or more reach with more than `chance`, at most `most`."""
    return np.asarray((at_least(mean, variance, most)[1:] > chance).sum(axis=0), dtype=np.float64)
