"""What a wire carried during the last second, in bounded memory whatever the rate."""

from __future__ import annotations

_SLOTS = 10
_SUMS = _SLOTS + 1
_SLOT_S = 0.1


class SlidingSecond:
    """Sum of what was added during the last full second, ten slots of 0.1 s long; at most 0.1 s behind."""

    def __init__(self) -> None:
        self._sums = [0.0] * _SUMS
        self._slot = 0

    def add(self, amount: float, now_s: float) -> None:
        """Count `amount` at monotonic `now_s`."""
        if int(now_s / _SLOT_S) != self._slot:
            self._move_to(now_s)
        self._sums[self._slot % _SUMS] += amount

    def per_s(self, now_s: float) -> float:
        """Sum of the ten slots before the running one."""
        self._move_to(now_s)
        return sum(self._sums) - self._sums[self._slot % _SUMS]

    def _move_to(self, now_s: float) -> None:
        slot = int(now_s / _SLOT_S)
        if slot == self._slot:
            return
        for passed in range(max(self._slot + 1, slot - _SLOTS), slot + 1):
            self._sums[passed % _SUMS] = 0.0
        self._slot = slot


class Traffic:
    """Bytes both ways, malformed items, bytes thrown away unread: rates of one wire that outlive a connection."""

    def __init__(self) -> None:
        self.bytes = SlidingSecond()
        self.malformed = SlidingSecond()
        self.unread = SlidingSecond()
