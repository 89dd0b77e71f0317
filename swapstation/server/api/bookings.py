"""Bookings: a ready battery held for a truck, or the promise of one for later. A booking is a hold.

The controller alone makes, changes and ends holds.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.errors import InputError
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.request import Accepted, CancelBooking, ChangeBooking, CreateBooking
from swapstation.server.api.bodies import SocPct
from swapstation.server.api.swaps import Vin
from swapstation.server.context import By, Context, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["bookings"])

BookingId = Annotated[str, Path(pattern=r"^[!-~]{1,80}$")]


class BookingOrder(BaseModel):
    """For which truck, which battery model; with `arrives_at` a promise for then, else a ready battery at once.

    `minutes`: how long it is held, from now (an hour) or from `arrives_at` (the station's own rule). `soc_pct`: the
    least charge that the truck needs; without it that of a ready battery.
    """

    model_config = ConfigDict(extra="forbid")
    vin: Vin
    model: Annotated[str, Field(min_length=1, max_length=60, examples=["LFP-282"])]
    minutes: Annotated[int | None, Field(ge=1, le=1440)] = None
    arrives_at: Annotated[AwareDatetime | None, Field(examples=["2026-11-21T09:30:00+08:00"])] = None
    soc_pct: SocPct | None = None


class BookingChange(BaseModel):
    """When the truck comes now, and the charge that it needs if that is another one."""

    model_config = ConfigDict(extra="forbid")
    arrives_at: Annotated[AwareDatetime, Field(examples=["2026-11-21T09:45:00+08:00"])]
    soc_pct: SocPct | None = None


def _bookings(here: Context) -> tuple[Hold, ...]:
    return tuple(hold for hold in here.snapshot.inventory.holds if hold.kind is HoldKind.BOOKING)


@router.get("/bookings", responses=declared())
async def list_bookings(here: Here) -> tuple[Hold, ...]:
    """Bookings that stand."""
    return _bookings(here)


@router.get("/bookings/{booking}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_booking(here: Here, booking: BookingId) -> Hold:
    """One booking that stands."""
    found = next((hold for hold in _bookings(here) if hold.hold == booking), None)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_booking", booking)
    return found


@router.post("/bookings", status_code=HTTPStatus.CREATED, responses=declared(HTTPStatus.CONFLICT))
async def create_booking(here: Here, by: By, order: BookingOrder) -> Accepted:
    """Hold a ready battery for a truck, or promise it one. `result.booking` is the id of the booking.

    What cannot be promised is refused (409); `facts.earliest_at` tells from when it could be.
    """
    models = [known.name for known in here.config.battery_models]
    if order.model not in models:
        raise InputError("model", order.model, f"one of {', '.join(models)}")
    return await ask(here, by, CreateBooking(**order.model_dump()))


@router.patch("/bookings/{booking}", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def change_booking(here: Here, by: By, booking: BookingId, change: BookingChange) -> Accepted:
    """The truck of a promise comes at another time: it is promised anew, or refused and the old promise stands."""
    return await ask(here, by, ChangeBooking(booking, change.arrives_at, change.soc_pct))


@router.delete("/bookings/{booking}", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def cancel_booking(here: Here, by: By, booking: BookingId) -> Accepted:
    """End a booking."""
    return await ask(here, by, CancelBooking(booking))
