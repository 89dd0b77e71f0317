"""One schedule from power-on to rest: attack, heal, let people put things right, then compare record and truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from swapstation.model.command import Command
from swapstation.model.journal import Record
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.simulation.plant.truck import Pose
from swapstation.twin.invariants import Violation, Watch
from swapstation.twin.observer import Observer
from swapstation.twin.people import People
from swapstation.twin.schedule import Schedule
from swapstation.twin.station import TwinStation
from swapstation.twin.timeline import Timeline

LIMIT_S = 7200.0
HEAL_S = 1200.0
"""So long people may take to bring a healed station to rest."""
LONGEST_JUMP_S = 5.0
_NEEDED = ("confirm_start_up", "resume", "swap")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a schedule. `trace` is a hash over all commands and records; `story` tells it in words."""

    schedule: Schedule
    violations: tuple[Violation, ...]
    reactions: frozenset[str]
    transitions: frozenset[tuple[str, str]]
    swaps: int
    at_first_try: int
    trace: str
    ended_s: float
    story: tuple[str, ...]


class Run:
    """Drives one station through its schedule; `traffic` are the trucks that come, one after the other.

    `to_first`: a run that has broken an invariant ends there. `pose` is how the next truck stands.
    """

    def __init__(
        self,
        twin: TwinStation,
        schedule: Schedule,
        traffic: tuple[str, ...],
        to_first: bool = False,
        pose: Callable[[], Pose] = Pose,
    ) -> None:
        self._to_first = to_first
        self._twin = twin
        self._schedule = schedule
        self._people = People(twin, list(traffic), pose)
        self._watch = Watch(twin)
        self._observer = Observer(twin)
        self._timeline = Timeline(twin, schedule, self._observer.tell)
        twin.dies = lambda: twin.points in schedule.crash_points
        twin.on_send = self._sent
        twin.on_record = self._recorded

    def run(self) -> Outcome:
        """Run to rest, or until people have had time enough."""
        twin, timeline = self._twin, self._timeline
        twin.start()
        healed_s: float | None = None
        while twin.now_s < LIMIT_S:
            timeline.advance()
            self._people.look()
            if not self._steps() or (self._to_first and self._watch.violations):
                return self._outcome()
            under_way = [each.attack for each in timeline.under_way]
            self._observer.look(under_way)
            self._watch.after_event(under_way)
            healed_s = (twin.now_s if healed_s is None else healed_s) if timeline.over else None
            if healed_s is not None and (self._rests() or twin.now_s > healed_s + HEAL_S):
                break
        if not self._rests():
            self._watch.note(28, self._why_not())
        self._watch.at_rest()
        return self._outcome()

    def _outcome(self) -> Outcome:
        twin, observer = self._twin, self._observer
        return Outcome(
            schedule=self._schedule,
            violations=tuple(self._watch.violations),
            reactions=frozenset(observer.reactions),
            transitions=frozenset(observer.transitions),
            swaps=observer.completed,
            at_first_try=observer.at_first_try,
            trace=observer.trace,
            ended_s=twin.now_s,
            story=tuple(observer.story),
        )

    def _steps(self) -> bool:
        """Whether the station went on to its next instant; a controller that ends with an error never comes up."""
        try:
            self._twin.step(self._next_s())
        except Exception as error:
            self._watch.note(28, f"the controller ended: {type(error).__name__}: {error}")
            self._twin.crash()
            return False
        return True

    def _recorded(self, record: Record) -> None:
        self._watch.recorded(record)
        self._observer.recorded(record)

    def _sent(self, command: Command, command_id: int) -> None:
        self._watch.sent(command, command_id)
        self._observer.sent(command, command_id)

    def _next_s(self) -> float:
        now_s = self._twin.now_s
        return max(min(self._timeline.next_s, self._people.next_look_s, now_s + LONGEST_JUMP_S), now_s)

    def _rests(self) -> bool:
        """Everybody has left, nothing is open, no place is in doubt."""
        inventory, memory = self._twin.inventory, self._twin.memory
        if inventory is None or memory is None:
            return False
        idle = memory.state is StationState.IDLE and inventory.swap is None and inventory.job is None
        return idle and self._people.done and not any(battery.doubtful for battery in inventory.batteries)

    def _why_not(self) -> str:
        snapshot = self._twin.snapshot
        return "the controller does not come up" if snapshot is None else _stuck(snapshot)


def _stuck(snapshot: Snapshot) -> str:
    swap = snapshot.inventory.swap
    alarms = ", ".join(alarm.alarm for alarm in snapshot.alarms)
    forbidden = [
        f"{action.action}: {', '.join(action.reasons)}"
        for action in snapshot.actions
        if action.action in _NEEDED and not action.allowed
    ]
    at = f" at {swap.step}" if swap else ""
    return f"never at rest: {snapshot.state}{at}; alarms {alarms or 'none'}; {'; '.join(forbidden)}"
