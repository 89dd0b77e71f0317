"""When charging a battery becomes urgent: the chance of it, step by step (own design).

The battery in place k goes to the k-th truck. Charging it is urgent once so few full ones are left before it that,
with more than `late_chance`, its truck comes while it is being charged. Until then it may wait for a lower price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from swapstation.energy.arrivals import at_least, more_than_unlikely
from swapstation.energy.charges import Charge
from swapstation.energy.lp import Floats
from swapstation.energy.plan_input import PlanInput

LEADS = (1 / 6, 1 / 2, 5 / 6)
"""Where in a charge's duration it is asked how many of the trucks to come are announced by then."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One model's trucks, as sums from the plan's start to the edges of the steps (s): mean, variance, known times."""

    edges_s: Floats
    mean: Floats
    variance: Floats
    known_s: Floats

    def until(self, at_s: Floats) -> tuple[Floats, Floats, Floats]:
        """Mean and variance of unknown trucks, and known ones until then; beyond the horizon the mean rate goes on."""
        over = np.maximum(at_s / self.edges_s[-1], 1.0)
        within_s = np.minimum(at_s, self.edges_s[-1])
        mean = np.interp(within_s, self.edges_s, self.mean) * over
        variance = np.interp(within_s, self.edges_s, self.variance) * over
        return mean, variance, np.searchsorted(self.known_s, at_s, side="right").astype(np.float64)


def expected(plan_input: PlanInput) -> list[Expected]:
    """For each model of the input."""
    edges_s = np.append(0.0, np.cumsum(plan_input.step_s))
    held = {battery.held_for for battery in plan_input.batteries if battery.held_for}
    return [
        Expected(
            edges_s,
            np.append(0.0, np.cumsum(demand.mean)),
            np.append(0.0, np.cumsum(np.square(demand.spread))),
            np.array(sorted(n.at_s for n in plan_input.needs if n.model == demand.model and n.need not in held)),
        )
        for demand in plan_input.demand
    ]


def urgent_chance(charge: Charge, plan_input: PlanInput, trucks: Expected) -> Floats:
    """The chance that charging it has become urgent by the begin of each step."""
    starts_s = trucks.edges_s[:-1]
    takes_s = charge.hours * 3600.0 + plan_input.rules.margin_s
    if charge.place == 0:
        assert charge.need is not None, "a battery without a place is held for a need"
        return np.asarray(starts_s + takes_s >= charge.need.at_s, dtype=np.float64)
    demand = plan_input.demand[charge.demand]
    mean, variance, _ = trucks.until(starts_s)
    mean_then, variance_then, known = trucks.until(starts_s + takes_s)
    told = float(np.mean([demand.announced_share.at(takes_s * lead) for lead in LEADS]))
    during, during_variance = mean_then - mean, variance_then - variance
    unlikely = more_than_unlikely(
        during * (1.0 - told), during_variance * (1.0 - told), plan_input.rules.late_chance, charge.place
    )
    left = charge.place - np.maximum(unlikely, demand.reserve) - known
    chances = at_least(mean + told * during, variance + told * during_variance, charge.place)
    chance = chances[np.clip(left, 0, charge.place).astype(np.int64), np.arange(len(starts_s))]
    return np.asarray(np.maximum.accumulate(chance))
