"""The decision of one cycle while it is being made. Local to `decide`, which is pure from outside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from swapstation.config.settings import Config
from swapstation.model.alarm import AlarmDefinition
from swapstation.model.command import Command
from swapstation.model.inventory import Swap
from swapstation.model.job import Job
from swapstation.model.journal import IntentRecorded, ModeChanged, Record
from swapstation.model.mode import Mode
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import RefusedCommand, Snapshot
from swapstation.station.compatibility import truck_model_of
from swapstation.station.job_steps import job_recipe
from swapstation.station.memory import Batch, Decision, Memory, Sending
from swapstation.station.permit import permit
from swapstation.station.recipe import Recipe
from swapstation.station.situation import Situation


@dataclass(frozen=True, slots=True)
class Rules:
    """What does not change while the controller runs: settings, recipes, alarm catalogue."""

    config: Config
    recipe: Recipe
    alarms: dict[str, AlarmDefinition]
    other_recipes: tuple[Recipe, ...] = ()

    def recipe_of(self, name: str) -> Recipe:
        """The recipe of this name; the station's own for a name that is none of them."""
        return next((recipe for recipe in self.other_recipes if recipe.name == name), self.recipe)


@dataclass(slots=True)
class Draft:
    """Collects what this cycle sends and writes down; `memory` is replaced, never changed."""

    rules: Rules
    snapshot: Snapshot
    memory: Memory
    sendings: list[Sending] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    refused: list[RefusedCommand] = field(default_factory=list)
    _judged: tuple[Snapshot, Memory, Situation] | None = None

    @property
    def now(self) -> Situation:
        """What is judged, made anew only when snapshot or memory changed."""
        known = self._judged
        if known is not None and known[0] is self.snapshot and known[1] is self.memory:
            return known[2]
        orders = self.memory.robot_order, self.memory.truck_order
        now = Situation(self.snapshot, self.rules.config, *orders, self.recipe.pose, self.recipe.transit)
        self._judged = self.snapshot, self.memory, now
        return now

    @property
    def now_s(self) -> float:
        return self.snapshot.now_s

    @property
    def recipe(self) -> Recipe:
        """The steps of what is being worked at: the open job, within the pose its truck allows, else the swap."""
        return replace(job_recipe(self.job.kind), pose=self.swap_recipe.pose) if self.job else self.swap_recipe

    @property
    def swap_recipe(self) -> Recipe:
        """The recipe that the open swap was begun with, else that of the truck in the lane, else the station's own."""
        if self.swap is not None:
            return self.rules.recipe_of(self.swap.recipe)
        truck, config = self.snapshot.truck.good, self.rules.config
        vin = truck.vin if truck is not None else None
        model = truck_model_of(config, self.snapshot.inventory, vin) if vin else None
        return self.rules.recipe_of(config.recipe_of(model)) if model else self.rules.recipe

    @property
    def swap(self) -> Swap | None:
        return self.snapshot.inventory.swap

    @property
    def job(self) -> Job | None:
        return self.snapshot.inventory.job

    @property
    def work(self) -> Swap | Job | None:
        """What is being worked at: a job, which suspends an open swap, else the swap."""
        return self.job or self.swap

    @property
    def mode(self) -> Mode:
        """The mode for people, with what this cycle has changed already."""
        records = (record for batch in self.batches for record in batch.records)
        changed = [record.after for record in (*self.records, *records) if isinstance(record, ModeChanged)]
        return changed[-1] if changed else self.snapshot.inventory.mode.mode

    def remember(self, **changes: Any) -> None:
        memory = self.memory
        changed = {name: value for name, value in changes.items() if getattr(memory, name) != value}
        if changed:
            self.memory = replace(memory, **changed)

    def record(self, *records: Record) -> None:
        self.records.extend(records)

    def answer(self, request: Request, answer: Answer, records: Sequence[Record] = ()) -> None:
        """Answer a request once `records` and the answer itself are durable, all in one transaction."""
        self.batches.append(Batch(tuple(records), request, answer))

    def permitted(self, command: Command, further: tuple[str, ...] = ()) -> bool:
        """Ask the permit; a refusal is kept for the snapshot."""
        reasons = permit(command, self.now, further)
        if reasons:
            self.refused.append(RefusedCommand(type(command).__name__, reasons))
        return not reasons

    def send(self, command: Command, command_id: int = 0, further: tuple[str, ...] = ()) -> bool:
        """Let a command leave if it is permitted at this very instant."""
        if not self.permitted(command, further):
            return False
        self.sendings.append(Sending(command, command_id))
        return True

    def intend(self, command: Command) -> int:
        """Write an intent down and return its command id; the command may leave once the intent is durable."""
        command_id = self.memory.next_command_id
        self.remember(next_command_id=command_id + 1)
        parameters = json.dumps(asdict(command), sort_keys=True)
        name = type(command).__name__
        swap = self.swap.swap if self.swap and self.job is None else None
        self.record(IntentRecorded(command_id, self.snapshot.boot, name, parameters, swap))
        return command_id

    def durable(self, command_id: int) -> bool:
        """Whether the intent of a command is in the database that the snapshot shows."""
        return command_id < self.snapshot.inventory.next_command_id

    def decision(self) -> Decision:
        batches = [Batch(tuple(self.records))] if self.records else []
        self.remember(refused=tuple(self.refused))
        return Decision(self.memory, tuple(self.sendings), (*batches, *self.batches))
