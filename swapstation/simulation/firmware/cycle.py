"""A period that a node keeps on a monotonic clock."""

from __future__ import annotations


class Cycle:
    """Tells once per `period_s` that something is due; after a pause it goes on from now instead of catching up."""

    def __init__(self, period_s: float) -> None:
        self.period_s = period_s
        self.next_s = 0.0

    def due(self, now_s: float) -> bool:
        if now_s < self.next_s:
            return False
        self.next_s = max(self.next_s + self.period_s, now_s)
        return True
