"""A fleet's events: read with a cursor, or streamed. Bookings that moved on, swaps of its trucks."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from math import inf
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from pydantic import TypeAdapter

from swapstation.business import fleet_events
from swapstation.contract.controller_link import ControllerAway
from swapstation.model.fleet_event import FleetEvent
from swapstation.model.fleet_view import EventPage, FeedMessage, FleetStation
from swapstation.server.actor import Actor, still_may
from swapstation.server.api.fleet import fleet_of, station_of
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import declared
from swapstation.server.streaming import stream

router = APIRouter(prefix="/fleet", tags=["fleet"])

LAST_NUMBER = 2**63 - 1
SHORTEST_PERIOD_S, LONGEST_PERIOD_S = 0.2, 1.0
AT_LEAST_EVERY_S = 5.0
"""So often something is sent even when nothing is new: who hears nothing for longer has lost the connection."""
SLOW_S = 20.0
"""A client that takes so long for one message is let go: it comes back with its cursor and has missed nothing."""
LOG_IN_ENDED, TOO_SLOW = 4401, 4408
After = Annotated[int, Query(ge=0, le=LAST_NUMBER, description="Number of the last event that you have.")]


_MESSAGE = TypeAdapter(FeedMessage)


@router.get("/events", responses=declared())
async def list_events(
    here: Here, who: Who, after: After = 0, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> EventPage:
    """The fleet's events after a number; those of the last 30 days are kept."""
    found = await _after(here, fleet_of(who), after, limit + 1)
    items = found[:limit]
    return EventPage(items, items[-1].number if items else after, len(found) > limit)


@router.websocket("/feed")
async def feed(socket: WebSocket, here: Here, who: Who, after: After | None = None) -> None:
    """Stream the fleet's events from a cursor on, or from now on, with the station's latest state.

    One message is under way at a time: events wait in the database, of the station's states only the latest is sent.
    Whether the key still counts is asked for each message (else code 4401).
    """
    await socket.accept()
    await stream(socket, _send(socket, here, who, after), _nothing_is_expected)


def _nothing_is_expected(_: str) -> None:
    """A client of the feed only listens."""


async def _send(socket: WebSocket, here: Context, who: Actor, after: int | None) -> None:
    fleet = fleet_of(who)
    sent: FleetStation | None = None
    if after is None:
        after = await here.business.read(partial(fleet_events.last_number, fleet=fleet))
    sent_s = -inf
    while still_may(here, who, "WS /fleet/feed"):
        heard = here.fleets.bell.rung
        events, station = await _after(here, fleet, after, 100), _station(here)
        after = events[-1].number if events else after
        if events or station != sent or time.monotonic() - sent_s >= AT_LEAST_EVERY_S:
            message = _MESSAGE.dump_json(FeedMessage(events, after, station)).decode()
            try:
                await asyncio.wait_for(socket.send_text(message), SLOW_S)
            except TimeoutError:
                await socket.close(TOO_SLOW)
                return
            sent_s, sent = time.monotonic(), station
        if len(events) < 100:
            await asyncio.sleep(SHORTEST_PERIOD_S)
            await here.fleets.bell.wait(heard, LONGEST_PERIOD_S - SHORTEST_PERIOD_S)
    await socket.close(LOG_IN_ENDED)


def _station(here: Context) -> FleetStation | None:
    try:
        return station_of(here)
    except ControllerAway:
        return None


async def _after(here: Context, fleet: str, after: int, limit: int) -> tuple[FleetEvent, ...]:
    return await here.business.read(partial(fleet_events.events_after, fleet=fleet, after=after, limit=limit))
