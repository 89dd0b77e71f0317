"""Trucks: taking them on, their arrival by proofs, and the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import queue
from swapstation.business.database import Connection
from swapstation.config.limits import check_seat
from swapstation.energy.waiting import ExpectedWait
from swapstation.errors import InputError
from swapstation.model.arriving import Identity, Proof, Source
from swapstation.model.identity import vin_check_digit_matches
from swapstation.model.inventory import Hold, SeatOffset
from swapstation.model.queue import Entry, KnownTruck, QueueState
from swapstation.model.truck_request import RegisterTruck
from swapstation.model.yard_request import AdmitTruck
from swapstation.server.actor import Actor
from swapstation.server.api.bodies import Why
from swapstation.server.context import Acting, By, Context, Here, Who, ask
from swapstation.server.fleets import local_day
from swapstation.server.permission import not_blocked
from swapstation.server.problems import Problem, declared
from swapstation.server.queue_line import bookings_of, waits_of

router = APIRouter(tags=["queue"])
Vin = Annotated[str, Path(pattern=r"^[0-9A-HJ-NPR-Z]{17}$", examples=["LFWSRXSJ7M1F00001"])]
Number = Annotated[int, Path(ge=1, le=10**9)]
Plate = Annotated[str, Field(pattern=r"^[^\x00-\x20]{0,12}$", examples=["晋H12345"])]
SeatMm = Annotated[int | None, Field(ge=-500, le=500)]
Tag = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{0,64}$")]


class TruckCard(BaseModel):
    """What is to be known of a truck. The battery model follows from its model.

    `seat_...`: how far its battery seat is off the nominal one of its model, along the lane, across it, upwards; 0 or
    null: nominal.
    """

    model_config = ConfigDict(extra="forbid")
    truck_model: Annotated[str, Field(min_length=1, max_length=60, examples=["tractor-6x4"])]
    plate: Plate = ""
    rfid: Tag = ""
    note: Annotated[str, Field(max_length=200)] = ""
    seat_x_mm: SeatMm = 0
    seat_y_mm: SeatMm = 0
    seat_z_mm: SeatMm = 0

    @property
    def seat(self) -> SeatOffset:
        return SeatOffset(self.seat_x_mm or 0, self.seat_y_mm or 0, self.seat_z_mm or 0)


class Arrived(BaseModel):
    """Something that shows which truck has come: a plate that was read, a tag, or a VIN that a person typed."""

    model_config = ConfigDict(extra="forbid")
    source: Source
    value: Annotated[str, Field(pattern=r"^[^\x00-\x20]{1,64}$")]


class Decision(BaseModel):
    """Which truck it is, and how the person knows."""

    model_config = ConfigDict(extra="forbid")
    vin: Annotated[str, Field(pattern=r"^[0-9A-HJ-NPR-Z]{17}$")]


@dataclass(frozen=True, slots=True)
class TruckState:
    """A truck that was taken on. `vin_warning`: its check digit does not fit; `battery_model` it carries.

    `seat`: how far its battery seat is off the nominal one, as the station has it and tells the robot.
    """

    truck: KnownTruck
    fleet: str | None
    battery_model: str
    vin_warning: bool
    seat: SeatOffset


@dataclass(frozen=True, slots=True)
class QueuedTruck:
    """A truck of the queue: which it is, when it is served, what it was promised. `foreign`: nobody took it on.

    The promise is kept when its swap begins by `promised_until`.
    `not_called`: why it cannot be called now (codes of the reasons catalogue).
    """

    entry: Entry
    identity: Identity
    fleet: str | None
    foreign: bool
    booking: str | None
    promised_at: datetime | None
    promised_until: datetime | None
    wait: ExpectedWait | None
    not_called: tuple[str, ...] = ()


@router.get("/trucks", responses=declared())
async def list_trucks(here: Here) -> list[TruckState]:
    """Trucks that were taken on."""
    return [
        _state(here, truck, here.snapshot.inventory.seat_offset(truck.vin))
        for truck in await here.business.read(queue.list_trucks)
    ]


@router.put("/trucks/{vin}", responses=declared(HTTPStatus.CONFLICT))
async def take_truck_on(here: Here, by: By, vin: Vin, card: TruckCard) -> TruckState:
    """Take a truck on, or change its card: it becomes known to the station, and its plate and tag are proofs of it.

    The station is asked first: what it refuses (a swap of the truck is open) changes nothing.
    """
    models = {model.name: model for model in here.config.truck_models}
    if card.truck_model not in models:
        raise InputError("truck_model", card.truck_model, f"one of {', '.join(models)}")
    check_seat(card.seat, here.config.limits)
    truck = KnownTruck(vin, card.truck_model, card.plate, card.rfid, card.note, by.actor.person, datetime.now(UTC))
    stock = here.snapshot.inventory
    if (stock.truck_model(vin), stock.seat_offset(vin)) != (card.truck_model, card.seat):
        await ask(here, by, RegisterTruck(vin, card.truck_model, seat=card.seat))
    entry = by.actor.entry("truck_taken_on", vin, card.model_dump())
    await here.business.write(partial(queue.take_on, truck=truck), entry)
    return _state(here, truck, card.seat)


def _state(here: Context, truck: KnownTruck, seat: SeatOffset) -> TruckState:
    battery = next((each.battery_model for each in here.config.truck_models if each.name == truck.truck_model), "")
    fleet = here.billing.book.fleet_of(truck.vin, local_day(datetime.now(UTC)))
    return TruckState(truck, fleet, battery, not vin_check_digit_matches(truck.vin), seat)


@router.get("/queue", responses=declared())
async def read_queue(here: Here) -> list[QueuedTruck]:
    """Who is here, in the order of their turn, with the wait that is to be expected."""
    entries = await here.business.read(queue.entries_here)
    cards = {each.vin: each for each in await here.business.read(queue.list_trucks)}
    booked, waits, lane_free = bookings_of(here), waits_of(here, entries, cards), here.snapshot.swap is None
    told = [_queued(here, entry, cards, booked.get(entry.identity.vin), waits.get(entry.number)) for entry in entries]
    return [replace(each, not_called=queue.call_reasons(entries, each.entry.number, lane_free)) for each in told]


def _queued(
    here: Context, entry: Entry, cards: Mapping[str, KnownTruck], hold: Hold | None, wait: ExpectedWait | None
) -> QueuedTruck:
    vin, grace = entry.identity.vin, timedelta(minutes=here.config.bookings.late_minutes)
    promised_at = None if hold is None else hold.needed_at
    return QueuedTruck(
        entry=entry,
        identity=entry.identity,
        fleet=here.billing.book.fleet_of(vin, local_day(entry.came_at)) if vin else None,
        foreign=bool(vin) and vin not in cards,
        booking=None if hold is None else hold.hold,
        promised_at=promised_at,
        promised_until=None if promised_at is None else promised_at + grace,
        wait=wait,
    )


@router.get("/queue/history", responses=declared())
async def list_stays(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> list[Entry]:
    """Stays of the past and now, newest first."""
    return await here.business.read(partial(queue.list_entries, limit=limit, before=before))


@router.post("/arrivals", status_code=HTTPStatus.CREATED, responses=declared())
async def note_arrival(here: Here, who: Who, arrived: Arrived) -> Entry:
    """Take a proof of an arrival: it joins the stay that it belongs to, or begins one. A walk-in needs no booking."""
    if arrived.source is Source.TRUCK_LINK:
        raise InputError("source", arrived.source.value, "rfid, plate, booking or person: the truck link speaks itself")
    at = datetime.now(UTC)

    def note(connection: Connection) -> Entry:
        vin = queue.vin_of(connection, arrived.source, arrived.value)
        if arrived.source is Source.PERSON and not vin:
            raise InputError("value", arrived.value, "the VIN of a truck that was taken on")
        person = who.person if arrived.source is Source.PERSON else ""
        return queue.note_proof(connection, Proof(arrived.source, arrived.value, vin, at, person))

    return await here.business.write(note, who.entry("arrival_noted", arrived.value, {"source": arrived.source}))


@router.post("/queue/{number}/decide", responses=declared())
async def decide_identity(here: Here, who: Who, number: Number, decision: Decision) -> Entry:
    """A person says which truck this is where proofs disagree or are missing."""
    proof = Proof(Source.PERSON, decision.vin, decision.vin, datetime.now(UTC), who.person)
    entry = who.entry("identity_decided", str(number), {"vin": decision.vin})
    return await here.business.write(partial(queue.decide, number=number, proof=proof), entry)


@router.post("/queue/{number}/call", responses=declared(HTTPStatus.CONFLICT))
async def call_truck(here: Here, by: By, number: Number) -> Entry:
    """Call a truck into the lane: the next one, and only while the lane is free and the truck is known.

    Where there is a barrier it opens for this truck once the lane is free; calling it again opens it again.
    """
    entries = await here.business.read(queue.entries_here)
    if reasons := queue.call_reasons(entries, number, lane_free=here.snapshot.swap is None):
        raise Problem(HTTPStatus.CONFLICT, reasons[0], reasons=reasons)
    entry = next((each for each in entries if each.number == number), None)
    if entry is not None:
        await _admit(here, by, entry.identity.vin)
        if entry.state is QueueState.CALLED:
            return entry
    return await _moved(here, by.actor, number, QueueState.CALLED)


async def _admit(here: Context, by: Acting, vin: str) -> None:
    """Have the barrier open for a truck that no list blocks, "" for none; nothing where there is no barrier."""
    if vin:
        await not_blocked(here, vin)
    if here.config.links.gate:
        await ask(here, by, AdmitTruck(vin))


async def _take_call_back(here: Context, by: Acting, number: int) -> None:
    """The truck that was called does not come: the barrier no longer opens for it."""
    entry = await here.business.read(partial(queue.find, number=number))
    if entry is not None and entry.state is QueueState.CALLED:
        await _admit(here, by, "")


@router.post("/queue/{number}/skip", responses=declared())
async def skip_truck(here: Here, by: By, number: Number, why: Why) -> Entry:
    """Let the truck behind it pass, with a reason that is kept."""
    await _take_call_back(here, by, number)
    entry = by.actor.entry("truck_skipped", str(number), {"reason": why.reason})
    return await here.business.write(partial(queue.skip, number=number, reason=why.reason), entry)


@router.post("/queue/{number}/leave", responses=declared())
async def let_leave(here: Here, by: By, number: Number) -> Entry:
    """The truck has driven off."""
    await _take_call_back(here, by, number)
    return await _moved(here, by.actor, number, QueueState.LEFT)


async def _moved(here: Context, who: Actor, number: int, state: QueueState) -> Entry:
    entry = who.entry(f"truck_{state}", str(number))
    return await here.business.write(partial(queue.move, number=number, state=state, at=datetime.now(UTC)), entry)
