"""TimeStamp and Seq of the requests that one side sends."""

from __future__ import annotations

from datetime import datetime, timedelta

from swapstation.supervision.wire_fields import CHINA

_MOST_PER_SECOND = 9999


class Stamps:
    """Gives every request its own pair: `Seq` counts within a second and starts again in the next one.

    A clock that is set back repeats no pair: the stamps stay in the last second until the clock has passed it. What is
    not remembered over a restart would repeat pairs only in the second of the restart, which takes longer than that.
    """

    def __init__(self) -> None:
        self._second: datetime | None = None
        self._count = 0

    def next(self, now: datetime) -> tuple[str, str]:
        """TimeStamp yyyyMMddHHmmss in China time, and Seq in four digits."""
        second = now.astimezone(CHINA).replace(microsecond=0)
        if self._second is None or second > self._second:
            self._second, self._count = second, 0
        elif self._count == _MOST_PER_SECOND:
            self._second, self._count = self._second + timedelta(seconds=1), 0
        self._count += 1
        return f"{self._second:%Y%m%d%H%M%S}", f"{self._count:04d}"
