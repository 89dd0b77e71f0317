"""What people may do with an alarm: acknowledge it, hide it for a time with a reason, show it again."""

from __future__ import annotations

from datetime import timedelta
from math import inf

from swapstation.errors import InputError
from swapstation.model.alarm import Alarm, Priority, Suppression
from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm, TakeAlarmOutOfService
from swapstation.model.journal import AlarmHidden, AlarmShown
from swapstation.model.request import (
    Accepted,
    Request,
)
from swapstation.station.alarms import acknowledged
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome, refused
from swapstation.station.shelving import SHELVE_LIMIT_MIN, Shelf


def acknowledge(draft: Draft, request: Request, payload: AcknowledgeAlarm) -> Outcome:
    if not acknowledged(draft, payload.alarm, request.person):
        return refused(request, ("no_such_alarm",), payload.alarm)
    return Accepted(request.key), ()


def shelve(draft: Draft, request: Request, payload: ShelveAlarm) -> Outcome:
    """For at most the minutes that its priority allows; a critical alarm never."""
    alarm = _standing(draft, payload.alarm)
    if alarm is None:
        return refused(request, ("no_such_alarm",), payload.alarm)
    limit_min = SHELVE_LIMIT_MIN[alarm.priority]
    if limit_min == 0:
        return refused(request, ("critical_alarm",), payload.alarm)
    if not 1 <= payload.minutes <= limit_min:
        return _bad_input(request, "minutes", payload.minutes, f"1 to {limit_min}")
    return _hide(draft, request, alarm, Suppression.SHELVED, payload.reason, draft.now_s + payload.minutes * 60.0)


def take_out_of_service(draft: Draft, request: Request, payload: TakeAlarmOutOfService) -> Outcome:
    """Never a critical alarm: what it watches must be repaired, not forgotten."""
    alarm = _standing(draft, payload.alarm)
    if alarm is None:
        return refused(request, ("no_such_alarm",), payload.alarm)
    if alarm.priority is Priority.CRITICAL:
        return refused(request, ("critical_alarm",), payload.alarm)
    return _hide(draft, request, alarm, Suppression.OUT_OF_SERVICE, payload.reason, inf)


def show(draft: Draft, request: Request, payload: ShowAlarm) -> Outcome:
    shelves = tuple(shelf for shelf in draft.memory.shelves if shelf.alarm != payload.alarm)
    if len(shelves) == len(draft.memory.shelves):
        return refused(request, ("not_hidden",), payload.alarm)
    draft.remember(shelves=shelves)
    return Accepted(request.key), (AlarmShown(payload.alarm, request.person),)


def _standing(draft: Draft, name: str) -> Alarm | None:
    return next((alarm for alarm in draft.memory.alarms if alarm.alarm == name), None)


def _hide(
    draft: Draft, request: Request, alarm: Alarm, suppression: Suppression, reason: str, until_s: float
) -> Outcome:
    if not reason.strip():
        return _bad_input(request, "reason", reason, "some words")
    left = None if until_s == inf else timedelta(seconds=until_s - draft.now_s)
    until = None if left is None else draft.snapshot.at + left
    shelf = Shelf(alarm.alarm, suppression, until_s, request.person, reason, until)
    others = tuple(each for each in draft.memory.shelves if each.alarm != alarm.alarm)
    draft.remember(shelves=(*others, shelf))
    minutes = None if left is None else round(left / timedelta(minutes=1))
    return Accepted(request.key), (AlarmHidden(alarm.alarm, suppression, minutes, reason, request.person),)


def _bad_input(request: Request, field: str, value: object, allowed: str) -> Outcome:
    return refused(request, ("bad_input",), str(InputError(field, value, allowed)))
