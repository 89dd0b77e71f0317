"""Bookings: a ready battery held for a truck. A booking is a hold; the controller alone makes and ends holds."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from swapstation.errors import InputError
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.request import Accepted, CancelBooking, CreateBooking
from swapstation.server.api.swaps import Vin
from swapstation.server.context import By, Context, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["bookings"])

BookingId = Annotated[str, Path(pattern=r"^[!-~]{1,80}$")]


class BookingOrder(BaseModel):
    """For which truck, which battery model, for how long."""

    model_config = ConfigDict(extra="forbid")
    vin: Vin
    model: Annotated[str, Field(min_length=1, max_length=60, examples=["LFP-282"])]
    minutes: Annotated[int, Field(ge=1, le=1440)] = 60


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
    """Hold one ready battery of a model for a truck. `result.booking` is the id of the booking."""
    models = [known.name for known in here.config.battery_models]
    if order.model not in models:
        raise InputError("model", order.model, f"one of {', '.join(models)}")
    return await ask(here, by, CreateBooking(order.vin, order.model, order.minutes))


@router.delete("/bookings/{booking}", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def cancel_booking(here: Here, by: By, booking: BookingId) -> Accepted:
    """End a booking."""
    return await ask(here, by, CancelBooking(booking))
