"""What happens to a fleet's bookings and trucks, in order: read with a cursor, pushed to webhooks, streamed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What happened. `booking.ready`: a ready battery was set aside, or given free again."""

    BOOKING_RESERVED = "booking.reserved"
    BOOKING_REJECTED = "booking.rejected"
    BOOKING_CHANGED = "booking.changed"
    BOOKING_READY = "booking.ready"
    BOOKING_ARRIVED = "booking.arrived"
    BOOKING_SWAPPING = "booking.swapping"
    BOOKING_FULFILLED = "booking.fulfilled"
    BOOKING_CANCELED = "booking.canceled"
    BOOKING_NO_SHOW = "booking.no_show"
    BOOKING_FAILED = "booking.failed"
    SWAP_OPENED = "swap.opened"
    SWAP_COMPLETED = "swap.completed"
    SWAP_FAILED = "swap.failed"


@dataclass(frozen=True, slots=True)
class FleetEvent:
    """One event of a fleet; `number` rises, with gaps. `data` is the booking, or the swap, as it was then."""

    number: int
    at: datetime
    kind: EventKind
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a fleet's events are posted, without the secret. `cursor`: up to which event they were taken.

    `kinds` empty: all. `failures`: attempts in a row without success, the last of which met `reason`.
    """

    webhook: str
    fleet: str
    url: str
    kinds: tuple[EventKind, ...]
    secret_id: str
    cursor: int
    created_at: datetime
    paused: bool = False
    failures: int = 0
    next_try_at: datetime | None = None
    delivered_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """What an attempt is signed with: the secret, and until `previous_until` the one before it too."""

    secret: str
    previous: str = ""
    previous_until: datetime | None = None

    def valid(self, at: datetime) -> tuple[str, ...]:
        """The secrets that count at an instant, the newest first."""
        if self.previous and self.previous_until is not None and at < self.previous_until:
            return self.secret, self.previous
        return (self.secret,)
