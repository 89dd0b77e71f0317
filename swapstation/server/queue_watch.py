"""The queue follows the station: the truck that speaks in the lane, swaps that begin and end, trucks that drive off,
and the devices before the lane.

What follows from a look is derived from the queue's own record, so that a restart of the server misses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import structlog

from swapstation.business import queue
from swapstation.business.database import Connection
from swapstation.contract.controller_link import ControllerAway
from swapstation.errors import SwapstationError
from swapstation.model.arriving import Proof, Source
from swapstation.model.queue import Entry, QueueState
from swapstation.model.snapshot import Snapshot
from swapstation.server import entrance_watch
from swapstation.server.background import background
from swapstation.server.parts import Context

LOOK_EVERY_S = 1.0
GONE_S = 30.0
"""A truck that has been silent so long while no swap runs has driven off; its radio may fail for a moment."""
_log = structlog.get_logger("queue")


@dataclass(frozen=True, slots=True)
class Lane:
    """The VIN that the truck in the lane says and the swap that runs, "" for none; `silent`: it may still be there."""

    vin: str
    swap: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What was written down of earlier looks: the lane, the reads that still stand in the snapshot, the scale."""

    lane: Lane | None = None
    reads: frozenset[tuple[str, str]] = frozenset()
    scale: entrance_watch.Scale = field(default_factory=entrance_watch.Scale)


@asynccontextmanager
async def queue_followed(here: Context) -> AsyncIterator[None]:
    """Look once a second as long as the context is open."""
    async with background(_run(here), "queue"):
        yield


async def _run(here: Context) -> None:
    seen = Seen()
    failed = False
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            seen = await _look(here, seen)
            failed = False
        except ControllerAway:
            continue  # who came and went meanwhile is seen when it is back
        except SwapstationError as error:
            if not failed:
                _log.error("the queue does not follow", reason=str(error))
            failed = True


async def _look(here: Context, seen: Seen) -> Seen:
    """Write down what has changed since the last look, if anything has."""
    now, yard, at = here.snapshot, here.config.yard, datetime.now(UTC)
    lane = lane_of(now)
    if lane != seen.lane:
        await here.business.write(partial(follow, lane=lane, at=at))
        seen = replace(seen, lane=lane)
    reads = tuple(entrance_watch.reads_of(now, yard.least_confidence_pct))
    marks = frozenset((read.passage, read.value) for read in reads)
    if not marks <= seen.reads:
        await here.business.write(partial(entrance_watch.note_reads, reads=reads))
    weigher = now.weigher.good
    scale = entrance_watch.scale_seen(seen.scale, weigher, yard.weigh_above_kg, at)
    if weigher is not None and entrance_watch.may_weigh(scale, weigher, at):
        scale = await here.business.write(partial(entrance_watch.note_mass, scale=scale, weigher=weigher, at=at))
    return replace(seen, reads=marks, scale=scale)


def lane_of(snapshot: Snapshot) -> Lane:
    """What a snapshot says of the lane."""
    truck, swap = snapshot.truck, snapshot.swap
    vin = truck.good.vin if truck.good is not None else None
    heard_of = truck.age_s is not None and truck.age_s <= GONE_S
    return Lane(vin or "", "" if swap is None else swap.swap, not vin and (heard_of or swap is not None))


def follow(connection: Connection, lane: Lane, at: datetime) -> None:
    """Bring the queue up to what is in the lane now."""
    there = None
    for entry in queue.stays(connection):
        over = entry.state is QueueState.SWAPPING and entry.swap != lane.swap
        if over:
            queue.move(connection, entry.number, QueueState.DONE, at)
        again = (over or entry.state is QueueState.DONE) and bool(lane.swap) and _spoke(entry) == lane.vin
        if again or _drove_off(entry, lane):
            queue.move(connection, entry.number, QueueState.LEFT, at)
        elif lane.vin and _spoke(entry) == lane.vin:
            there = entry
    if not lane.vin:
        return
    if there is None:
        known = queue.vin_of(connection, Source.TRUCK_LINK, lane.vin) or lane.vin
        there = queue.note_proof(connection, Proof(Source.TRUCK_LINK, lane.vin, known, at))
    if lane.swap and there.state is not QueueState.SWAPPING:
        queue.move(connection, there.number, QueueState.SWAPPING, at, lane.swap)


def _drove_off(entry: Entry, lane: Lane) -> bool:
    """It has spoken in the lane, and speaks there no more."""
    return _spoke(entry) not in ("", lane.vin) and not lane.silent


def _spoke(entry: Entry) -> str:
    """The VIN that the truck said in the lane, "" as long as it has not."""
    return next((proof.value for proof in reversed(entry.proofs) if proof.source is Source.TRUCK_LINK), "")
