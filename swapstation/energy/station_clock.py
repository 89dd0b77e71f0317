"""What time it is for records that start and end by the wall clock, when that clock jumps (own design).

Durations count on the monotonic clock. A wall clock that jumps may be right now or have been right before: for a while
both count, and whoever asks takes the stricter of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERATED_S = 2.0
"""A clock that is set by less between two looks is followed without a word."""
DOUBT_S = 900.0


@dataclass(frozen=True, slots=True)
class StationClock:
    """The wall clock as seen at monotonic `now_s`; it jumped by `jump_s` in all, and is doubted until `until_s`."""

    at: datetime
    now_s: float
    jump_s: float = 0.0
    until_s: float = float("-inf")

    @property
    def doubted(self) -> bool:
        return self.now_s < self.until_s

    @property
    def instants(self) -> tuple[datetime, ...]:
        """The times that it may be: what the clock says, and while it is doubted what it would say without the jump."""
        return (self.at, self.at - timedelta(seconds=self.jump_s)) if self.doubted else (self.at,)


def looked(clock: StationClock | None, at: datetime, now_s: float) -> StationClock:
    """The clock after another look at it; the first look is believed."""
    if clock is None:
        return StationClock(at, now_s)
    off_s = (at - clock.at).total_seconds() - (now_s - clock.now_s)
    known_s = clock.jump_s if clock.doubted else 0.0
    if abs(off_s) <= TOLERATED_S:
        return StationClock(at, now_s, known_s, clock.until_s if clock.doubted else float("-inf"))
    jump_s = known_s + off_s
    if abs(jump_s) <= TOLERATED_S:
        return StationClock(at, now_s)
    return StationClock(at, now_s, jump_s, now_s + DOUBT_S)
