"""Bypasses: one input of the decisions that a person puts out of force for a short time, knowing why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_BYPASS_MINUTES = 30
"""Longest bypass (reliability catalogue, row 25)."""


class BypassInput(StrEnum):
    """The inputs that can be bypassed at all; swapstation/station/bypass.py says why each of them."""

    TRUCK_IN_POSITION = "truck_in_position"
    TRUCK_POSE_IN_RANGE = "truck_pose_in_range"
    PRESENCE_A = "presence_a"
    PRESENCE_B = "presence_b"


class BypassResult(StrEnum):
    """How a bypass ended: by a person, by its time, by a restart, or because the mode does not allow it any more."""

    OPEN = "open"
    ENDED = "ended"
    EXPIRED = "expired"
    RESTARTED = "restarted"
    MODE_LEFT = "mode_left"


@dataclass(frozen=True, slots=True)
class Bypass:
    """One bypass: which input (of which bay, where it is one of a bay), by whom, why, for how long.

    `left_s` is the time that is left (s) while it is in force, None in the record.
    """

    bypass: str
    input: BypassInput
    bay: int | None
    minutes: int
    person: str
    reason: str
    set_at: datetime
    result: BypassResult = BypassResult.OPEN
    ended_at: datetime | None = None
    ended_by: str = ""
    left_s: float | None = None

    @property
    def subject(self) -> str:
        """What is bypassed, as alarms name it: `truck_in_position`, `presence_a:3`."""
        return self.input if self.bay is None else f"{self.input}:{self.bay}"
