"""Alarms as data: the catalogue entry and the alarm that stands now (ISA-18.2 words)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

SAME = "same"
"""In `explained_by`, `CODE@same`: only one of the same device explains it; `CODE@NAME`: only one of device NAME."""
OF_SWAP = "swap"
"""In `explained_by`, `CODE@swap`: only an alarm about a bay or a battery of the open swap explains it."""


class Priority(IntEnum):
    """1 critical, 2 high, 3 medium, 4 diagnostic."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    DIAGNOSTIC = 4


class Reaction(StrEnum):
    """What the station does by itself when the alarm comes; `finish_step`: hold once the running step has ended."""

    NONE = "none"
    FINISH_STEP = "finish_step"
    HOLD = "hold"


class AlarmState(StrEnum):
    """Life of an alarm (ISA-18.2)."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned_unacknowledged"


class Suppression(StrEnum):
    """What keeps an alarm from people's list (ISA-18.2); it never takes its reaction away.

    `by_design`: another standing alarm explains it (first-out).
    """

    NONE = "none"
    SHELVED = "shelved"
    BY_DESIGN = "by_design"
    OUT_OF_SERVICE = "out_of_service"


class Level(IntEnum):
    """Level of the supervision platform: 1 personal safety, 2 equipment safety, 3 notice."""

    PERSONAL_SAFETY = 1
    EQUIPMENT_SAFETY = 2
    NOTICE = 3


@dataclass(frozen=True, slots=True)
class AlarmText:
    """Texts of one alarm in one language."""

    title: str
    cause: str
    consequence: str
    action: str


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """One entry of firmware_proto/alarms.toml.

    `respond_min`: time people have before the consequence comes. `latching`: acknowledged again once the cause is gone.
    `explained_by`: codes of alarms that are its root when they stand too; `CODE@same` only of the same device,
    `CODE@NAME` only of the device of that name.
    """

    code: str
    priority: Priority
    level: Level
    reaction: Reaction
    respond_min: float
    zh: AlarmText
    en: AlarmText
    latching: bool = False
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands or returned unacknowledged. `source` names device or place; `alarm` = code@source.

    A device's own complaint has the maker's code after the device, `bay-3:E17`.

    `root` is the alarm that explains it, "" for a root alarm. `suppressed_until`: None = until somebody shows it again.
    """

    alarm: str
    code: str
    source: str
    priority: Priority
    state: AlarmState
    raised_at: datetime
    detail: str = ""
    acknowledged_by: str = ""
    root: str = ""
    suppression: Suppression = Suppression.NONE
    suppressed_by: str = ""
    suppression_reason: str = ""
    suppressed_until: datetime | None = None
    chattering: bool = False
