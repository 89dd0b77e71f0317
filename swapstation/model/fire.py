"""What a fire, or a drill of one, asks of the station; the fire panel and the safety PLC act by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FireReaction:
    """Consequence of the fire alarms `causes` (names of alarms).

    `stopped_bays` charge no more. `confirmed`: everything stops, the feeders of the chargers are to be cut off, people
    leave, no swap begins; the batteries `quarantined` are those of the bays that burn.
    """

    causes: tuple[str, ...] = ()
    stopped_bays: tuple[int, ...] = ()
    confirmed: bool = False
    quarantined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferState:
    """An automatic transfer that is needed: of which battery, and why it does not begin (reason codes; () it does)."""

    bay: int
    battery: str | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FireState:
    """The real reaction, what was asked for beyond stopping, and beside it the reaction that a drill walks through."""

    reaction: FireReaction = field(default_factory=FireReaction)
    cut_off_asked: bool = False
    tripped_bays: tuple[int, ...] = ()
    drill_bay: int | None = None
    drill: FireReaction | None = None
    transfer: TransferState | None = None
