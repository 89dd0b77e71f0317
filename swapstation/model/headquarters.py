"""The words for the link to a headquarters: who may swap, on what that rests, records that are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Keeper(StrEnum):
    """Who keeps a list: this station, or its headquarters."""

    STATION = "station"
    HEADQUARTERS = "headquarters"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """A truck on the allow list or the block list, until when, and why. `until` None: until it is taken off."""

    vin: str
    allowed: bool
    reason: str
    until: datetime | None = None
    keeper: Keeper = Keeper.STATION

    def counts(self, at: datetime) -> bool:
        """Whether it has not expired."""
        return self.until is None or at < self.until


class PermitBasis(StrEnum):
    """On what a permit rests: an answer of the headquarters, or what was known here while there was none."""

    HEADQUARTERS = "headquarters"
    BLOCK_LIST = "block_list"
    ALLOW_LIST = "allow_list"
    KNOWN_TRUCK = "known_truck"
    ANY_TRUCK = "any_truck"
    EXPIRED = "expired"
    NOT_KNOWN = "not_known"

    @property
    def refusal(self) -> str:
        """The code of the reason that people read where a permit on this basis is refused."""
        return _REFUSALS.get(self, "permit_missing")


_REFUSALS = {
    PermitBasis.HEADQUARTERS: "headquarters_refuses",
    PermitBasis.BLOCK_LIST: "truck_blocked",
    PermitBasis.EXPIRED: "allowance_expired",
    PermitBasis.NOT_KNOWN: "truck_not_allowed_offline",
}


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether a truck may be swapped, on what that rests, and why; `offline`: why the headquarters was not asked."""

    request_id: str
    vin: str
    at: datetime
    granted: bool
    basis: PermitBasis
    reason: str = ""
    offline: str = ""


class RecordState(StrEnum):
    """How far a record is: it waits, the headquarters has it, or a person has to look at it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record of the outbox. `reason`: why it was not taken so far."""

    number: int
    record_id: str
    kind: str
    happened_at: datetime
    body: dict[str, Any]
    state: RecordState
    attempts: int = 0
    next_try_at: datetime | None = None
    reason: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordFigures:
    """How the outbox stands; `oldest_at`: when what waits longest happened."""

    pending: int
    delivered: int
    dead: int
    oldest_at: datetime | None
