"""What people may say about a fire: confirm one, release it after it (two of them), run a drill and end it."""

from __future__ import annotations

from dataclasses import replace

from swapstation.errors import InputError
from swapstation.model.alarm import AlarmState
from swapstation.model.fire_record import FireDrillEnded, FireDrillStarted, FireReleased
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.journal import AlarmChanged
from swapstation.model.person import is_named, same_person
from swapstation.model.request import (
    Accepted,
    Request,
)
from swapstation.station.draft import Draft
from swapstation.station.fire import CONFIRMED, WITNESSES, panel_words
from swapstation.station.fire_memory import Drill
from swapstation.station.outcome import Outcome, Reasons, refused


def release_reasons(draft: Draft) -> Reasons:
    """Why nobody can release a fire now."""
    standing = [alarm for alarm in draft.memory.alarms if alarm.code == CONFIRMED]
    if not standing or standing[0].state is AlarmState.RETURNED_UNACKNOWLEDGED:
        return ("no_fire",)
    signs = any(panel_words(draft.snapshot)) or any(alarm.code in WITNESSES for alarm in draft.memory.alarms)
    return ("fire_stands",) if signs else ()


def drill_reasons(draft: Draft) -> Reasons:
    """Why no drill can begin now: only while there is no sign of a real fire."""
    if any(alarm.code in (*WITNESSES, CONFIRMED) for alarm in draft.memory.alarms):
        return ("fire_stands",)
    return ("drill_runs",) if draft.memory.fire.drill is not None else ()


def end_drill_reasons(draft: Draft) -> Reasons:
    """Why there is no drill to end."""
    return ("no_drill",) if draft.memory.fire.drill is None else ()


def confirm(draft: Draft, request: Request, payload: ConfirmFire) -> Outcome:
    """Accepted from anybody at any time."""
    draft.remember(fire=replace(draft.memory.fire, confirmed_by=request.person, release_by=""))
    return Accepted(request.key), ()


def release(draft: Draft, request: Request, payload: ReleaseFire) -> Outcome:
    """The first of two people is noted, the second ends the fire alarm; both only once no sign of fire is left."""
    fire, alarms = draft.memory.fire, draft.memory.alarms
    if reasons := release_reasons(draft):
        return refused(request, reasons)
    if not is_named(request.person):
        return refused(request, ("bad_input",), str(InputError("person", request.person, "a name")))
    if not fire.release_by:
        draft.remember(fire=replace(fire, release_by=request.person))
        return Accepted(request.key, {"waits_for": "a second person"}), ()
    if same_person(fire.release_by, request.person):
        return refused(request, ("same_person",))
    standing = next(alarm for alarm in alarms if alarm.code == CONFIRMED)
    returned = replace(standing, state=AlarmState.RETURNED_UNACKNOWLEDGED)
    draft.remember(
        alarms=tuple(returned if alarm is standing else alarm for alarm in alarms),
        fire=replace(fire, confirmed_by="", release_by=""),
    )
    return Accepted(request.key), (
        FireReleased(fire.release_by, request.person, payload.reason),
        AlarmChanged(returned),
    )


def start_drill(draft: Draft, request: Request, payload: StartFireDrill) -> Outcome:
    bays = [bay.number for bay in draft.snapshot.bays]
    if payload.bay not in bays:
        allowed = ", ".join(map(str, bays))
        return refused(request, ("bad_input",), str(InputError("bay", payload.bay, allowed)))
    if reasons := drill_reasons(draft):
        return refused(request, reasons)
    drill = Drill(payload.bay, request.person, draft.now_s)
    draft.remember(fire=replace(draft.memory.fire, drill=drill))
    return Accepted(request.key), (FireDrillStarted(payload.bay, request.person),)


def end_drill(draft: Draft, request: Request, _: EndFireDrill) -> Outcome:
    drill = draft.memory.fire.drill
    if drill is None:
        return refused(request, end_drill_reasons(draft))
    draft.remember(fire=replace(draft.memory.fire, drill=None))
    return Accepted(request.key), (FireDrillEnded(drill.bay, request.person, "ended by a person"),)
