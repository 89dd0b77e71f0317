"""The life of each alarm (ISA-18.2): raised, acknowledged, returned, latched, shelved, out of service, first-out.

Shelving and taking out of service hide an alarm from people for a time; they never take its reaction away. They are not
kept over a restart: then every alarm that stands shows again.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.alarm import Alarm, AlarmState, Reaction
from swapstation.model.journal import AlarmChanged
from swapstation.model.snapshot import StationState
from swapstation.station.alarm_grouping import grouped
from swapstation.station.alarm_rate import chattering, noted
from swapstation.station.bays_needed import in_the_way, of_swap
from swapstation.station.draft import Draft
from swapstation.station.finishing import step_is_over
from swapstation.station.shelving import hidden, in_force
from swapstation.station.standing import STEP_SOURCE, Standing, note_garbage, standing_now

CLEARED_BY_RESUME = ("ROBOT_FAULT",)
"""Alarms that a resume is there to clear, so they cannot forbid it."""


def run_alarms(draft: Draft) -> None:
    """Raise what stands long enough, return what is gone; every change is recorded."""
    note_garbage(draft)
    standing = standing_now(draft)
    suspected = dict(draft.memory.suspected)
    suspected = {name: suspected.get(name, draft.now_s) for name in standing}
    active = {name: one for name, one in standing.items() if draft.now_s - suspected[name] >= one.delay_s}
    alarms = [_continued(draft, alarm, active.get(alarm.alarm)) for alarm in draft.memory.alarms]
    known = {alarm.alarm for alarm in draft.memory.alarms}
    alarms += [_raised(draft, active[name]) for name in sorted(active.keys() - known)]
    shelves = in_force(draft.memory.shelves, draft.now_s)
    told = grouped(tuple(alarm for alarm in alarms if alarm is not None), draft.rules.alarms, of_swap(draft))
    draft.remember(
        alarms=tuple(hidden(chattering(alarm, draft.memory.raisings, draft.now_s), shelves) for alarm in told),
        suspected=tuple(suspected.items()),
        shelves=shelves,
    )


def _raised(draft: Draft, standing: Standing) -> Alarm:
    definition = draft.rules.alarms[standing.code]
    alarm = Alarm(
        standing.alarm,
        standing.code,
        standing.source,
        definition.priority,
        AlarmState.UNACKNOWLEDGED,
        draft.snapshot.at,
        standing.detail,
    )
    draft.record(AlarmChanged(alarm))
    _note_raising(draft, alarm)
    return alarm


def _note_raising(draft: Draft, alarm: Alarm) -> None:
    draft.remember(raisings=noted(draft.memory.raisings, alarm.alarm, draft.now_s))


def _continued(draft: Draft, alarm: Alarm, standing: Standing | None) -> Alarm | None:
    """The alarm in this cycle; None when it is normal again and has been acknowledged."""
    if standing is not None:
        if alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED:
            return replace(alarm, detail=standing.detail)
        changed = replace(alarm, state=AlarmState.UNACKNOWLEDGED, raised_at=draft.snapshot.at, detail=standing.detail)
        _note_raising(draft, alarm)
    elif alarm.state is AlarmState.ACKNOWLEDGED and not draft.rules.alarms[alarm.code].latching:
        draft.record(AlarmChanged(alarm, gone=True))
        return None
    elif alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED:
        return alarm
    else:
        changed = replace(alarm, state=AlarmState.RETURNED_UNACKNOWLEDGED)
    draft.record(AlarmChanged(changed))
    return changed


def acknowledged(draft: Draft, name: str, person: str) -> bool:
    """A person has seen an alarm; False when there is no such alarm."""
    alarm = next((alarm for alarm in draft.memory.alarms if alarm.alarm == name), None)
    if alarm is None:
        return False
    gone = alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED
    changed = replace(alarm, state=AlarmState.ACKNOWLEDGED, acknowledged_by=person)
    others = tuple(other for other in draft.memory.alarms if other.alarm != name)
    draft.remember(alarms=others if gone else (*others, changed))
    draft.record(AlarmChanged(changed, gone=gone))
    return True


def blocking_alarms(draft: Draft) -> tuple[str, ...]:
    """Codes of alarms that forbid motion, by their reaction or by their bay, each once, without the running step's own.

    A latching alarm forbids it until it is acknowledged after its cause is gone, whatever is hidden from people.
    """
    codes = (
        alarm.code
        for alarm in draft.memory.alarms
        if (alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED or draft.rules.alarms[alarm.code].latching)
        and draft.rules.alarms[alarm.code].reaction is not Reaction.NONE
        and alarm.source != STEP_SOURCE
    )
    return tuple(dict.fromkeys((*codes, *in_the_way(draft))))


def standing_alarms(draft: Draft) -> tuple[str, ...]:
    """Codes of alarms that forbid going on from a hold: all that block but those which a resume is there to clear."""
    return tuple(code for code in blocking_alarms(draft) if code not in CLEARED_BY_RESUME)


def holding_alarms(draft: Draft) -> tuple[str, ...]:
    """Codes of what holds a running swap now: standing alarms and the running step's fault."""
    resuming = draft.memory.state is StationState.UNHOLDING
    standing = tuple(code for code in blocking_alarms(draft) if not (resuming and code in CLEARED_BY_RESUME))
    own = (draft.memory.step_fault.alarm,) if draft.memory.step_fault else ()
    return tuple(dict.fromkeys((*standing, *own)))


def must_finish(draft: Draft) -> bool:
    """Whether all that holds the station lets the running step come to its end first."""
    codes = holding_alarms(draft)
    finishing = all(draft.rules.alarms[code].reaction is Reaction.FINISH_STEP for code in codes)
    return bool(codes) and finishing and draft.memory.step_fault is None


def must_hold(draft: Draft) -> bool:
    """Whether a running swap has to be held now."""
    running = draft.memory.state in (StationState.EXECUTE, StationState.UNHOLDING)
    return running and bool(holding_alarms(draft)) and (step_is_over(draft) or not must_finish(draft))
