"""What many schedules showed: breaches with the seeds that replay them, and what was seen of all there is to see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from swapstation.twin.attacks import attacks_at, not_yet
from swapstation.twin.level import Level
from swapstation.twin.observer import ALL_TRANSITIONS
from swapstation.twin.run import Outcome


def reactions_at(level: Level) -> frozenset[str]:
    """Every attack of a level that has to show as an alarm."""
    return frozenset(name for name, attack in attacks_at(level).items() if attack.alarms)


@dataclass(slots=True)
class Report:
    """Sums up outcomes of one level one by one, in the order of their seeds."""

    level: Level = Level.MESSAGE
    schedules: int = 0
    swaps: int = 0
    violations: list[dict[str, Any]] = field(default_factory=list)
    reactions: set[str] = field(default_factory=set)
    transitions: set[tuple[str, str]] = field(default_factory=set)
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, outcome: Outcome) -> None:
        """Take one outcome in."""
        self.schedules += 1
        self.swaps += outcome.swaps
        self.reactions |= outcome.reactions & reactions_at(self.level)
        self.transitions |= outcome.transitions & ALL_TRANSITIONS
        self._hash.update(outcome.trace.encode())
        self.violations += [
            {"seed": outcome.schedule.seed, "invariant": each.invariant, "at_s": each.at_s, "text": each.text}
            for each in outcome.violations
        ]

    def document(self, seconds: float) -> dict[str, Any]:
        """The whole as one JSON object; `seconds` is how long the runs took."""
        reactions = reactions_at(self.level)
        return {
            "level": self.level.value,
            "schedules": self.schedules,
            "violations": self.violations,
            "reactions_seen": len(self.reactions),
            "reactions_total": len(reactions),
            "reactions_missing": sorted(reactions - self.reactions),
            "transitions_seen": len(self.transitions),
            "transitions_total": len(ALL_TRANSITIONS),
            "transitions_missing": sorted(f"{one} -> {other}" for one, other in ALL_TRANSITIONS - self.transitions),
            "not_yet": [{"row": row, "why": why} for row, why in not_yet(self.level).items()],
            "swaps_completed": self.swaps,
            "schedules_per_s": round(self.schedules / max(seconds, 1e-9), 2),
            "trace_hash": self._hash.hexdigest(),
        }
