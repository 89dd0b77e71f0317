"""What the decisions remember from one cycle to the next. Everything that must survive a restart is in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from swapstation.model.alarm import Alarm
from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.climate import ClimateGoal
from swapstation.model.command import Command
from swapstation.model.concern_request import TellConcern
from swapstation.model.device import RobotStep
from swapstation.model.journal import Record
from swapstation.model.lane_sign import LaneSign
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import RefusedCommand, StationState
from swapstation.model.store import StoreGoal
from swapstation.model.uplink_request import TellUplink
from swapstation.station.fire_memory import FireMemory
from swapstation.station.power_memory import PowerMemory
from swapstation.station.shelving import Shelf
from swapstation.station.site_power import Share
from swapstation.station.situation import Order
from swapstation.station.takt import NO_PAST, Past


@dataclass(frozen=True, slots=True)
class ChargeMemory:
    """The charging of one bay: order under way, whether a charge runs or was ended as unsafe, failed tries.

    What a person asked for lasts until the battery is unplugged or the controller restarts: `stopped`, or a target and
    a power of its own. `share` is the bay's part of the site's power, None while it takes none. `goal` is what the
    charge is to do now, `paused_s` since when we hold it at no current, `flows_s` since when current may flow without a
    break. `starts_s` are the latest starts: each closes contactors. `told_kw` is the power it was told where it has no
    share of a site limit.
    """

    bay: int
    order: Order | None = None
    running: bool = False
    unsafe: bool = False
    battery: str | None = None
    noted_soc_pct: float | None = None
    failures: int = 0
    retry_at_s: float = 0.0
    last_stop_s: float = float("-inf")
    stopped: bool = False
    target_soc_pct: float | None = None
    max_power_kw: float | None = None
    share: Share | None = None
    goal: ChargeGoal | None = None
    paused_s: float | None = None
    flows_s: float = float("-inf")
    starts_s: tuple[float, ...] = ()
    told_kw: float | None = None
    told_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class ClimateMemory:
    """The climate unit of one bay: what it is to do, and when it was told last."""

    bay: int
    goal: ClimateGoal
    told_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class StoreMemory:
    """The site's store: what it is to do, the set-point it was told (kW AC), and since when, when last (monotonic s).

    `led_s`: when it was last told a power other than 0. `most_kw`: most that it may take until it shows less.
    """

    goal: StoreGoal = field(default_factory=StoreGoal)
    told_kw: float = 0.0
    since_s: float = 0.0
    told_s: float = float("-inf")
    led_s: float = 0.0
    most_kw: float = 0.0


@dataclass(frozen=True, slots=True)
class GateMemory:
    """The barrier: the VIN that was called in ("" for none) and since when, whether it has passed (monotonic s).

    `free_since_s`: since when its loop is free, None: it is not. `asked`: it is told what it does not show yet,
    `told_s`: when it was told last.
    """

    admitted: str = ""
    since_s: float = 0.0
    passed: bool = False
    free_since_s: float | None = None
    asked: bool = False
    told_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class GuideMemory:
    """The drivers' sign: what it is to show, and when it was told last (monotonic s)."""

    sign: LaneSign | None = None
    told_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class DischargeMemory:
    """The discharge of one bay: its order, when it was renewed and stopped last, whether it did not come about.

    `battery`: the one that gives power back now; with the SOC of its begin, the last one on record, and what its
    charger counts.
    """

    bay: int
    order: Order | None = None
    told_s: float = float("-inf")
    stopped_s: float = float("-inf")
    failed: bool = False
    battery: str | None = None
    began_soc_pct: float | None = None
    noted_soc_pct: float | None = None
    given_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Calibrating:
    """The full charge of one battery that is under way; `full_s` is since when it is full and rests."""

    bay: int
    battery: str
    since_s: float
    full_s: float | None = None


@dataclass(frozen=True, slots=True)
class StepFault:
    """The reason why the running step is held: alarm code and detail; cleared by a resume."""

    alarm: str
    detail: str


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """The first of two people wants a swap closed by force; not kept over a restart."""

    swap: str
    person: str
    reason: str
    since_s: float


