"""Requests from people, dispatchers and tools to the controller, and its answers; each names the acting person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from swapstation.model.alarm_request import AcknowledgeAlarm, ShelveAlarm, ShowAlarm, TakeAlarmOutOfService
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.concern_request import WordOfServer
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.headquarters import Permit
from swapstation.model.inventory import Cause
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.truck_request import RegisterTruck
from swapstation.model.yard_request import AdmitTruck


@dataclass(frozen=True, slots=True)
class ConfirmStartUp:
    """A person has looked at the survey and allows motion for this boot."""

    kind: Literal["confirm_start_up"] = "confirm_start_up"


@dataclass(frozen=True, slots=True)
class HoldStation:
    """Stop motion in a controlled way; accepted from anybody in every state."""

    reason: str = ""
    kind: Literal["hold"] = "hold"


@dataclass(frozen=True, slots=True)
class ResumeStation:
    """Go on after a hold."""

    kind: Literal["resume"] = "resume"


@dataclass(frozen=True, slots=True)
class ChangeMode:
    """Put the station into another mode for people, with a reason; it stays over a restart."""

    mode: Mode
    reason: str
    kind: Literal["change_mode"] = "change_mode"


@dataclass(frozen=True, slots=True)
class StartJob:
    """Have the station do a job: from bay `bay` and to bay `to_bay` where its kind carries a battery.

    Kinds other than `move`, `home` and `stock_check` are single moves by hand; a truck is the one in the lane.
    """

    job: JobKind
    bay: int | None = None
    to_bay: int | None = None
    kind: Literal["start_job"] = "start_job"


@dataclass(frozen=True, slots=True)
class AbandonJob:
    """End the open, held job `job` as failed where the sensors prove its battery to be."""

    job: str
    reason: str
    kind: Literal["abandon_job"] = "abandon_job"


@dataclass(frozen=True, slots=True)
class RequestSwap:
    """Swap the truck in the lane. `booking` names the hold whose battery it gets, if it booked.

    A person may choose the ready `battery`; `accept_soc_pct` is the lowest SOC that the driver has agreed to (%).
    Where there is a headquarters, `permit` is what it said, or what the lists said while it was silent.
    """

    vin: str
    booking: str | None = None
    battery: str | None = None
    accept_soc_pct: float | None = None
    permit: Permit | None = None
    kind: Literal["swap"] = "swap"


@dataclass(frozen=True, slots=True)
class AbandonSwap:
    """End the open swap `swap` as failed; possible only while the truck still has a locked battery."""

    swap: str
    reason: str
    kind: Literal["abandon_swap"] = "abandon_swap"


@dataclass(frozen=True, slots=True)
class DivertSwap:
    """Leave the normal course of the open, held swap `swap`: the sensors say which way out the cause opens."""

    swap: str
    cause: Cause
    reason: str
    kind: Literal["divert_swap"] = "divert_swap"


@dataclass(frozen=True, slots=True)
class AttestIdentity:
    """A named person has looked which battery this is, because a reader is silent; holds for the open swap `swap`.

    It counts once another person has said it too.
    """

    swap: str
    battery: str
    reason: str
    kind: Literal["attest_identity"] = "attest_identity"


@dataclass(frozen=True, slots=True)
class AcceptUnevenSet:
    """A named person lets the truck of the open swap go with batteries that make no set: it limps home or is towed."""

    swap: str
    reason: str
    kind: Literal["accept_uneven_set"] = "accept_uneven_set"


@dataclass(frozen=True, slots=True)
class ReconcileSwap:
    """Enter a swap that was made without us: `fresh` is on the truck, `returned` stands in bay `to_bay` (补单).

    `position` is the battery position of the truck that was exchanged.
    """

    vin: str
    fresh: str
    returned: str
    to_bay: int
    reason: str
    position: int = 1
    kind: Literal["reconcile_swap"] = "reconcile_swap"


@dataclass(frozen=True, slots=True)
class CloseSwap:
    """The first of two people wants to end a swap that no way out can end; its batteries become doubtful."""

    swap: str
    reason: str
    kind: Literal["close_swap"] = "close_swap"


@dataclass(frozen=True, slots=True)
class ConfirmCloseSwap:
    """The second person agrees that the swap is closed by force."""

    swap: str
    kind: Literal["confirm_close_swap"] = "confirm_close_swap"


@dataclass(frozen=True, slots=True)
class CreateBooking:
    """Hold one ready battery of a model for a truck; with `arrives_at`, promise it one for then.

    `minutes`: how long it is held, from now (None: an hour) or from `arrives_at` (None: the station's `late_minutes`).
    `soc_pct`: the least charge that the truck needs (%), None: that of a ready battery. `return_soc_pct`: what the
    battery that it brings will have left (%), None: nobody knows.
    """

    vin: str
    model: str
    minutes: int | None = None
    arrives_at: datetime | None = None
    soc_pct: float | None = None
    return_soc_pct: float | None = None
    kind: Literal["create_booking"] = "create_booking"


@dataclass(frozen=True, slots=True)
class ChangeBooking:
    """The truck of a promise comes at another time, needs another charge, brings another one (%; None: as before)."""

    booking: str
    arrives_at: datetime
    soc_pct: float | None = None
    return_soc_pct: float | None = None
    kind: Literal["change_booking"] = "change_booking"


@dataclass(frozen=True, slots=True)
class CancelBooking:
    """End a booking. `in_vain`: its truck waited longer than promised and left, so the promise was not kept."""

    booking: str
    in_vain: bool = False
    kind: Literal["cancel_booking"] = "cancel_booking"


@dataclass(frozen=True, slots=True)
class ReceiveBattery:
    """A battery comes into the station."""

    battery: str
    model: str
    codes: tuple[str, ...]
    place: str
    soc_pct: float | None = None
    kind: Literal["receive_battery"] = "receive_battery"


@dataclass(frozen=True, slots=True)
class SendBatteryAway:
    """A battery leaves the station for good or for service."""

    battery: str
    reason: str
    kind: Literal["send_battery_away"] = "send_battery_away"


@dataclass(frozen=True, slots=True)
class TransferBattery:
    """A battery leaves for another station; `papers` names the papers of its transport as dangerous goods."""

    battery: str
    station: str
    papers: str
    kind: Literal["transfer_battery"] = "transfer_battery"


@dataclass(frozen=True, slots=True)
class QuarantineBattery:
    """A battery may be dangerous: it is neither charged nor put on a truck until two people release it."""

    battery: str
    reason: str
    kind: Literal["quarantine_battery"] = "quarantine_battery"


@dataclass(frozen=True, slots=True)
class ReleaseQuarantine:
    """The first of two people asks to end a quarantine; it waits for the second for a limited time."""

    battery: str
    reason: str
    kind: Literal["release_quarantine"] = "release_quarantine"


@dataclass(frozen=True, slots=True)
class ConfirmRelease:
    """The second person, who may sit at a remote desk, agrees: the quarantine ends."""

    battery: str
    kind: Literal["confirm_release"] = "confirm_release"


@dataclass(frozen=True, slots=True)
class MoveBatteryRecord:
    """A battery was moved by hand (forklift) to another place."""

    battery: str
    place: str
    kind: Literal["move_battery_record"] = "move_battery_record"


@dataclass(frozen=True, slots=True)
class CorrectBattery:
    """The record was wrong: set place and, if given, codes or SOC, with a reason; clears doubt, never quarantine."""

    battery: str
    reason: str
    place: str | None = None
    codes: tuple[str, ...] | None = None
    soc_pct: float | None = None
    kind: Literal["correct_battery"] = "correct_battery"


@dataclass(frozen=True, slots=True)
class CountedPlace:
    """What a person found in a place during a stock check; battery None = empty."""

    place: str
    battery: str | None


@dataclass(frozen=True, slots=True)
class StockCheck:
    """Result of a physical stock check; differences mark batteries doubtful, they move nothing."""

    counted: tuple[CountedPlace, ...]
    kind: Literal["stock_check"] = "stock_check"


InventoryChange = (
    ReceiveBattery
    | SendBatteryAway
    | TransferBattery
    | QuarantineBattery
    | ReleaseQuarantine
    | ConfirmRelease
    | MoveBatteryRecord
    | CorrectBattery
    | RegisterTruck
    | StockCheck
)
UNNAMED = "console"
"""Who acts when a person gives no name: enough to hold the station, not enough where two named people must agree."""
Payload = (
    ConfirmStartUp
    | HoldStation
    | ResumeStation
    | ChangeMode
    | SetBypass
    | EndBypass
    | StartJob
    | AbandonJob
    | RequestSwap
    | AbandonSwap
    | DivertSwap
    | AttestIdentity
    | AcceptUnevenSet
    | ReconcileSwap
    | CloseSwap
    | ConfirmCloseSwap
    | LockOutBay
    | EndLockOut
    | ChargeBay
    | StopBayCharge
    | ResetCharge
    | CreateBooking
    | ChangeBooking
    | CancelBooking
    | AcknowledgeAlarm
    | ShelveAlarm
    | TakeAlarmOutOfService
    | ShowAlarm
    | ConfirmFire
    | ReleaseFire
    | StartFireDrill
    | EndFireDrill
    | SubmitPlan
    | CloseEnergyCase
    | PutDispatch
    | EndDispatch
    | WordOfServer
    | AdmitTruck
    | InventoryChange
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `key` makes a repeat harmless (same key and payload = same answer), `person` is who acts."""

    key: str
    person: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request took effect, or will by itself; `result` names what came of it (for example the swap id)."""

    key: str
    result: dict[str, str] = field(default_factory=dict)
    status: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class Refused:
    """The request has no effect. `code` and `reasons` are in the reasons catalogue, `code` is the first of several.

    `detail` names field, value and what is allowed; `facts` what would help, for example the earliest time.
    """

    key: str
    code: str
    detail: str = ""
    reasons: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    status: Literal["refused"] = "refused"


Answer = Accepted | Refused
