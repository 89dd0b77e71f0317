"""Promises to trucks that wait without a booking: bookings of the station's own, kept and scored like any other.

A truck that is served at once is promised nothing. What was promised stays, also when others are let pass; only a truck
that leaves gives it up.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from swapstation.business import queue
from swapstation.contract.controller_link import ControllerAway
from swapstation.energy.waiting import ExpectedWait
from swapstation.errors import SwapstationError
from swapstation.model.queue import Entry, QueueState
from swapstation.model.request import CancelBooking, CreateBooking, Payload, Refused, Request
from swapstation.server.background import background
from swapstation.server.parts import Context
from swapstation.server.queue_line import bookings_of, models_of, waits_of

QUEUE = "queue"
"""Who asks for these bookings."""
WAITS_AFTER = timedelta(minutes=1)
"""Who has been here for so long waits; a truck that is served at once needs no promise."""
LOOK_EVERY_S = 5.0
ASK_AGAIN = timedelta(minutes=5)
"""After a refusal: what the station was asked is written down, so it is not asked at every look."""
WHILE_IT_IS_HERE = timedelta(hours=24)
"""A truck that stands here does not lose its promise by being late."""
FARTHEST = timedelta(hours=23)
_log = structlog.get_logger("queue")


def promised_time(wait: ExpectedWait, now: datetime, grace: timedelta) -> datetime:
    """The time to promise, on a minute: that time and `grace` after it reach to the end of the expected interval."""
    usual, last = (now + timedelta(minutes=each) for each in (wait.minutes, wait.most))
    at = max(usual, last - grace)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


@asynccontextmanager
async def waiting_promised(here: Context) -> AsyncIterator[None]:
    """Look every few seconds as long as the context is open."""
    async with background(QueuePromises(here).run(), "promises of the queue"):
        yield


@dataclass(slots=True)
class QueuePromises:
    """`_asked`: when the station refused an entry a promise last, by its number."""

    here: Context
    _asked: dict[int, datetime] = field(default_factory=dict)

    @property
    def _grace(self) -> timedelta:
        return timedelta(minutes=self.here.config.bookings.late_minutes)

    async def run(self) -> None:
        failed = False
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look(datetime.now(UTC))
                failed = False
            except ControllerAway:
                continue
            except SwapstationError as error:
                if not failed:
                    _log.error("waiting trucks are promised nothing", reason=str(error))
                failed = True

    async def look(self, now: datetime) -> None:
        """Promise who waits, take back from who has left. Raises ControllerAway, DatabaseError."""
        here, booked, grace = self.here, bookings_of(self.here), self._grace
        entries = await here.business.read(queue.entries_here)
        present = {entry.identity.vin for entry in entries}
        for hold in booked.values():
            if hold.person == QUEUE and hold.vin not in present and hold.needed_at is not None:
                await self._ask(CancelBooking(hold.hold, in_vain=now > hold.needed_at + grace))
        self._asked = {number: at for number, at in self._asked.items() if now - at < ASK_AGAIN}
        known = dict(here.snapshot.inventory.trucks)
        new = [each for each in entries if each.identity.vin not in booked and self._waits(each, known, now)]
        if new:
            await self._promise(entries, new, now)

    def _waits(self, entry: Entry, known: Mapping[str, str], now: datetime) -> bool:
        return (
            entry.state is not QueueState.SWAPPING
            and now - entry.came_at >= WAITS_AFTER
            and entry.identity.certain
            and entry.identity.vin in known
            and entry.number not in self._asked
        )

    async def _promise(self, entries: list[Entry], new: list[Entry], now: datetime) -> None:
        here = self.here
        cards = {each.vin: each for each in await here.business.read(queue.list_trucks)}
        waits, models = waits_of(here, entries, cards), models_of(here, entries, cards)
        for entry in new:
            wait = waits[entry.number]
            at = None if wait is None else promised_time(wait, now, self._grace)
            for _ in range(2):  # where it cannot be, the station says from when on
                if at is None or at - now > FARTHEST:
                    break
                minutes = WHILE_IT_IS_HERE // timedelta(minutes=1)
                refused = await self._ask(CreateBooking(entry.identity.vin, models[entry.number], minutes, at))
                if refused is None:
                    break
                earliest = refused.facts.get("earliest_at")
                at = None if earliest is None else datetime.fromisoformat(earliest)
                self._asked[entry.number] = now

    async def _ask(self, payload: Payload) -> Refused | None:
        answer = await self.here.link.request(Request(str(uuid.uuid4()), QUEUE, payload))
        return answer if isinstance(answer, Refused) else None
