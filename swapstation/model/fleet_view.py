"""What a fleet is told over the API: the station, batteries to come, its trucks and swaps, pages of what it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swapstation.model.booking import Booking
from swapstation.model.charge_plan import Availability
from swapstation.model.fleet_event import FleetEvent, Webhook
from swapstation.model.inventory import SwapResult
from swapstation.model.mode import Mode
from swapstation.model.snapshot import StationState


class Basis(StrEnum):
    """What the figures rest on: the plan that counts, or what is ready now and charging on arrival, carefully."""

    PLAN = "plan"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class FreeBatteries(Availability):
    """How many batteries of a model can still be promised to a truck at `at` that needs `soc_pct` or more, and why."""

    rests_on: Basis


@dataclass(frozen=True, slots=True)
class FleetLane:
    """A lane; `free`: no swap runs in it."""

    lane: int
    free: bool


@dataclass(frozen=True, slots=True)
class FleetModel:
    """A battery model: which truck models take it, how many are in the station, ready, promised, charging.

    `waits_minutes`: how long a truck that came now without a booking would wait; None: no battery for it is in sight.
    """

    model: str
    energy_kwh: float
    truck_models: tuple[str, ...]
    here: int
    ready: int
    promised: int
    charging: int
    waits_minutes: float | None


@dataclass(frozen=True, slots=True)
class FleetStation:
    """What the station can do and does now. `open`: it takes trucks; `mode` of its people, `state` of the machine."""

    location_id: str
    open: bool
    mode: Mode
    state: StationState
    lanes: tuple[FleetLane, ...]
    bays: int
    models: tuple[FleetModel, ...]


@dataclass(frozen=True, slots=True)
class FleetTruckState:
    """A truck of the fleet: what is on it as far as is known, and its booking that stands ("" for none)."""

    vin: str
    plate: str
    truck_model: str
    battery: str
    soc_pct: float | None
    booking: str


@dataclass(frozen=True, slots=True)
class FleetExchange:
    """One battery that a truck got, and the one that it gave; SOC in %, None: not known."""

    position: int
    fresh: str
    returned: str
    fresh_soc_pct: float | None
    returned_soc_pct: float | None


@dataclass(frozen=True, slots=True)
class FleetSwap:
    """A swap of a truck of the fleet; `booking` is the fleet's booking that it was made for."""

    swap: str
    vin: str
    result: SwapResult
    opened_at: datetime | None
    closed_at: datetime | None
    booking: str
    exchanged: tuple[FleetExchange, ...]


@dataclass(frozen=True, slots=True)
class SwapPage:
    """Swaps, newest first. `next_cursor` gives the page after it; empty: there is none."""

    items: tuple[FleetSwap, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Bookings, newest first. `next_cursor` gives the page after it; empty: there is none."""

    items: tuple[Booking, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in order. `cursor` is the number to go on after; `more`: there are others already."""

    items: tuple[FleetEvent, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """New events, and the station as it is now (None: the controller is away)."""

    events: tuple[FleetEvent, ...]
    cursor: int
    station: FleetStation | None


@dataclass(frozen=True, slots=True)
class ToldWebhook:
    """A webhook; `secret` only where it is new, for the receiver to verify with."""

    webhook: Webhook
    secret: str
