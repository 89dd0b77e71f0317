"""What a device itself complains of, in its maker's own words: shown beside the station's alarms, never instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VendorAlarm:
    """One standing complaint: the maker's code and what it means."""

    code: str
    zh: str
    en: str


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
