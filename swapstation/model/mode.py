"""Modes of the station for people, and bypasses: what a person sets by hand, with name, reason and time."""

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


@dataclass(frozen=True, slots=True)
class Bypass:
    """One interlock that a person passes over for some minutes, for one battery or for all.

    `until_s` is the controller's monotonic clock, which decides; `until` is a label for people. It ends with the
    controller.
    """

    interlock: str
    person: str
    reason: str
    until_s: float
    until: datetime
    battery: str | None = None
