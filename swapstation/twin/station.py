"""One station under virtual time: the real controller core and database over the twin's world.

Time jumps to the next instant at which a device, a person or a time-out can change anything; in between the controller
is taken to have renewed its heartbeat and leases as its unchanged cycles would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil, inf
from random import Random

from swapstation.config.settings import Config
from swapstation.controller.core import Core
from swapstation.controller.journal import DirectJournal, Write
from swapstation.inventory.database import Database, DatabaseError, open_writer
from swapstation.inventory.journal import RecordWriter, find_answer, start_boot
from swapstation.inventory.queries import load_inventory, standing_alarms
from swapstation.model.command import Command
from swapstation.model.device import LockState
from swapstation.model.inventory import Inventory
from swapstation.model.journal import IntentRecorded, Record
from swapstation.model.request import Accepted, Answer, HoldStation, Payload, Request, ResumeStation
from swapstation.model.snapshot import Snapshot
from swapstation.station.draft import Rules
from swapstation.station.memory import Memory
from swapstation.twin.level import Connect, Equipment, World
from swapstation.twin.noise import Noise

CYCLE_S = 0.1
QUIET_S, LONGEST_QUIET_S, SLOWER = 1.0, 5.0, 1.4
"""While nothing happens the controller is asked again after a second, then ever more seldom: a time-out is seen later
by at most two fifths of it."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class TwinJournal(DirectJournal):
    """Writes within the call, but nothing while the disk keeps everybody waiting; `hangs` judges what waits."""

    def __init__(self, write: Write, hangs: Callable[[Iterable[Record]], bool]) -> None:
        super().__init__(write)
        self._hangs = hangs

    def _write_waiting(self) -> None:
        if not self._hangs(record for batch, _ in self._waiting for record in batch.records):
            super()._write_waiting()


class Crash(Exception):
    """The controller's power is gone at this very instruction."""


