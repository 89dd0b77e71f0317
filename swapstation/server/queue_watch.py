"""The queue follows the station: the truck that speaks in the lane, swaps that begin and end, trucks that drive off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog

from swapstation.business import queue
from swapstation.business.database import Connection
from swapstation.contract.controller_link import ControllerAway
from swapstation.errors import SwapstationError
from swapstation.model.arriving import Proof, Source
from swapstation.model.queue import QueueState
from swapstation.model.snapshot import Snapshot
from swapstation.server.background import background
from swapstation.server.parts import Context

LOOK_EVERY_S = 1.0
_log = structlog.get_logger("queue")


@asynccontextmanager
async def queue_followed(here: Context) -> AsyncIterator[None]:
    """Look once a second as long as the context is open."""
    async with background(_run(here), "queue"):
        yield


async def _run(here: Context) -> None:
    seen: tuple[str, str] = ("", "")
    failed = False
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            now = _in_lane(here.snapshot)
            if now != seen:
                await here.business.write(partial(_follow, before=seen, now=now, at=datetime.now(UTC)))
                seen = now
            failed = False
        except ControllerAway:
            continue  # who came and went meanwhile is seen when it is back
        except SwapstationError as error:
            if not failed:
                _log.error("the queue does not follow", reason=str(error))
            failed = True


def _in_lane(snapshot: Snapshot) -> tuple[str, str]:
    """The VIN that the truck in the lane says, and the swap that runs; "" for none."""
    truck = snapshot.truck.good
    return (truck.vin or "" if truck is not None else "", snapshot.swap.swap if snapshot.swap is not None else "")


def _follow(connection: Connection, before: tuple[str, str], now: tuple[str, str], at: datetime) -> None:
    (gone, ended), (vin, swap) = before, now
    if ended and ended != swap:
        _move(connection, gone, QueueState.DONE, at)
    if gone and gone != vin:
        _move(connection, gone, QueueState.LEFT, at)
    if not vin:
        return
    if vin != gone:
        known = queue.vin_of(connection, Source.TRUCK_LINK, vin) or vin
        queue.note_proof(connection, Proof(Source.TRUCK_LINK, vin, known, at))
    if swap and swap != ended:
        _move(connection, vin, QueueState.SWAPPING, at, swap)


def _move(connection: Connection, vin: str, state: QueueState, at: datetime, swap: str = "") -> None:
    entry = queue.entry_of(connection, vin) if vin else None
    if entry is not None and entry.state is not state:
        queue.move(connection, entry.number, state, at, swap)
