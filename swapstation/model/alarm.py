"""Alarms as data: the catalogue entry and the alarm that stands now (ISA-18.2 words)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """1 critical, 2 high, 3 medium, 4 diagnostic."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    DIAGNOSTIC = 4


class Reaction(StrEnum):
    """What the station does by itself when the alarm comes."""

    NONE = "none"
    HOLD = "hold"


class AlarmState(StrEnum):
    """Life of an alarm (ISA-18.2)."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned_unacknowledged"


@dataclass(frozen=True, slots=True)
class AlarmText:
    """Texts of one alarm in one language."""

    title: str
    cause: str
    consequence: str
    action: str


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """One entry of firmware_proto/alarms.toml."""

    code: str
    priority: Priority
    reaction: Reaction
    zh: AlarmText
    en: AlarmText


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands or returned unacknowledged. `source` names device or place; `alarm` = code@source."""

    alarm: str
    code: str
    source: str
    priority: Priority
    state: AlarmState
    raised_at: datetime
    detail: str = ""
    acknowledged_by: str = ""
