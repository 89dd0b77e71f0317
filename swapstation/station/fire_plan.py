"""The fire plan as it runs: judges the signs each cycle, asks for what stopping alone does not bring, and records.

Commands toward safety leave in the cycle that finds them needed and are written down beside it; they are repeated until
their effect is seen. Nothing here moves anything, and a drill sends nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from swapstation.model.alarm import AlarmState
from swapstation.model.command import Command, RequestFeederCutOff, TripBay
from swapstation.model.fire import FireState
from swapstation.model.fire_record import FireDrillEnded
from swapstation.model.journal import BatteryQuarantined, IntentResolved, ModeChanged, Outcome
from swapstation.model.mode import Mode
from swapstation.model.snapshot import BayState
from swapstation.station.draft import Draft
from swapstation.station.fire import (
    CONFIRMED,
    DRILL_SIGNS,
    Detection,
    is_confirmed,
    panel_words,
    reaction,
    signs_of,
    witnessed,
)
from swapstation.station.fire_memory import SafetyCall
from swapstation.station.fire_traces import traced

TRIP_AFTER_S = 3.0
"""A bay that a fire stopped and that is still live after this time is tripped by the second path."""
LIVE_ABOVE_A = 5.0
REPEAT_S = 1.0
DRILL_LIMIT_S = 3600.0


def _remember(draft: Draft, **changes: Any) -> None:
    fire = draft.memory.fire
    if any(getattr(fire, name) != value for name, value in changes.items()):
        draft.remember(fire=replace(fire, **changes))


def note_traces(draft: Draft) -> None:
    """Follow temperature and voltage of every battery; before the alarms are judged."""
    limits = draft.rules.config.limits
    _remember(draft, traces=traced(draft.snapshot, draft.memory.fire.traces, limits))


def confirmed_by(draft: Draft, found: Iterable[Detection]) -> tuple[str, ...]:
    """What confirms a fire now, with the signs found; once confirmed it stays so until two people have released it."""
    bays = {bay.number: bay for bay in draft.snapshot.bays}
    person = draft.memory.fire.confirmed_by
    now = (*panel_words(draft.snapshot), *((f"person {person}",) if person else ()))
    now = (*now, *(bays[number].place for number in witnessed(_signs(draft, found))))
    latched = [alarm for alarm in draft.memory.alarms if alarm.code == CONFIRMED]
    if now or not latched or latched[0].state is AlarmState.RETURNED_UNACKNOWLEDGED:
        return now
    return (latched[0].detail,)


def _signs(draft: Draft, found: Iterable[Detection]) -> dict[int, frozenset[str]]:
    """The signs of this cycle together with those that wait for their acknowledgement."""
    signs = dict(signs_of(draft.snapshot.bays, draft.memory.alarms))
    for each in found:
        signs[each.bay.number] = signs.get(each.bay.number, frozenset()) | {each.code}
    return signs


def fire_state(draft: Draft) -> FireState:
    """What the alarms ask of the station now, and what a drill would."""
    now, config, memory = draft.snapshot, draft.rules.config, draft.memory
    signs = signs_of(now.bays, memory.alarms)
    confirmed = is_confirmed(memory.alarms)
    drill = memory.fire.drill
    pretended = {drill.bay: DRILL_SIGNS} if drill else {}
    asked = [call.command for call in memory.fire.calls]
    return FireState(
        reaction=reaction(now, config, signs, confirmed),
        cut_off_asked=RequestFeederCutOff() in asked,
        tripped_bays=tuple(command.bay for command in asked if isinstance(command, TripBay)),
        drill_bay=drill.bay if drill else None,
        drill=reaction(now, config, pretended, bool(witnessed(pretended))) if drill else None,
        transfer=memory.fire.transfer,
    )


def run_fire(draft: Draft) -> None:
    """Judge the fire alarms of this cycle; charging reads the stopped bays from the snapshot, the permit too."""
    state = fire_state(draft)
    draft.snapshot = replace(draft.snapshot, fire=state)
    known = dict(draft.memory.fire.stops)
    _remember(draft, stops=tuple((bay, known.get(bay, draft.now_s)) for bay in state.reaction.stopped_bays))
    _call_for_safety(draft)
    _quarantine(draft, state)
    _enter_fire_mode(draft, state)
    _end_drill(draft, state)


def live_after_stop(draft: Draft) -> tuple[BayState, ...]:
    """Bays that a fire stopped long enough ago and that still carry current, or may for all that is known."""
    stops = dict(draft.memory.fire.stops)
    return tuple(
        bay
        for bay in draft.snapshot.bays
        if draft.now_s - stops.get(bay.number, draft.now_s) >= TRIP_AFTER_S and _may_carry_current(draft, bay)
    )


def _may_carry_current(draft: Draft, bay: BayState) -> bool:
    source = bay.charger.good if bay.charging == "charger" else bay.modules.good
    if source is None:
        return draft.memory.charge(bay.number).running
    return abs(source.current_a) > LIVE_ABOVE_A


def cut_off_missing(draft: Draft) -> bool:
    """The cut-off was asked for and the panel has not said that it is done."""
    calls = draft.memory.fire.calls
    wanted = any(isinstance(call.command, RequestFeederCutOff) and not call.resolved for call in calls)
    return wanted and not _is_cut_off(draft)


def _is_cut_off(draft: Draft) -> bool:
    panel = draft.snapshot.fire_panel.good
    return panel is not None and panel.cut_off_done


def _call_for_safety(draft: Draft) -> None:
    live = live_after_stop(draft)
    config = draft.rules.config
    trips = [TripBay(bay.number) for bay in live if config.bay(bay.number).trip_relay]
    first_s = {call.command: call.first_s for call in draft.memory.fire.calls}
    in_vain = any(draft.now_s - first_s.get(trip, draft.now_s) >= TRIP_AFTER_S for trip in trips)
    cut_off = draft.snapshot.fire.reaction.confirmed or in_vain or len(trips) < len(live)
    wanted: dict[Command, bool] = dict.fromkeys(trips, False)
    if cut_off:
        wanted[RequestFeederCutOff()] = _is_cut_off(draft)
    calls = {call.command: call for call in draft.memory.fire.calls}
    kept = [_ended(draft, call) for command, call in calls.items() if command not in wanted]
    asked = [_called(draft, command, calls.get(command), seen) for command, seen in wanted.items()]
    stopped = dict(draft.memory.fire.stops)
    _remember(draft, calls=tuple(call for call in (*kept, *asked) if _still_told(call, stopped)))


def _still_told(call: SafetyCall, stopped: dict[int, float]) -> bool:
    """A trip is shown while its bay is stopped, a cut-off while anything is."""
    return call.command.bay in stopped if isinstance(call.command, TripBay) else bool(stopped)


def _called(draft: Draft, command: Command, call: SafetyCall | None, seen: bool) -> SafetyCall:
    if call is None:
        command_id = draft.intend(command)
        draft.send(command, command_id)
        return SafetyCall(command, command_id, draft.now_s, draft.now_s)
    if seen:
        return _ended(draft, call)
    if draft.now_s - call.sent_s >= REPEAT_S:
        draft.send(command, call.command_id)
        return replace(call, sent_s=draft.now_s)
    return call


def _ended(draft: Draft, call: SafetyCall) -> SafetyCall:
    if not call.resolved:
        draft.record(IntentResolved(call.command_id, Outcome.DONE))
    return replace(call, resolved=True)


def _quarantine(draft: Draft, state: FireState) -> None:
    """Write a burning battery down once; it stays quarantined until two people release it."""
    asked = draft.memory.fire.quarantined
    for asset in state.reaction.quarantined:
        battery = draft.snapshot.inventory.battery(asset)
        if battery is not None and not battery.quarantined and asset not in asked:
            draft.record(BatteryQuarantined(asset, "fire", evidence=state.reaction.causes))
    _remember(draft, quarantined=state.reaction.quarantined)


def _enter_fire_mode(draft: Draft, state: FireState) -> None:
    """A confirmed fire puts the station into fire mode by itself, once; only people lead it out again."""
    confirmed = state.reaction.confirmed
    if confirmed and not draft.memory.fire.mode_asked and draft.mode is not Mode.FIRE:
        draft.record(ModeChanged(draft.mode, Mode.FIRE, "", ", ".join((CONFIRMED, *state.reaction.causes))))
    _remember(draft, mode_asked=confirmed)


def _end_drill(draft: Draft, state: FireState) -> None:
    """Any real sign ends a drill, and so does its time."""
    drill = draft.memory.fire.drill
    if drill is None:
        return
    real = (*state.reaction.causes, *((CONFIRMED,) if state.reaction.confirmed else ()))
    reason = real[0] if real else "time is over" if draft.now_s - drill.since_s >= DRILL_LIMIT_S else ""
    if reason:
        draft.record(FireDrillEnded(drill.bay, drill.person, reason))
        _remember(draft, drill=None)
        draft.snapshot = replace(draft.snapshot, fire=fire_state(draft))
