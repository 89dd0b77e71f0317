"""What the server tells the controller of its own records, where people have to act on it within days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from swapstation.model.uplink_request import TellUplink


class Concern(StrEnum):
    """What it is about: overdue work, calibrations that have run out, telemetry that will fill its room."""

    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    TELEMETRY = "telemetry"


@dataclass(frozen=True, slots=True)
class TellConcern:
    """What is wrong, as people read it; `detail` "": nothing any more. Not kept over a restart."""

    concern: Concern
    detail: str
    kind: Literal["tell_concern"] = "tell_concern"


WordOfServer = TellUplink | TellConcern
"""What only the server says, again and again: it changes nothing that lasts."""
