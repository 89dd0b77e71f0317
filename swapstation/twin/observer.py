"""What an observer of a run writes down: the story in words, a hash over everything, which reactions were seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from swapstation.model.command import Command
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import (
    BatteryDoubted,
    BatteryMoved,
    ModeChanged,
    Record,
    RequestAnswered,
    StateChanged,
    SwapClosed,
    SwapDiverted,
    SwapOpened,
    SwapStepped,
)
from swapstation.model.snapshot import StationState
from swapstation.station.modes import TRANSITIONS
from swapstation.twin.attacks import ATTACKS
from swapstation.twin.station import TwinStation

_TOLD = (BatteryDoubted, BatteryMoved, ModeChanged, RequestAnswered, SwapClosed, SwapDiverted, SwapOpened, SwapStepped)
_OFF = "off"
_STOPS = (StationState.HOLDING.value, StationState.HELD.value)
"""A swap that has been in one of these needed a person, and was not a success at the first attempt."""
_LONGEST = 240
ALL_TRANSITIONS = frozenset(
    (source.value, target.value) for _, sources, target in TRANSITIONS for source in sources if source is not target
)
"""Every way of the table of station states that leads elsewhere."""


def ways(before: str, after: str) -> set[tuple[str, str]]:
    """The transitions of the station's table between two looks: a robot that stands is held within one cycle."""
    through = [middle for one, middle in ALL_TRANSITIONS if one == before and (middle, after) in ALL_TRANSITIONS]
    if (before, after) in ALL_TRANSITIONS or len(through) != 1:
        return {(before, after)}
    return {(before, through[0]), (through[0], after)}


class Observer:
    """Follows one station. `reactions` are attacks that showed as an alarm of theirs while they were under way."""

    def __init__(self, twin: TwinStation) -> None:
        self.story: list[str] = []
        self.reactions: set[str] = set()
        self.transitions: set[tuple[str, str]] = set()
        self.completed = 0
        self.at_first_try = 0
        self._twin = twin
        self._hash = hashlib.sha256()
        self._state = _OFF
        self._alarms: frozenset[str] = frozenset()
        self._smooth = False

    @property
    def trace(self) -> str:
        """Hash over every command that left and every record, with their times."""
        return self._hash.hexdigest()

    def sent(self, command: Command, command_id: int) -> None:
        self._hash.update(f"{self._twin.now_s:.3f} {command!r} {command_id}\n".encode())
        if command_id:
            self.tell(f"sends {command_id} {command}")

    def recorded(self, record: Record) -> None:
        self._hash.update(f"{self._twin.now_s:.3f} {record!r}\n".encode())
        if isinstance(record, _TOLD):
            self.tell(str(record)[:_LONGEST])
        if isinstance(record, SwapOpened):
            self._smooth = True
        elif isinstance(record, StateChanged) and record.after in _STOPS:
            self._smooth = False
        elif isinstance(record, SwapClosed) and record.result is SwapResult.COMPLETED:
            self.completed += 1
            self.at_first_try += self._smooth

    def look(self, under_way: Iterable[str]) -> None:
        """Note what changed since the last look; `under_way` are the attacks of this moment."""
        memory = self._twin.memory
        if memory is None:
            self._note_state(_OFF, ())
            return
        self._note_state(memory.state.value, memory.hold_reasons)
        alarms = frozenset(alarm.alarm for alarm in memory.alarms)
        for alarm in sorted(alarms - self._alarms):
            self.tell(f"alarm {alarm}")
        codes = {alarm.partition("@")[0] for alarm in alarms - self._alarms}
        self.reactions |= {attack for attack in under_way if codes & ATTACKS[attack].alarms}
        self._alarms = alarms

    def _note_state(self, state: str, reasons: tuple[str, ...]) -> None:
        if state != self._state:
            self.transitions |= ways(self._state, state)
            self.tell(f"{self._state} -> {state} {', '.join(reasons)}".rstrip())
            self._state = state

    def tell(self, text: str) -> None:
        self.story.append(f"{self._twin.now_s:9.2f}  {text}")
