"""What a device itself complains of, in its maker's own words; each complaint is an alarm of the station too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How grave a fault is by its maker's map (firmware_proto/faults.toml says what each means)."""

    INFORMATION = "information"
    MAINTENANCE = "maintenance"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class VendorAlarm:
    """One standing complaint: the maker's code, what it means and how grave it is."""

    code: str
    zh: str
    en: str
    grade: Grade = Grade.MAINTENANCE


@dataclass(frozen=True, slots=True)
class DeviceComplaint:
    """A complaint with its device: the adapter's role, and its bay (0: no part of a bay)."""

    role: str
    bay: int
    alarm: VendorAlarm


@dataclass(frozen=True, slots=True)
class VendorAlarms:
    """All complaints of one device that stand now."""

    alarms: tuple[VendorAlarm, ...] = ()
