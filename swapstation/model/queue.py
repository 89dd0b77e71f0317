"""The trucks at the station, in the order in which they are swapped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swapstation.model.arriving import Identity, Proof, identify


class QueueState(StrEnum):
    """How far a truck is."""

    WAITING = "waiting"
    CALLED = "called"
    SWAPPING = "swapping"
    DONE = "done"
    LEFT = "left"


HERE = (QueueState.WAITING, QueueState.CALLED, QueueState.SWAPPING)
NEXT: dict[QueueState, tuple[QueueState, ...]] = {
    QueueState.WAITING: (QueueState.CALLED, QueueState.SWAPPING, QueueState.LEFT),
    QueueState.CALLED: (QueueState.WAITING, QueueState.SWAPPING, QueueState.LEFT),
    QueueState.SWAPPING: (QueueState.DONE, QueueState.LEFT),
    QueueState.DONE: (QueueState.LEFT,),
    QueueState.LEFT: (),
}
"""What may follow: a truck that was called and does not come waits again."""


@dataclass(frozen=True, slots=True)
class KnownTruck:
    """A truck as it was taken on. `plate` and `rfid` may be empty; `fleet` is what the contracts say today."""

    vin: str
    truck_model: str
    plate: str
    rfid: str
    note: str
    taken_on_by: str
    taken_on_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One stay of a truck. `skipped`: how often others passed it; `turn_at` orders the queue: its arrival, or later.

    `gross_kg`: what the weighbridge showed as it came (truck, load and battery), and when; None: it was not weighed.
    """

    number: int
    state: QueueState
    came_at: datetime
    turn_at: datetime
    proofs: tuple[Proof, ...]
    skipped: int = 0
    skip_reason: str = ""
    swap: str = ""
    ended_at: datetime | None = None
    gross_kg: float | None = None
    weighed_at: datetime | None = None

    @property
    def identity(self) -> Identity:
        return identify(self.proofs)
