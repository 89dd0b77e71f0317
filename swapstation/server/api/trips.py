"""Trips: what trucks carried and how far, told by the fleets' programs or by a person; the reports reckon with it."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.business.trips import check_trips, keep_trips, trips_between
from swapstation.errors import InputError
from swapstation.model.trip import MOST_KM, MOST_TONNES, Trip
from swapstation.records.telemetry.query import span_of
from swapstation.server.actor import Actor
from swapstation.server.api.fleet import fleet_of
from swapstation.server.api.swaps import Vin
from swapstation.server.context import Context, Here, Who
from swapstation.server.fleets import local_day
from swapstation.server.problems import declared

router = APIRouter(tags=["reports"])


class ToldTrip(BaseModel):
    """One loaded way under the fleet's own id; `ended_at` with its zone."""

    model_config = ConfigDict(extra="forbid")
    trip: Annotated[str, Field(pattern=r"^[!-~]{1,60}$", examples=["2026-11-30-T17-03"])]
    vin: Vin
    ended_at: AwareDatetime
    tonnes: Annotated[float, Field(ge=0, le=MOST_TONNES, examples=[31.5])]
    distance_km: Annotated[float, Field(ge=0, le=MOST_KM, examples=[18.2])]


class ToldTrips(BaseModel):
    """Trips of one fleet."""

    model_config = ConfigDict(extra="forbid")
    trips: Annotated[list[ToldTrip], Field(min_length=1, max_length=400)]


class TripsOfFleet(ToldTrips):
    """Trips that a person tells for a fleet; "": of trucks of none."""

    fleet: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,40}$", examples=["north-pit"])] = ""


class Kept(BaseModel):
    """How many trips were kept, and how many of them were not known before."""

    kept: int
    new: int


@router.post("/fleet/trips", responses=declared())
async def tell_fleet_trips(here: Here, who: Who, told: ToldTrips) -> Kept:
    """Tell trips of the fleet's own trucks; the same id again replaces what was told."""
    fleet = fleet_of(who)
    trips = _trips(told, fleet)
    check_trips(trips)
    for index, trip in enumerate(trips):
        if here.billing.book.fleet_of(trip.vin, local_day(trip.ended_at)) != fleet:
            raise InputError(f"trips[{index}].vin", trip.vin, "a truck that was the fleet's on that day")
    return await _keep(here, who, trips)


@router.post("/trips", responses=declared())
async def tell_trips(here: Here, who: Who, told: TripsOfFleet) -> Kept:
    """Tell trips for a fleet that has no program; the same id again replaces what was told."""
    return await _keep(here, who, _trips(told, told.fleet))


@router.get("/trips", responses=declared())
async def list_trips(
    here: Here,
    first: Annotated[AwareDatetime, Query()],
    last: Annotated[AwareDatetime, Query()],
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> list[Trip]:
    """Trips that ended from `first` until before `last`, oldest first."""
    span_of(first, last)
    asked = partial(trips_between, first=first.astimezone(UTC), last=last.astimezone(UTC), limit=limit)
    return await here.business.read(asked)


def _trips(told: ToldTrips, fleet: str) -> tuple[Trip, ...]:
    return tuple(Trip(**each.model_dump(), fleet=fleet) for each in told.trips)


async def _keep(here: Context, who: Actor, trips: tuple[Trip, ...]) -> Kept:
    entry = who.entry("trips_told", trips[0].fleet, {"trips": len(trips)})
    new = await here.business.write(partial(keep_trips, told=trips, person=who.person), entry)
    return Kept(kept=len(trips), new=new)
