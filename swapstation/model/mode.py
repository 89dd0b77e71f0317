"""Modes of the station for people: which one, who set it, why and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How people work with the station. On panels: 自动, 单动, 检修, 消防."""

    AUTOMATIC = "automatic"
    SINGLE_STEP = "single_step"
    MAINTENANCE = "maintenance"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class ModeState:
    """The mode, who set it, why and when; a station that never changed it is automatic."""

    mode: Mode = Mode.AUTOMATIC
    person: str = ""
    reason: str = ""
    since: datetime | None = None
