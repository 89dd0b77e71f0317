"""Requests about alarms: acknowledge one, hide it for a time with a reason, show it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm:
    """A person has seen an alarm."""

    alarm: str
    kind: Literal["acknowledge_alarm"] = "acknowledge_alarm"


@dataclass(frozen=True, slots=True)
class ShelveAlarm:
    """Hide a standing alarm for some minutes, with a reason; its reaction stays. Not kept over a restart."""

    alarm: str
    minutes: int
    reason: str
    kind: Literal["shelve_alarm"] = "shelve_alarm"


@dataclass(frozen=True, slots=True)
class TakeAlarmOutOfService:
    """Hide an alarm of a device under repair until it is returned to service or the controller restarts."""

    alarm: str
    reason: str
    kind: Literal["take_alarm_out_of_service"] = "take_alarm_out_of_service"


@dataclass(frozen=True, slots=True)
class ShowAlarm:
    """End the shelving of an alarm, or return it to service."""

    alarm: str
    kind: Literal["show_alarm"] = "show_alarm"
