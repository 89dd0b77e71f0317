"""How the station and its devices spent a period: working, held, down, and how long it took to put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from swapstation.inventory.queries import Event
from swapstation.maintenance.reliability import Outage, merged
from swapstation.model.alarm_figures import AlarmPeriod
from swapstation.model.journal import BootStarted, ModeChanged, StartUpConfirmed, StateChanged
from swapstation.model.mode import Mode
from swapstation.model.snapshot import StationState
from swapstation.reports.outages import OUT_OF_WORK
from swapstation.reports.report import DeviceFigures, StationTime, share_pct

_STOPPED = (StationState.HOLDING, StationState.HELD, StationState.UNHOLDING)


class Doing(StrEnum):
    """What the station as a whole does."""

    UNKNOWN = "unknown"
    WORKING = "working"
    HELD = "held"
    MAINTENANCE = "maintenance"
    UNCONFIRMED = "unconfirmed"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class _State:
    state: StationState = StationState.ABORTED
    mode: Mode = Mode.AUTOMATIC
    known: bool = False

    @property
    def doing(self) -> Doing:
        if not self.known:
            return Doing.UNKNOWN
        if self.mode is Mode.MAINTENANCE:
            return Doing.MAINTENANCE
        if self.state is StationState.ABORTED:
            return Doing.UNCONFIRMED
        return Doing.HELD if self.state in _STOPPED else Doing.WORKING


def station_time(
    course: Sequence[Event],
    first: datetime,
    last: datetime,
    known_until: datetime | None,
    alive_before: Callable[[int], datetime | None],
) -> StationTime:
    """How the station spent the time from `first` to `last`.

    `course`: what `course_between` read; `alive_before` tells when the event before a boot was written: from then until
    the boot the station was off. What comes after `known_until`, the newest event of all, is not known.
    """
    changes = [(at, doing) for at, doing in _changes(course, alive_before) if at < last]
    begins = next((doing for at, doing in reversed(changes) if at <= first), Doing.UNKNOWN)
    turns = [(first, begins), *((at, doing) for at, doing in changes if at > first)]
    end = last if known_until is None else max(min(last, known_until), first)
    spans = [
        (doing, (min(later, end) - min(at, end)).total_seconds())
        for (at, doing), (later, _) in pairwise([*turns, (last, Doing.UNKNOWN)])
    ]
    spent = {doing: sum(seconds for each, seconds in spans if each is doing) for doing in Doing}
    stops = [seconds for doing, seconds in _merged(spans) if doing in (Doing.HELD, Doing.UNCONFIRMED, Doing.OFF)]
    down_s = spent[Doing.HELD] + spent[Doing.UNCONFIRMED] + spent[Doing.OFF]
    return StationTime(
        working_s=round(spent[Doing.WORKING], 1),
        held_s=round(spent[Doing.HELD], 1),
        maintenance_s=round(spent[Doing.MAINTENANCE], 1),
        unconfirmed_s=round(spent[Doing.UNCONFIRMED], 1),
        off_s=round(spent[Doing.OFF], 1),
        unknown_s=round(spent[Doing.UNKNOWN] + (last - end).total_seconds(), 1),
        stops=len(stops),
        mean_stop_s=round(sum(stops) / len(stops), 1) if stops else None,
        availability_pct=share_pct(spent[Doing.WORKING], spent[Doing.WORKING] + down_s),
    )


def _changes(
    course: Sequence[Event], alive_before: Callable[[int], datetime | None]
) -> Iterator[tuple[datetime, Doing]]:
    now = _State()
    for event in course:
        if event.kind == BootStarted.__name__:
            gone_at = alive_before(event.sequence)
            if gone_at is not None:
                yield gone_at, Doing.OFF
            now = replace(now, state=StationState.ABORTED, known=True)
        elif event.kind == StateChanged.__name__:
            now = replace(now, state=StationState(event.body["after"]), known=True)
        elif event.kind == ModeChanged.__name__:
            now = replace(now, mode=Mode(event.body["after"]))
        elif event.kind != StartUpConfirmed.__name__:
            continue
        yield event.at, now.doing


def _merged(spans: Sequence[tuple[Doing, float]]) -> Iterator[tuple[Doing, float]]:
    """Down is down: a stop that becomes a power cut and waits for its confirmation is one stop."""
    down = (Doing.HELD, Doing.UNCONFIRMED, Doing.OFF)
    stopped_s = 0.0
    for doing, seconds in (*spans, (Doing.UNKNOWN, 0.0)):
        if doing in down:
            stopped_s += seconds
        elif seconds > 0.0 or doing is Doing.UNKNOWN:
            if stopped_s > 0.0:
                yield Doing.HELD, stopped_s
            stopped_s = 0.0


def stops_of(course: Sequence[Event]) -> list[datetime]:
    """When the station was held."""
    changed = (event for event in course if event.kind == StateChanged.__name__)
    return [event.at for event in changed if event.body["after"] in (StationState.HOLDING, StationState.HELD)]


def device_figures(periods: Sequence[AlarmPeriod], first: datetime, last: datetime) -> tuple[DeviceFigures, ...]:
    """Devices that were out of work, the longest first; alarms of a device at the same time are one outage."""
    told: dict[str, list[AlarmPeriod]] = {}
    for each in periods:
        if each.alarm.code in OUT_OF_WORK:
            told.setdefault(each.alarm.source.partition(":")[0], []).append(each)
    figures = [_device(device, of_device, first, last) for device, of_device in told.items()]
    return tuple(sorted(figures, key=lambda each: (-each.out_s, each.device)))


def _device(device: str, told: Sequence[AlarmPeriod], first: datetime, last: datetime) -> DeviceFigures:
    spans = merged(Outage(device, each.alarm.raised_at, each.gone_at) for each in told)
    out_s = sum((min(each.until or last, last) - max(each.since, first)).total_seconds() for each in spans)
    repaired = [(each.until - each.since).total_seconds() for each in spans if each.until and each.until <= last]
    return DeviceFigures(
        device=device,
        outages=len(spans),
        out_s=round(out_s, 1),
        availability_pct=round(100.0 - (share_pct(out_s, (last - first).total_seconds()) or 0.0), 2),
        mean_up_s=round(max((last - first).total_seconds() - out_s, 0.0) / len(spans), 1),
        mean_repair_s=round(sum(repaired) / len(repaired), 1) if repaired else None,
        codes=tuple(sorted({each.alarm.code for each in told})),
    )
