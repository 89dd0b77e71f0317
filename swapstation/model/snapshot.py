"""The snapshot: everything the station knows at one instant, frozen. Decisions and displays read nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from swapstation.model.alarm import Alarm
from swapstation.model.bypass import Bypass
from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import ChargePlan, PlanWatch
from swapstation.model.climate import Climate, ClimateGoal
from swapstation.model.device import (
    AcMeter,
    BatteryCells,
    BatteryCharge,
    Charger,
    ChargingModule,
    DcMeter,
    FirePanel,
    LinkStatus,
    Meter,
    RackIo,
    Robot,
    Safety,
    Truck,
)
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.fire import FireState
from swapstation.model.health import EnergyState
from swapstation.model.inventory import Inventory, PositionExchange
from swapstation.model.lane_sign import UNSAFE, LaneSign
from swapstation.model.power import PowerState
from swapstation.model.seen import Seen
from swapstation.model.store import Store, StoreGoal
from swapstation.model.vendor_alarm import DeviceComplaint
from swapstation.model.waiting_word import WaitingWord
from swapstation.model.yard import Gate, Guide, Identifier, Weigher


class StationState(StrEnum):
    """State of the station, words of PackML (ISA-TR88.00.02); after every start it is ABORTED."""

    ABORTED = "aborted"
    IDLE = "idle"
    EXECUTE = "execute"
    HOLDING = "holding"
    HELD = "held"
    UNHOLDING = "unholding"


@dataclass(frozen=True, slots=True)
class ModuleDemand:
    """What the charging process of a `direct` bay asks of its charging modules now, and the power limit it obeys."""

    enabled: bool = False
    voltage_v: float = 0.0
    current_a: float = 0.0
    power_limit_kw: float | None = None


@dataclass(frozen=True, slots=True)
class ChargerAbilities:
    """What the charging equipment of a bay can be told beside start and stop."""

    limits: bool = True
    pauses: bool = True
    discharges: bool = False


@dataclass(frozen=True, slots=True)
class BayState:
    """One bay: what its devices say. `battery` is the asset that the database puts here.

    `soc_pct` is what its BMS says now or, while that is silent, the last value on record (%).
    """

    number: int
    place: str
    isolation: bool
    charging: str
    battery: str | None
    io: Seen[RackIo] = field(default_factory=Seen)
    modules: Seen[ChargingModule] = field(default_factory=Seen)
    charger: Seen[Charger] = field(default_factory=Seen)
    charge: Seen[BatteryCharge] = field(default_factory=Seen)
    cells: Seen[BatteryCells] = field(default_factory=Seen)
    climate: Seen[Climate] = field(default_factory=Seen)
    demand: ModuleDemand = field(default_factory=ModuleDemand)
    soc_pct: float | None = None
    transit: bool = False
    abilities: ChargerAbilities = ChargerAbilities()
    ac_meter: Seen[AcMeter] = field(default_factory=Seen)
    dc_meter: Seen[DcMeter] = field(default_factory=Seen)

    @property
    def charges(self) -> bool:
        """Whether it is a bay of the charging rack: neither isolation nor transit place."""
        return not (self.isolation or self.transit)


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of the running swap for people: name, texts, state, seconds, and what `StepTime` says of them.

    `state` is `waiting`, `running`, `done`, or `left`: the swap was led out of it.
    """

    name: str
    owner: str
    title_zh: str
    title_en: str
    state: str
    elapsed_s: float
    timeout_s: float
    target_s: float | None = None
    baseline_s: float | None = None
    software_s: float = 0.0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class SwapState:
    """The running swap as people see it. `waiting_for` are reason codes of what the present step still waits for.

    Batteries and bays are those of `position`, one of `positions` of the truck; `exchanged` are done.
    `software_s`: seconds that our own journal and cycle cost so far; `bottleneck`: the step furthest over its target.
    """

    swap: str
    vin: str
    step: str
    attempt: int
    steps: tuple[StepState, ...]
    fresh: str | None
    returned: str | None
    from_bay: int | None
    to_bay: int | None
    position: int = 1
    positions: int = 1
    exchanged: tuple[PositionExchange, ...] = ()
    waiting_for: tuple[str, ...] = ()
    software_s: float = 0.0
    bottleneck: str | None = None


