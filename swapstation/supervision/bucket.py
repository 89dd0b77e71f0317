"""A token bucket: so many a second on average, so many at once."""

from __future__ import annotations


class Bucket:
    """Starts full. Times are monotonic seconds."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._level = burst
        self._at_s: float | None = None

    def take(self, now_s: float) -> bool:
        """Take one, if there is one."""
        wait_s = self.wait_s(now_s)
        if wait_s <= 0.0:
            self._level -= 1.0
        return wait_s <= 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds until there is one."""
        if self._at_s is not None:
            self._level = min(self._burst, self._level + max(now_s - self._at_s, 0.0) * self._per_s)
        self._at_s = now_s
        return max(1.0 - self._level, 0.0) / self._per_s
