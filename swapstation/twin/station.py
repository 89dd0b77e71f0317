"""One station under virtual time: the real controller core and database over the twin's world.

Time jumps to the next instant at which a device, a person or a time-out can change anything; in between the controller
is taken to have renewed its heartbeat and leases as its unchanged cycles would have.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from random import Random

from swapstation.config.settings import Config
from swapstation.controller.core import Core
from swapstation.controller.journal import DirectJournal
from swapstation.inventory.database import Database, DatabaseError
from swapstation.inventory.journal import start_boot, write
from swapstation.inventory.queries import load_inventory, standing_alarms
from swapstation.model.command import Command
from swapstation.model.inventory import Inventory
from swapstation.model.journal import Record
from swapstation.model.request import Answer, Payload, Request
from swapstation.model.snapshot import Snapshot
from swapstation.station.draft import Rules
from swapstation.station.memory import Memory
from swapstation.twin.equipment import MessageEquipment
from swapstation.twin.noise import Noise
from swapstation.twin.world import World

CYCLE_S = 0.1
QUIET_S = 1.0
"""While nothing happens the controller is asked again after this time: time-outs are seen this much later."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Crash(Exception):
    """The controller's power is gone at this very instruction."""


class TwinStation:
    """Controller, database and world. `crash_points` number the commits and sendings at which the controller dies."""

    def __init__(self, config: Config, rules: Rules, engine: Database, world: World, chance: Random) -> None:
        self.config = config
        self.world = world
        self.noise = Noise(chance)
        self.core: Core | None = None
        self.equipment: MessageEquipment | None = None
        self.now_s = 0.0
        self.boot = 0
        self.cycles = 0
        self.points = 0
        self.crash_points: frozenset[int] = frozenset()
        self.label_offset_s = 0.0
        self.disk_full = False
        self.hand_moves = 0
        self.kept_codes: dict[str, tuple[str, ...]] = {}
        self.on_send: Callable[[Command, int], None] = lambda command, command_id: None
        self.on_record: Callable[[Record], None] = lambda record: None
        self._rules = rules
        self._engine = engine
        self._next_cycle_s = 0.0
        self._keys = 0
        self._busy = False

    def start(self) -> None:
        """Power on the controller."""
        self.boot = start_boot(self._engine, "twin", "twin", self.at)
        with self._engine.connect() as connection:
            inventory, alarms = load_inventory(connection), standing_alarms(connection)
        self.equipment = MessageEquipment(self.config, self.world, self.boot, self.noise, self._sending)
        self.core = Core(self._rules, self.equipment, DirectJournal(self._write), inventory, self.boot, alarms)
        self._next_cycle_s = self.now_s

    def crash(self) -> None:
        self.core = self.equipment = None

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now_s + self.label_offset_s)

    @property
    def snapshot(self) -> Snapshot | None:
        return self.core.snapshot if self.core else None

    def submit(self, payload: Payload, person: str, reply: Callable[[Answer], None]) -> None:
        self._keys += 1
        if self.core is not None:
            self.core.submit(Request(f"key-{self._keys}", person, payload), reply)
            self._next_cycle_s = min(self._next_cycle_s, self._grid(self.now_s))

    def step(self, limit_s: float) -> None:
        """Jump to the next instant, at most to `limit_s`, and run a cycle if one is due there."""
        change_s = self.world.next_change_s
        next_s = min(change_s, limit_s)
        if self.core is not None:
            next_s = min(next_s, self._next_cycle_s)
        next_s = max(next_s, self.now_s)
        if self.equipment is not None:
            self.equipment.renew(next_s)
        self.world.advance(next_s)
        self.now_s = next_s
        if next_s >= change_s:
            self._next_cycle_s = min(self._next_cycle_s, self._grid(next_s))
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
        self._next_cycle_s = self.now_s + (CYCLE_S if busy else QUIET_S)

    @staticmethod
    def _grid(at_s: float) -> float:
        return ceil(at_s / CYCLE_S - 1e-6) * CYCLE_S

    def _write(self, records: tuple[Record, ...], at: datetime) -> Inventory:
        self._busy = True
        if self.disk_full:
            raise DatabaseError("database or disk is full")
        self._point()
        inventory = write(self._engine, records, at, self.boot)
        self._point()
        for record in records:
            self.on_record(record)
        return inventory

    def _sending(self, command: Command, command_id: int) -> None:
        self._point()
        self.on_send(command, command_id)

    @property
    def inventory(self) -> Inventory | None:
        """What the controller believes."""
        return self.core.inventory if self.core else None

    @property
    def memory(self) -> Memory | None:
        return self.core.memory if self.core else None

    def _point(self) -> None:
        self.points += 1
        if self.points in self.crash_points:
            raise Crash
