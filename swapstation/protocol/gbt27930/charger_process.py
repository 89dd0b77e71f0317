"""The charger's steps as a table, and what one charging process remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from math import inf

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.battery_view import BatteryView
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bsm,
    Ccs,
    Cem,
    Chm,
    Cml,
    Crm,
    Cro,
    Csd,
    Cst,
    Cts,
    Message,
)
from swapstation.protocol.gbt27930.words import ChargerStop, ChargerTimeout, Edition


class Step(StrEnum):
    """The charger's place in the process, finer than the phase."""

    IDLE = auto()
    HANDSHAKE = auto()
    POWER_CYCLE = auto()
    RECOGNISING = auto()
    RECOGNISED = auto()
    LIMITS_SENT = auto()
    PRECHARGE = auto()
    READY = auto()
    CHARGING = auto()
    STOPPING = auto()
    STATISTICS = auto()
    ENDED = auto()
    LOST = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """A step's phase, what is sent in it, whether the contactors may be closed and the auxiliary supply is on in it."""

    phase: ChargePhase
    sends: tuple[type[Message], ...] = ()
    live: bool = False
    powered: bool = True


RULES: Mapping[Step, Rule] = {
    Step.IDLE: Rule(ChargePhase.IDLE, powered=False),
    Step.HANDSHAKE: Rule(ChargePhase.HANDSHAKE, (Chm,)),
    Step.POWER_CYCLE: Rule(ChargePhase.HANDSHAKE, powered=False),
    Step.RECOGNISING: Rule(ChargePhase.RECOGNITION, (Crm,)),
    Step.RECOGNISED: Rule(ChargePhase.RECOGNITION, (Crm,)),
    Step.LIMITS_SENT: Rule(ChargePhase.CONFIG, (Cts, Cml)),
    Step.PRECHARGE: Rule(ChargePhase.CONFIG, (Cro,), live=True),
    Step.READY: Rule(ChargePhase.CONFIG, (Cro,), live=True),
    Step.CHARGING: Rule(ChargePhase.CHARGING, (Ccs,), live=True),
    Step.STOPPING: Rule(ChargePhase.STOP, (Cst,), live=True),
    Step.STATISTICS: Rule(ChargePhase.END, (Csd,)),
    Step.ENDED: Rule(ChargePhase.END, powered=False),
    Step.LOST: Rule(ChargePhase.ERROR, (Cem,)),
    Step.FAILED: Rule(ChargePhase.ERROR, powered=False),
}

SILENT = (Step.IDLE, Step.ENDED, Step.FAILED)
UNRECOGNISED = (Step.HANDSHAKE, Step.POWER_CYCLE, Step.RECOGNISING)
BEFORE_CONFIG = (*UNRECOGNISED, Step.RECOGNISED)
DELIVERING = (Step.READY, Step.CHARGING)
STOPPABLE = (Step.LIMITS_SENT, Step.PRECHARGE, Step.READY, Step.CHARGING)


class Timer(StrEnum):
    """The charger's own times; when one is over, the process goes on or stops."""

    NO_BHM = auto()
    POWER_CYCLE = auto()
    INSULATION_TEST = auto()
    LIMITS_SHOWN = auto()
    PRECHARGE = auto()
    PAUSE = auto()
    STOP_SHOWN = auto()
    STATISTICS = auto()
    RECONNECT = auto()


@dataclass(slots=True)
class Process:
    """One charging process: the battery's last words, what is awaited until when, and the count at its beginning.

    `opening_by_s`: the contactors should open and do so then, whatever current still flows. `held`: the charger itself
    pauses, so that no current flows and CCS says so.
    """

    edition: Edition
    reconnects_left: int = 0
    local_time: datetime | None = None
    begun_s: float = 0.0
    view: BatteryView = field(default_factory=BatteryView)
    step: Step = Step.IDLE
    step_since_s: float = 0.0
    deadlines: dict[ChargerTimeout | Timer, float] = field(default_factory=dict)
    live: bool = False
    held: bool = False
    opening_by_s: float = inf
    bst_seen: bool = False
    stopping: bool = False
    bcp: Bcp | None = None
    bcl: Bcl | None = None
    bcs: Bcs | None = None
    bsm: Bsm | None = None
    bsm_heard_s: float = 0.0
    stop_reasons: tuple[ChargerStop, ...] = ()
    missed: tuple[ChargerTimeout, ...] = ()
    charging_since_s: float | None = None
    charging_until_s: float | None = None
    first_energy_kwh: float | None = None

    @property
    def permitted(self) -> bool:
        """The battery has said everything that charging needs, and lets it happen."""
        return bool(self.bcl and self.bcs and self.bsm and self.bsm.permitted)

    def elapsed_min(self, now_s: float) -> int:
        """Whole minutes of charging so far."""
        if self.charging_since_s is None:
            return 0
        until_s = now_s if self.charging_until_s is None else self.charging_until_s
        return int((until_s - self.charging_since_s) // 60)

    def forget_demand(self) -> None:
        """What the battery wanted before the partner was lost must not be charged by."""
        self.bcl, self.bcs, self.bsm, self.bcp = None, None, None, None
