"""Alarms that people hide for a time, with a reason; the higher the priority, the shorter. Reactions stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from swapstation.model.alarm import Alarm, Priority, Suppression

SHELVE_LIMIT_MIN: Mapping[Priority, int] = {
    Priority.CRITICAL: 0,
    Priority.HIGH: 30,
    Priority.MEDIUM: 480,
    Priority.DIAGNOSTIC: 1440,
}
"""Longest shelving in minutes: a critical alarm never, a medium one for a shift (own design)."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One alarm that is hidden: how, by whom, why, until when (monotonic seconds; inf = until it is ended).

    `until`: the same for people to read, by the wall clock as it was then; None = until it is ended.
    """

    alarm: str
    suppression: Suppression
    until_s: float
    person: str
    reason: str
    until: datetime | None


def in_force(shelves: tuple[Shelf, ...], now_s: float) -> tuple[Shelf, ...]:
    return tuple(shelf for shelf in shelves if now_s < shelf.until_s)


def hidden(alarm: Alarm, shelves: tuple[Shelf, ...]) -> Alarm:
    """The alarm with what hides it: a shelf, being out of service, or another alarm that explains it."""
    shelf = next((shelf for shelf in shelves if shelf.alarm == alarm.alarm), None)
    if shelf is None:
        how = Suppression.BY_DESIGN if alarm.root else Suppression.NONE
        return replace(alarm, suppression=how, suppressed_by="", suppression_reason="", suppressed_until=None)
    return replace(
        alarm,
        suppression=shelf.suppression,
        suppressed_by=shelf.person,
        suppression_reason=shelf.reason,
        suppressed_until=shelf.until,
    )
