"""The BMS's steps as a table, and what one charging process remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bem,
    Bhm,
    Bmt,
    Bmv,
    Brm,
    Bro,
    Bsd,
    Bsm,
    Bsp,
    Bst,
    Message,
)
from swapstation.protocol.gbt27930.words import BatteryFault, BmsStop, BmsTimeout


class Step(Enum):
    """The BMS's place in the process, finer than the phase."""

    OFF = auto()
    IDLE = auto()
    HANDSHAKE = auto()
    RECOGNITION = auto()
    PARAMETERS = auto()
    CLOSING = auto()
    CHARGING = auto()
    STOPPING = auto()
    STATISTICS = auto()
    LOST = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """A step's phase, what is sent in it, and whether the battery's contactors may be closed."""

    phase: ChargePhase
    sends: tuple[type[Message], ...] = ()
    live: bool = False


RULES: Mapping[Step, Rule] = {
    Step.OFF: Rule(ChargePhase.IDLE),
    Step.IDLE: Rule(ChargePhase.IDLE),
    Step.HANDSHAKE: Rule(ChargePhase.HANDSHAKE, (Bhm,)),
    Step.RECOGNITION: Rule(ChargePhase.RECOGNITION, (Brm,)),
    Step.PARAMETERS: Rule(ChargePhase.CONFIG, (Bcp,)),
    Step.CLOSING: Rule(ChargePhase.CONFIG, (Bro,), live=True),
    Step.CHARGING: Rule(ChargePhase.CHARGING, (Bcl, Bcs, Bsm, Bmv, Bmt, Bsp), live=True),
    Step.STOPPING: Rule(ChargePhase.STOP, (Bst,), live=True),
    Step.STATISTICS: Rule(ChargePhase.END, (Bsd,)),
    Step.LOST: Rule(ChargePhase.ERROR, (Bem,)),
    Step.DONE: Rule(ChargePhase.END),
}


class Timer(Enum):
    """The BMS's own times."""

    STOP_SHOWN = auto()
    STATISTICS = auto()
    RECONNECT = auto()


STOP_FOR: Mapping[BatteryFault, BmsStop] = {
    BatteryFault.CELL_VOLTAGE_HIGH: BmsStop.VOLTAGE_ABNORMAL,
    BatteryFault.CELL_VOLTAGE_LOW: BmsStop.VOLTAGE_ABNORMAL,
    BatteryFault.OVER_CURRENT: BmsStop.OVER_CURRENT,
    BatteryFault.OVER_TEMPERATURE: BmsStop.PACK_OVER_TEMPERATURE,
    BatteryFault.INSULATION_FAULT: BmsStop.INSULATION_FAULT,
    BatteryFault.CONNECTOR_FAULT: BmsStop.CONNECTOR_FAULT,
}


@dataclass(slots=True)
class Process:
    """One charging process: what is awaited until when, and why it stops.

    `ready_since_s`: when the contactors were first closed (BRO AA). `opening_by_s`: the contactors should open, and do
    so then, whatever current still flows.
    """

    reconnects_left: int = 0
    deadlines: dict[BmsTimeout | Timer, float] = field(default_factory=dict)
    ready_since_s: float | None = None
    opening_by_s: float = inf
    ccs_seen: bool = False
    stop_reasons: tuple[BmsStop, ...] = ()
    missed: tuple[BmsTimeout, ...] = ()
    timeouts: tuple[BmsTimeout, ...] = ()
    cst_seen: bool = False
