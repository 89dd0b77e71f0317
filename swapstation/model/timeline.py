"""A stretch of a station's past on one time line, read from its events: for replaying a swap or a safety event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Track(StrEnum):
    """What a moment is about; a page draws one line for each."""

    STATE = "state"
    STEP = "step"
    BATTERY = "battery"
    COMMAND = "command"
    ALARM = "alarm"
    PERSON = "person"
    CHARGE = "charge"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: who (a person, else empty), what in a word of ours (`code`), about what, and the event as it is."""

    sequence: int
    at: datetime
    track: Track
    code: str
    subject: str = ""
    person: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


Told = tuple[str, str, str]
"""Code, subject, person."""


def _answer(body: Mapping[str, Any]) -> Told:
    request, answer = body["request"], body["answer"]
    kind = request["payload"]["kind"]
    return kind, answer.get("code", "accepted"), request["person"]


def _alarm(body: Mapping[str, Any]) -> Told:
    alarm = body["alarm"]
    return "gone" if body["gone"] else alarm["state"], alarm["alarm"], alarm["acknowledged_by"]


def _of(code: str, subject: str = "", person: str = "") -> Callable[[Mapping[str, Any]], Told]:
    """Read from fields: a name of a field gives its value; `code` with a colon in front is the word itself."""

    def read(body: Mapping[str, Any]) -> Told:
        word = code[1:] if code.startswith(":") else str(body[code])
        return word, str(body[subject]) if subject else "", str(body[person]) if person else ""

    return read


_READ: Mapping[str, tuple[Track, Callable[[Mapping[str, Any]], Told]]] = {
    "BootStarted": (Track.STATE, _of(":boot", "boot")),
    "StartUpConfirmed": (Track.PERSON, _of(":start_up_confirmed", "boot", "person")),
    "StateChanged": (Track.STATE, _of("after", "reason")),
    "ModeChanged": (Track.STATE, _of("after", "reason", "person")),
    "SwapOpened": (Track.STEP, lambda body: ("swap_opened", body["swap"]["swap"], body["swap"]["person"])),
    "SwapStepped": (Track.STEP, _of("after", "swap")),
    "SwapDiverted": (Track.STEP, _of("after", "cause", "person")),
    "SwapClosed": (Track.STEP, _of("result", "swap")),
    "SwapAllocated": (Track.BATTERY, _of(":allocated", "fresh")),
    "BatteryMoved": (Track.BATTERY, _of("destination", "battery")),
    "BatteryQuarantined": (Track.BATTERY, _of(":quarantined", "battery", "person")),
    "BatteryDoubted": (Track.BATTERY, _of(":doubted", "battery")),
    "IdentityAttested": (Track.PERSON, _of(":attested", "battery", "person")),
    "JobOpened": (Track.STEP, lambda body: (body["job"]["kind"], body["job"]["job"], body["job"]["person"])),
    "JobStepped": (Track.STEP, _of("after", "job")),
    "JobClosed": (Track.STEP, _of("result", "job")),
    "IntentRecorded": (Track.COMMAND, _of("command", "command_id")),
    "IntentResolved": (Track.COMMAND, _of("outcome", "command_id")),
    "AlarmChanged": (Track.ALARM, _alarm),
    "AlarmHidden": (Track.ALARM, _of(":hidden", "alarm", "person")),
    "AlarmShown": (Track.ALARM, _of(":shown", "alarm", "person")),
    "RequestAnswered": (Track.PERSON, _answer),
    "BypassSet": (Track.PERSON, lambda body: ("bypass_set", body["bypass"]["bypass"], body["bypass"]["person"])),
    "BypassEnded": (Track.PERSON, _of(":bypass_ended", "bypass", "person")),
    "ChargeStarted": (Track.CHARGE, _of(":charge_started", "bay")),
    "ChargeEnded": (Track.CHARGE, _of(":charge_ended", "bay")),
}
"""Kind of event -> its track and how it is read. What is not here is told as it is, on the track `other`."""


def timeline(events: Iterable[tuple[int, datetime, str, Mapping[str, Any]]]) -> tuple[Moment, ...]:
    """Moments of events (sequence, at, kind, body) in their order."""
    return tuple(_moment(*event) for event in events)


def _moment(sequence: int, at: datetime, kind: str, body: Mapping[str, Any]) -> Moment:
    track, read = _READ.get(kind, (Track.OTHER, lambda _: (kind, "", "")))
    code, subject, person = read(body)
    return Moment(sequence, at, track, code, subject, person, body)