@dataclass(frozen=True, slots=True)
class FirstWord:
    """What the first of two people has said, of which kind on what, and until when it waits (monotonic s)."""

    kind: str
    subject: str
    person: str
    reason: str
    until_s: float


@dataclass(frozen=True, slots=True)
class BypassClock:
    """Until when the bypass on record may count (monotonic seconds); not kept over a restart, which voids it."""

    bypass: str
    until_s: float


@dataclass(frozen=True, slots=True)
class Planning:
    """The last plan that came and when (monotonic s), `orders`: the same without its forecast; how many came.

    `refusal` tells what was wrong with the last one, empty when it was taken.
    """

    plan: ChargePlan | None = None
    orders: ChargePlan | None = None
    since_s: float = 0.0
    taken: int = 0
    refused: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DueBattery:
    """A battery that is charged at full power from now on, so that a promise is kept: up to which SOC (%), by when."""

    bay: int
    battery: str
    booking: str
    soc_pct: float
    needed_at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of the decisions. `next_command_id` is one more than any id used or journalled so far.

    `begun` is the swap or job that a request opened in the cycle before, until the database has it.
    `software_s` counts what our own journal and cycle cost before the running step's order was on the wire;
    `software_since_s`: since when that counts on, None while it does not.
    """

    next_command_id: int
    state: StationState = StationState.ABORTED
    begun: str = ""
    confirmed: bool = False
    robot_order: Order | None = None
    truck_order: Order | None = None
    answer_order: Order | None = None
    step: str = ""
    step_since_s: float = 0.0
    state_since_s: float = 0.0
    waiting_for: tuple[str, ...] = ()
    step_fault: StepFault | None = None
    hold_reasons: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    suspected: tuple[tuple[str, float], ...] = ()
    raisings: tuple[tuple[str, float], ...] = ()
    shelves: tuple[Shelf, ...] = ()
    contradicted: tuple[tuple[str, float], ...] = ()
    close_asked: CloseAsked | None = None
    first_words: tuple[FirstWord, ...] = ()
    bypass: BypassClock | None = None
    malformed: tuple[tuple[str, int, float], ...] = ()
    charges: tuple[ChargeMemory, ...] = ()
    climates: tuple[ClimateMemory, ...] = ()
    discharges: tuple[DischargeMemory, ...] = ()
    store: StoreMemory | None = None
    gate: GateMemory = field(default_factory=GateMemory)
    guide: GuideMemory = field(default_factory=GuideMemory)
    calibrating: Calibrating | None = None
    calibration_looked_s: float = float("-inf")
    refused: tuple[RefusedCommand, ...] = ()
    past: Past = NO_PAST
    inspected: tuple[tuple[str, float], ...] = ()
    software_s: float = 0.0
    software_since_s: float | None = None
    finishing: RobotStep | None = None
    fire: FireMemory = field(default_factory=FireMemory)
    power: PowerMemory = field(default_factory=PowerMemory)
    planning: Planning = field(default_factory=Planning)
    due: tuple[DueBattery, ...] = ()
    lost_uplinks: tuple[TellUplink, ...] = ()
    concerns: tuple[TellConcern, ...] = ()

    def charge(self, bay: int) -> ChargeMemory:
        return next((charge for charge in self.charges if charge.bay == bay), None) or ChargeMemory(bay)

    def discharge(self, bay: int) -> DischargeMemory:
        return next((each for each in self.discharges if each.bay == bay), None) or DischargeMemory(bay)

    def climate(self, bay: int) -> ClimateMemory:
        return next((unit for unit in self.climates if unit.bay == bay), None) or ClimateMemory(bay, ClimateGoal(bay))


@dataclass(frozen=True, slots=True)
class Sending:
    """A permitted command that leaves in this cycle; `command_id` 0 where none is journalled (leases, holds)."""

    command: Command
    command_id: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one transaction, and the answer to give once it is durable."""

    records: tuple[Record, ...]
    request: Request | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome of one cycle."""

    memory: Memory
    sendings: tuple[Sending, ...] = ()
    batches: tuple[Batch, ...] = field(default=())
