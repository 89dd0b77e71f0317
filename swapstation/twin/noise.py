"""What happens to a message on its way: mostly nothing; lost or doubled as often as the schedule says."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Noise:
    """Shares of commands that are lost and that arrive twice, drawn from a seeded chance."""

    chance: Random = field(default_factory=lambda: Random(0))
    lost: float = 0.0
    doubled: float = 0.0

    def deliveries(self) -> int:
        """How often the next command arrives: 0, 1 or 2 times."""
        if self.lost == 0.0 and self.doubled == 0.0:
            return 1
        drawn = self.chance.random()
        if drawn < self.lost:
            return 0
        return 2 if drawn < self.lost + self.doubled else 1
