"""What a fleet sees: the station, batteries to come, its own trucks and their swaps. Nothing of another fleet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from swapstation.business import fleet_bookings
from swapstation.energy.station_capacity import capacity_of
from swapstation.errors import InputError
from swapstation.model.fleet_view import (
    FleetExchange,
    FleetLane,
    FleetModel,
    FleetStation,
    FleetSwap,
    FleetTruckState,
    FreeBatteries,
    SwapPage,
)
from swapstation.model.inventory import PlaceKind, Swap, place_kind, truck_place
from swapstation.model.mode import Mode
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.server.actor import Actor
from swapstation.server.api.swaps import SwapId
from swapstation.server.availability import free_batteries
from swapstation.server.context import Context, Here, Who
from swapstation.server.etag import NOT_MODIFIED, IfNoneMatch, tagged
from swapstation.server.fleets import local_day, times_of, trucks_of
from swapstation.server.problems import Problem, declared

router = APIRouter(prefix="/fleet", tags=["fleet"])

Vin = Annotated[str, Path(pattern=r"^[0-9A-HJ-NPR-Z]{17}$", examples=["LFWSRXSJ7M1F00001"])]
SWAPS = (StationState.IDLE, StationState.EXECUTE)
"""States in which a station takes trucks."""


def fleet_of(who: Actor) -> str:
    """The fleet that a key speaks for. The table of access lets nobody else in."""
    assert who.key is not None
    return who.key.fleet


@router.get("/station", response_model=FleetStation, responses=declared() | NOT_MODIFIED)
async def read_station(here: Here, if_none_match: IfNoneMatch = None) -> Response:
    """What the station can do, whether it takes trucks, and how long one would wait now."""
    return tagged(station_of(here), if_none_match)


def station_of(here: Context) -> FleetStation:
    """The station as fleets see it. Raises ControllerAway."""
    now, config = here.snapshot, here.config
    mode = now.inventory.mode.mode
    return FleetStation(
        location_id=config.name,
        open=mode is Mode.AUTOMATIC and now.state in SWAPS,
        mode=mode,
        state=now.state,
        lanes=(FleetLane(1, now.swap is None),),
        bays=sum(not bay.isolation for bay in config.bays),
        models=tuple(_model(here, now, model.name) for model in config.battery_models),
    )


def _model(here: Context, now: Snapshot, name: str) -> FleetModel:
    config = here.config
    model = next(each for each in config.battery_models if each.name == name)
    capacity = capacity_of(now, config, model)
    stock = [each for each in now.inventory.batteries if each.model == name]
    in_bays = {each.battery for each in stock if place_kind(each.place) is PlaceKind.BAY}
    charging = {
        bay.battery for bay in now.bays if (charge := bay.charge.good) is not None and (charge.current_a or 0.0) > 0.0
    }
    ready_s = capacity.ready_s[0] if capacity.ready_s else None
    waits_s = None if ready_s is None else max(ready_s, capacity.lane_free_s)
    return FleetModel(
        model=name,
        energy_kwh=model.energy_kwh,
        truck_models=tuple(each.name for each in config.truck_models if each.battery_model == name),
        here=len(in_bays),
        ready=sum(each <= 0.0 for each in capacity.ready_s),
        promised=sum(hold.model == name for hold in now.inventory.holds),
        charging=len(charging & in_bays),
        waits_minutes=None if waits_s is None else float(round(waits_s / 60.0)),
    )


@router.get("/availability", response_model=tuple[FreeBatteries, ...], responses=declared() | NOT_MODIFIED)
async def read_availability(
    here: Here,
    model: Annotated[str, Query(min_length=1, max_length=60, examples=["LFP-282"])],
    soc: Annotated[float | None, Query(ge=0, le=100, description="Least charge, %; without it a ready one.")] = None,
    hours: Annotated[float, Query(gt=0, le=24, description="How far ahead.")] = 24.0,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """How many batteries can still be promised to a truck that comes at each of these times, and what that rests on."""
    until = here.snapshot.at + timedelta(hours=hours)
    rows = await free_batteries(here, model, soc)
    return tagged(tuple(row for row in rows if row.at <= until), if_none_match)


@router.get("/trucks", responses=declared())
async def list_trucks(here: Here, who: Who) -> tuple[FleetTruckState, ...]:
    """The fleet's trucks of today."""
    vins = trucks_of(here.billing.book, fleet_of(who), datetime.now(UTC))
    return tuple([await _truck(here, vin) for vin in vins])


