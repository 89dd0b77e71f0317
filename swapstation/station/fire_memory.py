"""What the fire plan remembers from one cycle to the next; what must survive a restart is in the alarms themselves."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.command import Command
from swapstation.model.fire import TransferState

Samples = tuple[tuple[float, float], ...]
"""Changes of a value over the last minute, oldest first: (monotonic s, value)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How temperature (°C) and, while it is not charged, voltage (V) of the battery in a bay went of late."""

    bay: int
    battery: str | None = None
    temperatures: Samples = ()
    voltages: Samples = ()


@dataclass(frozen=True, slots=True)
class SafetyCall:
    """A command toward safety that is repeated until its effect is seen; its intent was written down when it left."""

    command: Command
    command_id: int
    first_s: float
    sent_s: float
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """A fire drill: the bay that is said to burn, who runs it, since when."""

    bay: int
    person: str
    since_s: float


@dataclass(frozen=True, slots=True)
class FireMemory:
    """`stops`: bays stopped by a fire, and since when; `confirmed_by`, `release_by`: people who said so.

    `mode_asked`: this fire has put the station into fire mode, if it was not there already.
    `transferred`: the battery whose signs of fire have begun a transfer; it is not begun again while they stand.
    """

    traces: tuple[Trace, ...] = ()
    stops: tuple[tuple[int, float], ...] = ()
    calls: tuple[SafetyCall, ...] = ()
    quarantined: tuple[str, ...] = ()
    mode_asked: bool = False
    confirmed_by: str = ""
    release_by: str = ""
    drill: Drill | None = None
    transfer: TransferState | None = None
    transferred: str | None = None
