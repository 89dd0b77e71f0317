"""A fleet's booking in the shape of OCPI 2.3 Bookings 1.1, with what a battery swap adds under `swap` and `promise`.

Names of OCPI keep OCPI's spelling; `swap`, `promise` and the states ARRIVED and SWAPPING are an extension of our own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class BookingState(StrEnum):
    """OCPI's `reservation_status`: PENDING until the station has answered; the last five are ends."""

    PENDING = "PENDING"
    RESERVED = "RESERVED"
    ARRIVED = "ARRIVED"
    SWAPPING = "SWAPPING"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"
    NO_SHOW = "NO_SHOW"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


STANDING = (BookingState.PENDING, BookingState.RESERVED, BookingState.ARRIVED, BookingState.SWAPPING)
"""States of a booking that has not ended."""


class RequestStatus(StrEnum):
    """What became of one request for a booking or for its change."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


class CancelReason(StrEnum):
    """Why a booking was given up (OCPI)."""

    POWER_OUTAGE = "POWER_OUTAGE"
    BROKEN_CHARGER = "BROKEN_CHARGER"
    FULL = "FULL"
    BLOCKED = "BLOCKED"
    TRAFFIC = "TRAFFIC"
    BROKEN_VEHICLE = "BROKEN_VEHICLE"
    UNKNOWN = "UNKNOWN"


class Rests(StrEnum):
    """What a promise rests on: a ready battery that is set aside, the charging plan, or a careful estimate."""

    SET_ASIDE = "set_aside"
    PLAN = "plan"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class SwapWish:
    """What a truck needs and when: `eta` as last told; `min_soc_pct` None: that of a ready battery.

    `soc_on_arrival_pct` is what the truck expects to have left: nearly empty ones come first where batteries are short.
    """

    vin: str
    model: str
    eta: datetime
    min_soc_pct: float | None = None
    soc_on_arrival_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From the promised time on until the promise is lost."""

    start_date_time: datetime
    end_date_time: datetime


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """What holds for a booking, minutes. After `noshow_timeout` a truck that has not come has lost its promise."""

    change_until_minutes: int
    cancel_until_minutes: int
    early_start_time: int
    noshow_timeout: int


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One request for a booking: the first, or a change. `reason` is a code of the catalogue where it was declined."""

    at: datetime
    eta: datetime
    status: RequestStatus
    min_soc_pct: float | None = None
    reason: str = ""
    earliest_at: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A battery of class `battery_class` with at least `soc_pct` is ready at `ready_at` in `lane`; never a certain one.

    It may be set aside from `held_from` on and is given free at `released_at`. `confidence`: share of such promises
    that were kept so far (0 to 1).
    """

    lane: int
    ready_at: datetime
    battery_class: str
    soc_pct: float
    held_from: datetime
    released_at: datetime
    rests_on: Rests
    confidence: float


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why and when a booking was given up; `late`: after `cancel_until_minutes`."""

    reason: CancelReason
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking. `version` counts its changes; `kept` is whether the promise was kept, None: not known (yet)."""

    id: str
    request_id: str
    location_id: str
    reservation_status: BookingState
    period: Period
    swap: SwapWish
    booking_terms: BookingTerms
    last_updated: datetime
    booking_requests: tuple[BookingRequest, ...] = field(default=())
    promise: Promise | None = None
    canceled: Cancellation | None = None
    priority: bool = False
    swap_id: str = ""
    arrived_at: datetime | None = None
    kept: bool | None = None
    version: int = 1

    @property
    def stands(self) -> bool:
        """It has not ended."""
        return self.reservation_status in STANDING

    def may_until(self, minutes: int) -> datetime:
        """The instant so many minutes before the promised time."""
        return self.period.start_date_time - timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class KnownBooking:
    """A booking on record: whose it is, its number in order, the station's hold, who asked for it."""

    number: int
    fleet: str
    hold: str
    asked_by: str
    booking: Booking
