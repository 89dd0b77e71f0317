"""Journal records of fires and drills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FireReleased:
    """Two people agreed that a fire is over; `reason` is the second one's."""

    first: str
    second: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """An abnormal battery is not transferred to isolation by the station itself: `reasons` are codes."""

    bay: int
    battery: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FireDrillStarted:
    """A person began a fire drill; it drives no output."""

    bay: int
    person: str


@dataclass(frozen=True, slots=True)
class FireDrillEnded:
    """A fire drill ended: by a person, by a real sign of fire, or by time."""

    bay: int
    person: str
    reason: str