class Verdict(StrEnum):
    """Result of comparing sensors with the record; IN_MOTION: they differ, and the open swap explains it."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    IN_MOTION = "in_motion"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in the survey: what the record says, what the sensors say.

    `proposal` is what a person might do about it (code of the reasons catalogue); nothing is done by itself.
    """

    place: str
    recorded: str | None
    sensed: str
    verdict: Verdict
    proposal: str = ""


class OrderVerdict(StrEnum):
    """What its device says of an order that was left open. ASK: it took the order and cannot say that it is done."""

    DONE = "done"
    RUNNING = "running"
    NOT_DONE = "not_done"
    ASK = "ask"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order to robot or truck that an earlier boot wrote down and did not see the end of; `proposal` as above."""

    command_id: int
    command: str
    verdict: OrderVerdict
    sensed: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The read-only survey at start: complete once every place has an answer. `orders` until a person has confirmed."""

    findings: tuple[Finding, ...] = ()
    orders: tuple[OpenOrder, ...] = ()

    @property
    def complete(self) -> bool:
        return bool(self.findings) and all(finding.verdict is not Verdict.UNKNOWN for finding in self.findings)

    @property
    def agrees(self) -> bool:
        explained = (Verdict.AGREES, Verdict.IN_MOTION)
        return bool(self.findings) and all(finding.verdict in explained for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ActionState:
    """Whether a person's action would be accepted now, and if not why (codes of the reasons catalogue)."""

    action: str
    allowed: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that the permit refused in this cycle."""

    command: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """One instant of the station. `sequence` counts scan cycles of this boot; `at` is a label only.

    `plan` is the charging plan that counts now, None while the station charges on arrival; its forecast (`steps`,
    `availability`) travels by itself, once for each plan. `charge_goals`, `climate_goals` and
    `store_goal` (None: the site has no store) are shown to people. `waiting_words` wait for a second person.
    `lane_sign` is what drivers are told, `admitted` the VIN that the barrier opens for, "" for none.
    """

    sequence: int
    boot: int
    now_s: float
    at: datetime
    name: str
    exchange: str
    state: StationState
    robot: Seen[Robot] = field(default_factory=Seen)
    safety: Seen[Safety] = field(default_factory=Seen)
    truck: Seen[Truck] = field(default_factory=Seen)
    meter: Seen[Meter] = field(default_factory=Seen)
    fire_panel: Seen[FirePanel] = field(default_factory=Seen)
    store: Seen[Store] = field(default_factory=Seen)
    identifier: Seen[Identifier] = field(default_factory=Seen)
    weigher: Seen[Weigher] = field(default_factory=Seen)
    gate: Seen[Gate] = field(default_factory=Seen)
    guide: Seen[Guide] = field(default_factory=Seen)
    bays: tuple[BayState, ...] = ()
    inventory: Inventory = field(default_factory=Inventory)
    swap: SwapState | None = None
    survey: Survey = field(default_factory=Survey)
    confirmed: bool = False
    hold_reasons: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    alarm_flood: bool = False
    fire: FireState = field(default_factory=FireState)
    power: PowerState = field(default_factory=PowerState)
    bypass: Bypass | None = None
    waiting_words: tuple[WaitingWord, ...] = ()
    plan: ChargePlan | None = None
    plan_watch: PlanWatch = field(default_factory=PlanWatch)
    charge_goals: tuple[ChargeGoal, ...] = ()
    climate_goals: tuple[ClimateGoal, ...] = ()
    store_goal: StoreGoal | None = None
    lane_sign: LaneSign = UNSAFE
    admitted: str = ""
    actions: tuple[ActionState, ...] = ()
    refused: tuple[RefusedCommand, ...] = ()
    complaints: tuple[DeviceComplaint, ...] = ()
    links: tuple[LinkStatus, ...] = ()
    journal_pending: int = 0
    journal_error: str = ""
    black_box_error: str = ""
    disk: Seen[DiskSpace] = field(default_factory=Seen)
    energy: EnergyState = field(default_factory=EnergyState)
    max_cycle_lateness_ms: float = 0.0

    @property
    def journal_writes(self) -> bool:
        """Records become durable and there is room for more; unknown counts as not."""
        disk = self.disk.good
        return not self.journal_error and disk is not None and disk.level is not DiskLevel.STOP

    def bay(self, number: int) -> BayState:
        return self.by_number[number]

    @cached_property
    def by_number(self) -> dict[int | None, BayState]:
        """Every bay by its number."""
        return {bay.number: bay for bay in reversed(self.bays)}
