"""Follows the station's events for the fleets as long as the server runs, and asks again for what was not answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from swapstation.business import cursors, fleet_bookings, fleet_events
from swapstation.business.fleet_course import ANSWERED, CURSOR, KINDS, Happened, follow
from swapstation.errors import SwapstationError
from swapstation.inventory.queries import Event
from swapstation.model.people import Role
from swapstation.server.actor import Actor
from swapstation.server.background import background
from swapstation.server.booking_desk import settle
from swapstation.server.fleets import local_day
from swapstation.server.history import History
from swapstation.server.parts import Context

LOOK_EVERY_S = 0.5
EVENTS_AT_ONCE = 500
FORGET_EVERY = timedelta(hours=1)
_PENDING_AFTER = timedelta(seconds=5)
"""So long a request may still be on its way to the controller."""
_log = structlog.get_logger("fleets")


@asynccontextmanager
async def followed(here: Context) -> AsyncIterator[None]:
    """Look twice a second as long as the context is open. What lies before the first start is no fleet's event."""
    history = History(here.config.station_database_url)
    watch = _Watch(here, history)
    try:
        await watch.begin()
        async with background(watch.run(), "fleets"):
            yield
    finally:
        history.close()


class _Watch:
    def __init__(self, here: Context, history: History) -> None:
        self._here, self._history = here, history
        self._failed = False
        self._forget_at = datetime.now(UTC)

    async def begin(self) -> None:
        business, history = self._here.business, self._history
        if await business.read(partial(cursors.cursor, name=CURSOR)):
            return
        try:
            _, until = await asyncio.to_thread(history.events_of, KINDS, 0, EVENTS_AT_ONCE)
            while until != (last := await asyncio.to_thread(self._last, until)):
                until = last
        except SwapstationError:
            return  # a station that has not begun yet has no past
        await business.write(partial(cursors.move, name=CURSOR, sequence=until))

    def _last(self, after: int) -> int:
        return self._history.events_of(KINDS, after, EVENTS_AT_ONCE)[1]

    async def run(self) -> None:
        while True:
            try:
                while await self._follow():
                    pass
                await self._ask_again()
                await self._forget()
                self._failed = False
            except SwapstationError as error:
                if not self._failed:
                    _log.error("fleets wait", reason=str(error))
                self._failed = True
            await asyncio.sleep(LOOK_EVERY_S)

    async def _follow(self) -> bool:
        """Write what follows from the next events; whether there may be more. A new station is read from its start."""
        here = self._here
        done = await here.business.read(partial(cursors.cursor, name=CURSOR))
        events, until = await asyncio.to_thread(self._history.events_of, KINDS, done, EVENTS_AT_ONCE)
        if until == done:
            return False
        happened = await asyncio.to_thread(lambda: list(self._happened(events)))
        read_until = until if until > done else 0
        told = await here.business.write(
            partial(follow, config=here.config, happened=happened, until=read_until, fleet_of=self._fleet_of)
        )
        if told:
            here.fleets.bell.ring()
        return True

    def _happened(self, events: tuple[Event, ...]) -> Iterator[Happened]:
        for event in events:
            match event.kind:
                case kind if kind == ANSWERED:
                    if event.body["request"]["payload"]["kind"] == "create_booking":
                        yield Happened(kind, event.at, event.body)
                case "SwapOpened":
                    yield Happened(event.kind, event.at, event.body, event.body["swap"]["vin"])
                case "SwapClosed":
                    swap = self._history.swap(event.body["swap"])
                    yield Happened(event.kind, event.at, event.body, "" if swap is None else swap.vin)
                case _:
                    yield Happened(event.kind, event.at, event.body)

    def _fleet_of(self, vin: str, at: datetime) -> str | None:
        return self._here.billing.book.fleet_of(vin, local_day(at))

    async def _ask_again(self) -> None:
        """Ask the station for bookings that wait for its answer: the controller was away, or this server was ended."""
        here = self._here
        if here.link.latest is None or not here.link.connected:
            return
        for known in await here.business.read(fleet_bookings.pending):
            async with here.fleets.one_at_a_time[known.fleet]:
                now = await here.business.read(
                    partial(fleet_bookings.find_booking, fleet=known.fleet, booking=known.booking.id)
                )
                waits = now is not None and now.booking.version == known.booking.version
                if waits and here.snapshot.at - known.booking.last_updated > _PENDING_AFTER:
                    await settle(here, Actor(known.asked_by, Role.FLEET, "", in_cabin=False), known)

    async def _forget(self) -> None:
        now = datetime.now(UTC)
        if now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            await self._here.business.write(partial(fleet_events.forget_old, now=now))