@router.get("/trucks/{vin}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_truck(here: Here, who: Who, vin: Vin) -> FleetTruckState:
    """One truck of the fleet."""
    own_truck(here, who, vin)
    return await _truck(here, vin)


def own_truck(here: Context, who: Actor, vin: str) -> None:
    """Raises Problem for a truck that is not the fleet's today; that there is one elsewhere is not told."""
    if here.billing.book.fleet_of(vin, local_day(datetime.now(UTC))) != fleet_of(who):
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_truck", vin)


async def _truck(here: Context, vin: str) -> FleetTruckState:
    stock = here.snapshot.inventory
    on_it = stock.at(truck_place(vin))
    told = max((each for each in here.billing.book.trucks if each.vin == vin), key=lambda each: each.since)
    booked = await here.business.read(partial(fleet_bookings.booking_of_truck, vin=vin))
    return FleetTruckState(
        vin=vin,
        plate=told.plate,
        truck_model=stock.truck_model(vin) or "",
        battery="" if on_it is None else on_it.battery,
        soc_pct=None if on_it is None else on_it.soc_pct,
        booking="" if booked is None else booked.booking.id,
    )


@router.get("/swaps", responses=declared())
async def list_swaps(
    here: Here,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(pattern=r"^([0-9]{1,17}/[!-~]{1,80})?$")] = "",
) -> SwapPage:
    """Swaps that the fleet's trucks made while they were the fleet's, newest first."""
    times = times_of(here.billing.book, fleet_of(who))
    found = await run_in_threadpool(here.history.swaps_of_trucks, times, limit + 1, _before(cursor))
    page = found[:limit]
    items = tuple([await _swap(here, swap) for swap in page])
    return SwapPage(items, _cursor(page[-1]) if len(found) > limit else "")


@router.get("/swaps/{swap}", responses=declared(HTTPStatus.NOT_FOUND))
async def read_swap(here: Here, who: Who, swap: SwapId) -> FleetSwap:
    """One swap of a truck that was the fleet's then."""
    found = await run_in_threadpool(here.history.swap, swap)
    times = times_of(here.billing.book, fleet_of(who))
    if found is None or not any(_within(found, *each) for each in times):
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_swap", swap)
    return await _swap(here, found)


def _within(swap: Swap, vin: str, first: datetime, last: datetime | None) -> bool:
    at = swap.opened_at
    return swap.vin == vin and at is not None and at >= first and (last is None or at < last)


async def _swap(here: Context, swap: Swap) -> FleetSwap:
    booked = await here.business.read(partial(fleet_bookings.booking_of_swap, swap=swap.swap))
    exchanged = tuple(
        FleetExchange(each.position, each.fresh, each.returned, each.fresh_soc_pct, each.returned_soc_pct)
        for each in swap.exchanged
    )
    booking = "" if booked is None else booked.booking.id
    return FleetSwap(swap.swap, swap.vin, swap.result, swap.opened_at, swap.closed_at, booking, exchanged)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _cursor(swap: Swap) -> str:
    assert swap.opened_at is not None
    return f"{(swap.opened_at - _EPOCH) // _MICROSECOND}/{swap.swap}"


def _before(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    micros, _, swap = cursor.partition("/")
    try:
        return _EPOCH + int(micros) * _MICROSECOND, swap
    except OverflowError:
        raise InputError("cursor", cursor, "the next_cursor of a page") from None
