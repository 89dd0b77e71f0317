"""A schedule: what happens to a station in one run, drawn from a seed and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.attacks import ATTACKS, Target, attacks_at
from swapstation.twin.level import Level

SAFETY_INPUTS = ("estop", "door", "curtain", "overtravel")
WIRES = {
    Target.SEGMENT: ("station", "bay-1", "bay-2", "bay-3", "bay-4"),
    Target.STREAM: ("robot", "chargers"),
    Target.LINE: ("meter",),
}
"""By the names that the wires have in the product; without a gateway nothing happens to that of the chargers."""
SWAPS = 2
TO_BAY, FROM_BAY = "to_bay", "from_bay"
"""Targets that the swap of the moment says."""
MOST_ATTACKS = 3
SHORTEST_S = 1.0
BITES = 0.7
"""So many attacks begin at a step at which they bite."""
AT_ONCE = 0.5
"""So many attacks begin with their step itself, between an order's intent and its sending."""
SHORT_S = 2.0
"""A controller that is up again so soon finds the robot still moving."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One attack: in which swap and at which step it begins, how long after that, at what, for how long (virtual s)."""

    attack: str
    swap: int
    step: str
    delay_s: float
    target: str
    lasts_s: float

    def __str__(self) -> str:
        aim = f" {self.target}" if self.target else ""
        return f"{self.attack}{aim} {self.delay_s:.1f} s into {self.step} of swap {self.swap}, for {self.lasts_s:.1f} s"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run. `crash_points` are commits and sendings, counted from the start, at which the controller dies."""

    seed: int
    exchange: Exchange
    charging: Charging
    attacks: tuple[Planned, ...]
    crash_points: frozenset[int] = frozenset()
    level: Level = Level.MESSAGE


def drawn(
    seed: int, steps: dict[Exchange, tuple[str, ...]], bays: tuple[int, ...], level: Level = Level.MESSAGE
) -> Schedule:
    """The schedule of a seed: both arrangements of exchange and of charging, one to three attacks at any step."""
    chance = Random(seed)
    exchange, charging = chance.choice(tuple(Exchange)), chance.choice(tuple(Charging))
    names = sorted(attacks_at(level))
    chosen = [names[seed % len(names)], *(chance.choice(names) for _ in range(chance.randrange(MOST_ATTACKS)))]
    attacks = tuple(_planned(chance, name, steps[exchange], bays) for name in chosen)
    crashes = frozenset(chance.sample(range(10, 220), chance.choice((0, 0, 0, 1, 2))))
    return Schedule(seed, exchange, charging, attacks, crashes, level)


def _planned(chance: Random, name: str, steps: tuple[str, ...], bays: tuple[int, ...]) -> Planned:
    attack = ATTACKS[name]
    kind = chance.choice(attack.targets)
    biting = tuple(step for step in steps if step in attack.steps)
    aims = {
        Target.STATION: "",
        Target.ANY_BAY: str(chance.choice(bays)),
        Target.TO_BAY: TO_BAY,
        Target.FROM_BAY: FROM_BAY,
        Target.SAFETY: chance.choice(SAFETY_INPUTS),
        Target.INTENT: "intent",
    }
    target = chance.choice(WIRES[kind]) if kind in WIRES else aims[kind]
    delay_s = round(chance.uniform(0.0, attack.latest_s) * chance.random(), 2)
    lasts_s = round(chance.uniform(SHORTEST_S, attack.longest_s), 1)
    return Planned(
        attack=name,
        swap=chance.randrange(1, SWAPS + 1),
        step=chance.choice(biting if biting and chance.random() < BITES else steps),
        delay_s=0.0 if chance.random() < AT_ONCE else delay_s,
        target=target,
        lasts_s=min(lasts_s, SHORT_S) if attack.restarts and chance.random() < AT_ONCE else lasts_s,
    )
