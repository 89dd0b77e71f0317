"""Keeps a flood of refusals from filling the audit: the first ones of a minute are told, the others counted."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

PER_MINUTE = 20
MOST_REMEMBERED = 1000


@dataclass(slots=True)
class _Minute:
    since_s: float
    told: int = 0
    missed: int = 0


@dataclass(slots=True)
class Damper:
    """Per source, a minute at a time."""

    minutes: dict[Hashable, _Minute] = field(default_factory=dict)

    def missed(self, source: Hashable, now_s: float) -> int | None:
        """None: do not tell this one. Else tell it; so many were not told in the minute before."""
        minute = self.minutes.get(source)
        if minute is None or now_s - minute.since_s >= 60.0:
            before = 0 if minute is None else minute.missed
            if minute is None and len(self.minutes) >= MOST_REMEMBERED:
                del self.minutes[next(iter(self.minutes))]
            self.minutes[source] = _Minute(now_s, told=1)
            return before
        if minute.told >= PER_MINUTE:
            minute.missed += 1
            return None
        minute.told += 1
        return 0