class TwinStation:
    """Controller, database and world. `dies` is asked before and after each commit and sending, of `points` so far."""

    def __init__(
        self, config: Config, rules: Rules, engine: Database, world: World, connect: Connect, chance: Random
    ) -> None:
        self.config = config
        self.world = world
        self.noise = Noise(chance)
        self.core: Core | None = None
        self.equipment: Equipment | None = None
        self.now_s = 0.0
        self.boot = 0
        self.cycles = 0
        self.points = 0
        self.commits = 0
        self.sendings = 0
        self.dies: Callable[[], bool] = lambda: False
        self.label_offset_s = 0.0
        self.disk_full = False
        self.disk_hangs = False
        self.hangs_at_intents = False
        self.asked_twice = False
        self.holds_again = False
        self._hold_due_s = inf
        self.hand_moved: set[str] = set()
        self.hand_opened_s = -inf
        self.carried: dict[str, str] = {}
        self.slipped: tuple[str, LockState] | None = None
        self.kept_codes: dict[str, tuple[str, ...]] = {}
        self.on_send: Callable[[Command, int], None] = lambda command, command_id: None
        self.on_record: Callable[[Record], None] = lambda record: None
        self.on_ask: Callable[[Request], None] = lambda request: None
        self.on_answer: Callable[[Request, Answer], None] = lambda request, answer: None
        self.rules = rules
        self._connect = connect
        self._engine = engine
        self._writer = RecordWriter(engine, 0)
        self._next_cycle_s = 0.0
        self._quiet_s = QUIET_S
        self._keys = 0
        self._again: list[Request] = []
        self._busy = False

    def start(self) -> None:
        """Power on the controller."""
        try:
            self._point()
            self.boot = start_boot(self._engine, "twin", "twin", self.at)
            self.commits += 1
            self._point()
        except Crash:
            return
        with self._engine.connect() as connection:
            inventory, alarms = load_inventory(connection), standing_alarms(connection)
        self.equipment = self._connect(self.boot, self.noise, self._sending)
        self._writer = RecordWriter(self._engine, self.boot)
        journal = TwinJournal(self._write, self._disk_waits)
        self.core = Core(self.rules, self.equipment, journal, inventory, self.boot, alarms)
        self._next_cycle_s = self.now_s
        self._quiet_s = QUIET_S

    def crash(self) -> None:
        self.core = self.equipment = None

    def move_to(self, config: Config) -> None:
        """Go on with the database of other settings: a forked run must not write into the file of the one it left."""
        self.config, self._engine = config, open_writer(config.station_database_url)
        self._writer = RecordWriter(self._engine, self.boot)

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now_s + self.label_offset_s)

    @property
    def snapshot(self) -> Snapshot | None:
        return self.core.snapshot if self.core else None

    def submit(self, payload: Payload, person: str, reply: Callable[[Answer], None]) -> None:
        self._keys += 1
        request = Request(f"key-{self._keys}", person, payload)
        if self.core is None:
            return
        self.on_ask(request)

        def answered(answer: Answer) -> None:
            self.on_answer(request, answer)
            reply(answer)
            if self.holds_again and isinstance(payload, ResumeStation) and isinstance(answer, Accepted):
                self.holds_again, self._hold_due_s = False, self.now_s + CYCLE_S

        self._submit(request, answered)
        if self.asked_twice:
            self._submit(request, lambda answer: self.on_answer(request, answer))
            self._again.append(request)

    def ask_again(self) -> None:
        """Send once more what was answered long ago, as a client does that did not see the answer."""
        requests, self._again = self._again, []
        for request in requests:
            self._submit(request, partial(self.on_answer, request))

    def _submit(self, request: Request, reply: Callable[[Answer], None]) -> None:
        """As the controller process does: an earlier answer to the key is given again."""
        if self.core is None:
            return
        with self._engine.connect() as connection:
            earlier = None if isinstance(request.payload, HoldStation) else find_answer(connection, request)
        if earlier is not None:
            reply(earlier)
            return
        self.core.submit(request, reply)
        self.stir()

    def stir(self) -> None:
        """Something is different: the controller is asked in its next cycle, and closely for a while."""
        self._quiet_s = QUIET_S
        self._next_cycle_s = min(self._next_cycle_s, self._grid(self.now_s))

    def open_spreader(self) -> None:
        """A person opens the spreader at the robot's own panel."""
        self.world.plant.robot.grip_goal = 0.0
        self.hand_opened_s = self.now_s

    def open_orders(self) -> tuple[tuple[int, str], ...]:
        """Orders in the database whose end nobody wrote down."""
        intents = "SELECT command_id, command FROM intents WHERE outcome IS NULL"
        with self._engine.connect() as connection:
            return tuple((row[0], row[1]) for row in connection.exec_driver_sql(intents))

    def step(self, limit_s: float) -> None:
        """Jump to the next instant, at most to `limit_s`, and run a cycle if one is due there."""
        change_s = self.world.next_change_s
        next_s = min(change_s, limit_s, self._hold_due_s)
        if self.core is not None:
            next_s = min(next_s, self._next_cycle_s)
        next_s = max(next_s, self.now_s)
        if self.equipment is not None:
            self.equipment.renew(next_s)
        self.world.advance(next_s)
        self.now_s = next_s
        if next_s >= change_s:
            self.stir()
        if next_s >= self._hold_due_s:
            self._hold_due_s = inf
            self.submit(HoldStation("visitor"), "visitor", lambda _: None)
        if self.core is not None and self.now_s >= self._next_cycle_s - 1e-9:
            self._cycle()

    def _cycle(self) -> None:
        assert self.core is not None
        assert self.equipment is not None
        self.cycles += 1
        self._busy = self.equipment.busy = False
        try:
            self.core.cycle(self.now_s, self.at)
        except Crash:
            self.crash()
            return
        busy = self._busy or self.equipment.busy or self.core.answered
        self._quiet_s = QUIET_S if busy else min(self._quiet_s * SLOWER, LONGEST_QUIET_S)
        self._next_cycle_s = self.now_s + (CYCLE_S if busy else self._quiet_s)

    @staticmethod
    def _grid(at_s: float) -> float:
        return ceil(at_s / CYCLE_S - 1e-6) * CYCLE_S

    def _disk_waits(self, records: Iterable[Record]) -> bool:
        waits = not self.hangs_at_intents or any(isinstance(record, IntentRecorded) for record in records)
        return self.disk_hangs and waits

    def _write(self, records: tuple[Record, ...], at: datetime) -> Inventory:
        self._busy = True
        if self.disk_full:
            raise DatabaseError("database or disk is full")
        self._point()
        inventory = self._writer.write(records, at)
        self.commits += 1
        for record in records:
            self.on_record(record)
        self._point()
        return inventory

    @contextmanager
    def _sending(self, command: Command, command_id: int) -> Iterator[None]:
        self._point()
        self.on_send(command, command_id)
        self.sendings += 1
        yield
        self._point()

    @property
    def inventory(self) -> Inventory | None:
        """What the controller believes."""
        return self.core.inventory if self.core else None

    @property
    def memory(self) -> Memory | None:
        return self.core.memory if self.core else None

    def _point(self) -> None:
        self.points += 1
        if self.dies():
            raise Crash
