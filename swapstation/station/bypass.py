"""Bypasses: the inputs that may be put out of force, and what a bypass that is in force does to the snapshot.

Only an input with a twin may be bypassed: another one that says the same by other means, and decides alone meanwhile.
So fire, heat, people (doors, light curtain, emergency stop, over-travel), locks, HV power-down, what a battery is,
weighs and whether it is sound, confirmation and mode are never bypassed. Own design (reliability catalogue, row 25).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from swapstation.model.bypass import Bypass, BypassInput, BypassResult
from swapstation.model.device import Presence
from swapstation.model.journal import BypassEnded
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.station.draft import Draft
from swapstation.station.memory import Memory
from swapstation.station.operating_mode import Work, forbidding_mode


@dataclass(frozen=True, slots=True)
class Bypassable:
    """An input that may be bypassed: its twin, whether it is one of a bay, and why it is tolerable."""

    twin: BypassInput
    in_bay: bool
    why: str


_BAY_WHY = "the record and, for an empty bay, its connector must say the same; so must the robot's load after the move"

BYPASSABLE: Mapping[BypassInput, Bypassable] = {
    BypassInput.TRUCK_IN_POSITION: Bypassable(
        BypassInput.TRUCK_POSE_IN_RANGE, False, "the pose that the robot measured must lie within our window"
    ),
    BypassInput.TRUCK_POSE_IN_RANGE: Bypassable(
        BypassInput.TRUCK_IN_POSITION, False, "the robot PLC itself must call the truck in position"
    ),
    BypassInput.PRESENCE_A: Bypassable(BypassInput.PRESENCE_B, True, _BAY_WHY),
    BypassInput.PRESENCE_B: Bypassable(BypassInput.PRESENCE_A, True, _BAY_WHY),
}
"""Everything that may be bypassed; whatever is not here never is. Not in the isolation place: it is for fire."""

_PRESENCE = {True: Presence.PRESENT, False: Presence.EMPTY}


def with_bypass(snapshot: Snapshot, memory: Memory) -> Snapshot:
    """The snapshot with the bypass that is in force at this instant, and the presence that follows from it.

    In force is what is on record, was set since the start, has time left on the monotonic clock, and is allowed by the
    mode. A bay's presence is then what the twin says alone; a twin without a word changes nothing.
    """
    bypass, clock = snapshot.inventory.bypass, memory.bypass
    if bypass is None or clock is None or clock.bypass != bypass.bypass:
        return snapshot
    left_s = clock.until_s - snapshot.now_s
    if left_s <= 0.0 or forbidding_mode(snapshot.inventory.mode.mode, Work.BYPASS):
        return snapshot
    in_force = replace(bypass, left_s=round(left_s, 1))
    bays = tuple(_by_twin(bay, in_force) if bay.number == in_force.bay else bay for bay in snapshot.bays)
    return replace(snapshot, bypass=in_force, bays=bays)


def _by_twin(bay: BayState, bypass: Bypass) -> BayState:
    io = bay.io.value
    twin = getattr(io, BYPASSABLE[bypass.input].twin, None)
    if io is None or twin is None:
        return bay
    return replace(bay, io=replace(bay.io, value=replace(io, presence=_PRESENCE[twin])))


def end_void_bypass(draft: Draft) -> None:
    """End what is on record and not in force: its time is over, its mode was left, or the controller restarted."""
    now = draft.snapshot
    if now.bypass is not None or now.journal_pending:
        return
    if now.inventory.bypass is not None:
        draft.record(BypassEnded(now.inventory.bypass.bypass, _result(draft)))
    if draft.memory.bypass is not None:
        draft.remember(bypass=None)


def _result(draft: Draft) -> BypassResult:
    clock = draft.memory.bypass
    if clock is None:
        return BypassResult.RESTARTED
    return BypassResult.EXPIRED if clock.until_s <= draft.now_s else BypassResult.MODE_LEFT
