"""Jobs: work of the robot or the truck's locks that is no swap, ordered by a person, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does. `move` carries a battery from bay to bay, `store` the one in the transit place into a bay.

    Those after `stock_check` are single manual moves; `isolate` is begun by the station alone: the automatic transfer
    of an abnormal battery.
    """

    MOVE = "move"
    STORE = "store"
    HOME = "home"
    STOCK_CHECK = "stock_check"
    LOCATE = "locate"
    GRIP = "grip"
    LIFT = "lift"
    PUT = "put"
    PICK = "pick"
    PLACE = "place"
    UNGRIP = "ungrip"
    PARK = "park"
    UNLOCK = "unlock"
    LOCK = "lock"
    ISOLATE = "isolate"


class JobResult(StrEnum):
    """How a job ended."""

    OPEN = "open"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a stock check found other than the record says."""

    place: str
    recorded: str | None
    sensed: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job and how far it is. A battery that it carries goes from place `origin` to place `destination`."""

    job: str
    kind: JobKind
    step: str
    result: JobResult = JobResult.OPEN
    battery: str | None = None
    origin: str | None = None
    destination: str | None = None
    vin: str | None = None
    person: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    differences: tuple[Difference, ...] = ()
