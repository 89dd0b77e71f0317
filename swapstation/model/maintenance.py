"""Words of maintenance: counters of wear, tasks, budgets, parts, work orders with the time of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Counter(StrEnum):
    """What wears a device, counted from records; its unit ends the name, a count has none."""

    SWAPS = "swaps"
    MOVES = "moves"
    RUNNING_H = "running_h"
    TRAVEL_KM = "travel_km"
    LOAD_DISTANCE_TKM = "load_distance_tkm"
    MATINGS = "matings"
    CHARGES = "charges"
    CHARGING_H = "charging_h"
    ENERGY_KWH = "energy_kwh"


class TaskKind(StrEnum):
    """What a periodic task is (EN 13306: preventive maintenance)."""

    INSPECTION = "inspection"
    SERVICE = "service"
    REPLACEMENT = "replacement"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of the register. A part counts what its whole counts; `in_service_on`: where its periods begin."""

    device: str
    zh: str
    en: str
    part_of: str = ""
    maker: str = ""
    model: str = ""
    serial: str = ""
    in_service_on: date | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Work that comes round: after `every_days`, after `every` of `counter`, or whichever is first.

    `last_on`: when it was done before the first work order, such as the date of a calibration certificate.
    """

    task: str
    devices: tuple[str, ...]
    kind: TaskKind
    zh: str
    en: str
    every_days: int | None = None
    counter: Counter | None = None
    every: float | None = None
    last_on: date | None = None
    warn_days: int = 14


@dataclass(frozen=True, slots=True)
class Budget:
    """Wear that a part stands: so much `amount` of `counter` until it is replaced; `used_before`: before we counted."""

    budget: str
    devices: tuple[str, ...]
    zh: str
    en: str
    counter: Counter
    amount: float
    part: str = ""
    used_before: float = 0.0
    warn_days: int = 30


@dataclass(frozen=True, slots=True)
class Part:
    """A spare part; fewer than `least` in stock is told."""

    part: str
    zh: str
    en: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a station's maintenance consists of. `alarms`: codes that open a work order by themselves."""

    devices: tuple[Device, ...] = ()
    tasks: tuple[Task, ...] = ()
    budgets: tuple[Budget, ...] = ()
    parts: tuple[Part, ...] = ()
    alarms: tuple[str, ...] = ("DEVICE_NEEDS_SERVICE",)


class WorkState(StrEnum):
    """How far a work order is."""

    OPEN = "open"
    BEGUN = "begun"
    DONE = "done"
    CANCELLED = "cancelled"


class WorkKind(StrEnum):
    """Why it was opened: something failed, a task or a budget is due, or another reason (EN 13306)."""

    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One step of a work order: the state it led to, by whom, when, and the words of it."""

    state: WorkState
    person: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a work order asks for. `subject`: the task or budget that it fulfils; `alarm`: the one it came from."""

    device: str
    kind: WorkKind
    text: str
    subject: str = ""
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A work order with its steps, oldest first. `readings`: the counters of its device when it was done."""

    number: int
    wanted: Wanted
    steps: tuple[WorkStep, ...]
    readings: Mapping[str, float] = field(default_factory=dict)

    @property
    def state(self) -> WorkState:
        return self.steps[-1].state

    @property
    def opened_at(self) -> datetime:
        return self.steps[0].at

    def at(self, state: WorkState) -> datetime | None:
        """When it came into a state; None: it did not."""
        return next((step.at for step in self.steps if step.state is state), None)

    def seconds(self, before: WorkState, after: WorkState) -> float | None:
        """Seconds from one state to another."""
        first, last = self.at(before), self.at(after)
        return None if first is None or last is None else (last - first).total_seconds()


class DueKind(StrEnum):
    """Whether work comes round or a budget of wear is used up."""

    TASK = "task"
    BUDGET = "budget"


class DueState(StrEnum):
    """How near it is: not yet, within its time of warning, now or past."""

    FINE = "fine"
    SOON = "soon"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Due:
    """One task or budget of one device. `due_on`: the day it is due or forecast to be; None: nothing tells.

    `used` of `limit` of its counter since `since`; `per_day`: mean of the last weeks; `order`: an order that is open.
    """

    name: str
    what: DueKind
    device: str
    zh: str
    en: str
    state: DueState
    since: date | None
    due_on: date | None
    counter: Counter | None = None
    used: float | None = None
    limit: float | None = None
    per_day: float | None = None
    calibration: bool = False
    part: str = ""
    order: int | None = None


@dataclass(frozen=True, slots=True)
class PartMovement:
    """So many of a part came (`change` > 0) or went; `work_order`: what they went into."""

    number: int
    part: str
    at: datetime
    change: int
    person: str
    note: str = ""
    work_order: int | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of a part there are; `short`: fewer than there ought to be."""

    part: str
    zh: str
    en: str
    stock: int
    least: int

    @property
    def short(self) -> bool:
        return self.stock < self.least


@dataclass(frozen=True, slots=True)
class Reliability:
    """One device over a span of time, from its alarms and work orders (docs/maintenance.md has the formulas).

    `failures`: outages that began in the span; `down_s`: of it out of work; `restorations`: outages that ended in it.
    """

    device: str
    observed_s: float
    failures: int
    down_s: float
    restorations: int
    availability_pct: float | None
    mean_up_s: float | None
    mean_restoration_s: float | None
    mean_waiting_s: float | None
    mean_repair_s: float | None
