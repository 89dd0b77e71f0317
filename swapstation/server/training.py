"""A training station: the instructor's hand on the simulator, and the one drill that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from swapstation.business import drill_results
from swapstation.business.audit import Entry
from swapstation.business.drill_results import DrillResult
from swapstation.contract.simulator_link import SimulatorAway, ask_simulator
from swapstation.database.store import DatabaseError
from swapstation.errors import InputError
from swapstation.inventory.queries import Event
from swapstation.model.journal import AlarmChanged, RequestAnswered
from swapstation.server.background import background
from swapstation.server.book import Business
from swapstation.server.history import History
from swapstation.training.drill import BAY, Drill, Fault, Needs, drills
from swapstation.training.score import Action, Score, score

LOOK_EVERY_S = 0.5
EVENTS_AT_ONCE = 500
KINDS = (RequestAnswered.__name__, AlarmChanged.__name__)
_log = structlog.get_logger("training")


@dataclass(frozen=True, slots=True)
class Running:
    """The drill that runs. `clock_at`: when its clock started, None before its alarm has come."""

    drill: str
    bay: int | None
    instructor: str
    begun_at: datetime
    clock_at: datetime | None
    score: Score


class Training:
    """Runs one drill at a time. `swap_runs` tells whether a swap is under way."""

    def __init__(self, socket: Path, business: Business, history: History, swap_runs: Callable[[], bool]) -> None:
        self._socket, self._business, self._history, self._swap_runs = socket, business, history, swap_runs
        self._course: _Course | None = None
        self._busy = asyncio.Lock()

    async def ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Ask the simulator. Raises SimulatorAway, InputError."""
        return await ask_simulator(self._socket, action, **arguments)

    @property
    def running_drill(self) -> Running | None:
        return None if self._course is None else self._course.running

    async def begin(self, name: str, bay: int | None, instructor: str) -> Running:
        """Begin a drill. Raises InputError when the station is not as it needs it, or one runs; SimulatorAway."""
        async with self._busy:
            drill = self._fit(name, bay)
            _, last = await asyncio.to_thread(self._history.events_of, KINDS, 2**62, 1)
            now = datetime.now(UTC)
            first = Running(name, bay, instructor, now, None if drill.alarms else now, score(drill, now, ()))
            course = _Course(drill, first, last)
            await self._turn_on(course)
            self._course = course
            return course.running

    def _fit(self, name: str, bay: int | None) -> Drill:
        known = drills()
        if name not in known:
            raise InputError("drill", name, f"one of {', '.join(known)}")
        if self._course is not None:
            raise InputError("drill", name, f"{self._course.running.drill} has to end first")
        drill = known[name]
        if drill.needs_bay == (bay is None):
            raise InputError("bay", bay, "the number of a bay" if drill.needs_bay else "nothing: this drill has no bay")
        if (drill.needs is Needs.SWAP) is not self._swap_runs():
            raise InputError("drill", name, "while a swap runs" if drill.needs is Needs.SWAP else "while no swap runs")
        return drill

    async def end(self) -> DrillResult | None:
        """End the drill that runs: take its faults away and write its result down. None: none ran."""
        async with self._busy:
            course = self._course
            if course is None:
                return None
            await self._follow(course)
            return await self._finish(course)

    async def _finish(self, course: _Course) -> DrillResult:
        for fault in course.on:
            await self.ask("fault", name=fault.knob, target=course.target(fault), on=False)
        running, now = course.running, datetime.now(UTC)
        result = DrillResult(
            0, running.drill, running.instructor, running.begun_at, now, running.clock_at, running.score
        )
        told = {"points": running.score.points, "seconds": running.score.seconds}
        entry = Entry("drill_ended", running.instructor, subject=running.drill, detail=told)
        written = await self._business.write(partial(drill_results.record, result=result), entry)
        self._course = None
        return written

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow drills as long as the context is open; one that still runs then leaves no fault behind."""
        async with background(self._run(), "training"):
            yield
        with suppress(SimulatorAway, DatabaseError, InputError):
            await self.end()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                async with self._busy:
                    if self._course is not None:
                        await self._look(self._course)
            except (SimulatorAway, DatabaseError, InputError) as error:
                _log.warning("the drill cannot be followed", error=str(error))

    async def _look(self, course: _Course) -> None:
        await self._turn_on(course)
        await self._follow(course)
        if course.over:
            await self._finish(course)

    async def _turn_on(self, course: _Course) -> None:
        for fault in course.due:
            await self.ask("fault", name=fault.knob, target=course.target(fault), on=True)
            course.on.append(fault)

    async def _follow(self, course: _Course) -> None:
        events, upto = await asyncio.to_thread(self._history.events_of, KINDS, course.cursor, EVENTS_AT_ONCE)
        course.take(events, upto)


class _Course:
    """A drill under way: faults that are on, and what the station's events say of people and alarms since."""

    def __init__(self, drill: Drill, running: Running, cursor: int) -> None:
        self.drill, self.running, self.cursor = drill, running, cursor
        self.on: list[Fault] = []
        self._actions: list[Action] = []

    def target(self, fault: Fault) -> str:
        return str(self.running.bay) if fault.target == BAY else fault.target

    @property
    def due(self) -> list[Fault]:
        """Faults whose time has come and that are not on yet."""
        passed_s = (datetime.now(UTC) - self.running.begun_at).total_seconds()
        return [fault for fault in self.drill.faults if fault not in self.on and fault.after_s <= passed_s]

    @property
    def over(self) -> bool:
        """Everything is done, or the time is up; a drill whose alarm never comes ends after twice its limit."""
        since, limit_s = self.running.clock_at, self.drill.limit_s
        if since is None:
            since, limit_s = self.running.begun_at, 2.0 * limit_s
        return self.running.score.done or (datetime.now(UTC) - since).total_seconds() > limit_s

    def take(self, events: Sequence[Event], upto: int) -> None:
        self.cursor = upto
        for event in events:
            if event.kind == RequestAnswered.__name__:
                self._answered(event)
            elif self.running.clock_at is None and event.body["alarm"]["code"] in self.drill.alarms:
                self.running = replace(self.running, clock_at=event.at)
        clock_at = self.running.clock_at or datetime.now(UTC)
        self.running = replace(self.running, score=score(self.drill, clock_at, self._actions))

    def _answered(self, event: Event) -> None:
        request, answer = event.body["request"], event.body["answer"]
        if answer["status"] == "accepted":
            self._actions.append(Action(request["payload"]["kind"], request["person"], event.at))
