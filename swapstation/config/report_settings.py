"""Settings of reports; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Reports:
    """`shifts`: local times at which shifts begin, in their order, with commas; the last ends as the first begins.

    `nominal_v`: voltage between phase and neutral as the site meter shows it (V).
    """

    shifts: str = "08:00,20:00"
    nominal_v: float = 220.0

    @property
    def shift_times(self) -> tuple[time, ...]:
        return tuple(time.fromisoformat(each) for each in self.shifts.split(","))
