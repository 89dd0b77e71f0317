"""Journal records: what the controller writes down, before it acts or once the sensors have confirmed.

One call writes its records in one transaction, and one event with a gapless sequence number for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swapstation.model.alarm import Alarm, Suppression
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.bypass import Bypass, BypassResult
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.energy import EnergyRecord
from swapstation.model.fire_record import FireDrillEnded, FireDrillStarted, FireReleased, TransferRefused
from swapstation.model.health import BatteryObserved
from swapstation.model.inventory import Cause, Hold, PositionExchange, Swap, SwapResult
from swapstation.model.job import Difference, Job, JobResult
from swapstation.model.mode import Mode
from swapstation.model.power_record import PowerRecord
from swapstation.model.request import Answer, InventoryChange, Request


@dataclass(frozen=True, slots=True)
class BootStarted:
    """The controller started: boot number, software version and hash of the running configuration."""

    boot: int
    version: str
    configuration_hash: str


@dataclass(frozen=True, slots=True)
class StartUpConfirmed:
    """A person allowed motion for this boot after the survey."""

    boot: int
    person: str


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The station changed its PackML state."""

    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class IntentRecorded:
    """A command is about to be sent; durable before it leaves. `parameters` is JSON of the command's fields."""

    command_id: int
    boot: int
    command: str
    parameters: str
    swap: str | None


class Outcome(StrEnum):
    """How an intent ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class IntentResolved:
    """An intent ended."""

    command_id: int
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BatteryMoved:
    """The sensors confirmed that a battery is in another place. `evidence` names the sensors that said so."""

    battery: str
    origin: str
    destination: str
    evidence: tuple[str, ...]
    command_id: int | None = None


@dataclass(frozen=True, slots=True)
class BatteryMeasured:
    """SOC of a battery as its BMS or its truck reported it; None: nobody knows it any more."""

    battery: str
    soc_pct: float | None


@dataclass(frozen=True, slots=True)
class BatteryQuarantined:
    """A battery may be dangerous; `person` is empty where the station itself found it. Evidence: what said so."""

    battery: str
    reason: str
    person: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatteryDoubted:
    """Evidence contradicts the record of a battery: it is in doubt until a person corrects the record."""

    battery: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SwapOpened:
    """A swap began: row and holds in one transaction."""

    swap: Swap
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class SwapStepped:
    """A swap entered another step; the rest is what `StepTime` says of the step that was left."""

    swap: str
    before: str
    after: str
    seconds: float
    software_s: float = 0.0
    target_s: float | None = None
    baseline_s: float | None = None
    slow: bool = False


@dataclass(frozen=True, slots=True)
class SwapDiverted:
    """A person sent a swap on a way out: from step `before` to step `after`; a battery in doubt is quarantined.

    The holds come in the same transaction; `seconds` is the time the left step took.
    """

    swap: str
    before: str
    after: str
    way: str
    cause: Cause
    reason: str
    person: str
    seconds: float
    quarantined: str | None = None
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityAttested:
    """A person has looked and says which battery of a swap this is, in the place of a source that is silent."""

    swap: str
    battery: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class SwapAllocated:
    """A swap was given its batteries and bays; the holds come in the same transaction.

    The first are of the position being exchanged, `ahead` are those of the positions after it.
    """

    swap: str
    fresh: str
    returned: str
    from_bay: int
    to_bay: int
    holds: tuple[Hold, ...]
    fresh_soc_pct: float | None = None
    returned_soc_pct: float | None = None
    ahead: tuple[PositionExchange, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionExchanged:
    """The present position of a swap is done; the next one follows in the same transaction."""

    swap: str
    position: int


@dataclass(frozen=True, slots=True)
class UnevenSetAccepted:
    """A person agreed that the truck leaves with batteries that do not make a set."""

    swap: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class SwapClosed:
    """A swap ended; its holds end in the same transaction."""

    swap: str
    result: SwapResult
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class JobOpened:
    """A job began: row and holds in one transaction."""

    job: Job
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class JobStepped:
    """A job entered another step; `seconds` is the time the left step took."""

    job: str
    before: str
    after: str
    seconds: float


@dataclass(frozen=True, slots=True)
class JobClosed:
    """A job ended; its holds end in the same transaction. `differences`: what a stock check found."""

    job: str
    result: JobResult
    reason: str
    seconds: float
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The station's mode for people changed."""

    before: Mode
    after: Mode
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class BypassSet:
    """A person put an input out of force for a time; it is bypassed once this is durable."""

    bypass: Bypass


@dataclass(frozen=True, slots=True)
class BypassEnded:
    """A bypass ended; `person` is empty where nobody ended it."""

    bypass: str
    result: BypassResult
    person: str = ""


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A battery or place is held."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """A promise was changed as a whole: another time, a battery set aside for it or given free again."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """A hold ended: cancelled, expired or used."""

    hold: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """An alarm came, was acknowledged or returned. `gone` = it is normal again."""

    alarm: Alarm
    gone: bool = False


@dataclass(frozen=True, slots=True)
class AlarmHidden:
    """A person hid an alarm: shelved for `minutes`, or out of service (None)."""

    alarm: str
    suppression: Suppression
    minutes: int | None
    reason: str
    person: str


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """A person ended the hiding of an alarm."""

    alarm: str
    person: str


@dataclass(frozen=True, slots=True)
class ChargeStarted:
    """Charging of a battery began in a bay."""

    battery: str
    bay: int
    soc_pct: float | None
    target_soc_pct: float


@dataclass(frozen=True, slots=True)
class ChargeEnded:
    """Charging of a battery ended: energy in kWh as the charger counted it, reasons as the wire gave them."""

    battery: str
    bay: int
    soc_pct: float | None
    energy_kwh: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InventoryChanged:
    """A person changed the stock record."""

    change: InventoryChange
    person: str


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """A request was answered; the same key and payload gets the same answer for ever."""

    request: Request
    answer: Answer


Record = (
    BootStarted
    | StartUpConfirmed
    | StateChanged
    | IntentRecorded
    | IntentResolved
    | BatteryMoved
    | BatteryMeasured
    | BatteryQuarantined
    | BatteryDoubted
    | SwapOpened
    | SwapStepped
    | SwapDiverted
    | IdentityAttested
    | SwapAllocated
    | PositionExchanged
    | UnevenSetAccepted
    | SwapClosed
    | JobOpened
    | JobStepped
    | JobClosed
    | ModeChanged
    | BypassSet
    | BypassEnded
    | HoldPlaced
    | HoldChanged
    | HoldEnded
    | AlarmChanged
    | AlarmHidden
    | AlarmShown
    | ChargeStarted
    | ChargeEnded
    | BatteryBalanced
    | BatteryDischarged
    | EnergyRecord
    | BatteryObserved
    | FireReleased
    | FireDrillStarted
    | TransferRefused
    | FireDrillEnded
    | PowerRecord
    | InventoryChanged
    | RequestAnswered
)
