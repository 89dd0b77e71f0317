"""The running link to the supervision platform: follows the station's events, watches its bays, delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.database.store import DatabaseError
from swapstation.inventory.queries import Event
from swapstation.model.platform_outbox import Draft, Lane
from swapstation.model.snapshot import Snapshot
from swapstation.server.uplinks.delivery import Delivery
from swapstation.server.uplinks.derive import CANONICAL, Derivation
from swapstation.supervision.envelope import plain
from swapstation.supervision.interfaces import STATE_NOTICE
from swapstation.supervision.mapping.places import Places
from swapstation.supervision.mapping.states import connector_states
from swapstation.supervision.messages import ConnectorState, StateNotice
from swapstation.supervision.profile import Profile
from swapstation.supervision.wire_fields import write_message

BATCH = 500
PERIOD_S = 1.0
STORAGE_RETRY_S = 5.0
LONGEST_PAUSE_S = 5.0
"""A person may open a link that waits, so it is looked at more often than it would try by itself."""
OFFLINE_AFTER = timedelta(seconds=30)
"""So long a silent controller is waited for before every connector is told to be offline."""
_log = structlog.get_logger("platform")


class Events(Protocol):
    """The station's gapless events. Raises DatabaseError."""

    def events(self, after: int, limit: int) -> tuple[Event, ...]: ...
    def last_sequence(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Station:
    """What the uplink sees of the station: its events, and the snapshot while one is fresh."""

    events: Events
    snapshot: Callable[[], Snapshot | None]


class PlatformUplink:
    """Steps that `run` repeats; each can be made alone. `stopped` says why it does not run any more."""

    def __init__(
        self,
        profile: Profile,
        places: Places,
        operator_id: str,
        station: Station,
        derivation: Derivation,
        outbox: PlatformOutbox,
        delivery: Delivery,
        now: Callable[[], datetime],
        from_the_start: bool = False,
    ) -> None:
        self.delivery = delivery
        self.stopped = ""
        self._profile = profile
        self._places = places
        self._operator_id = operator_id
        self._station = station
        self._derivation = derivation
        self._outbox = outbox
        self._now = now
        self._from_the_start = from_the_start
        self._told: dict[str, dict[str, Any]] | None = None
        self._silent_since: datetime | None = None

    async def run(self) -> None:
        """Run until cancelled. A storage that fails is tried again; anything else is a bug, which stops the link."""
        try:
            async with asyncio.TaskGroup() as group:
                for step in (self._follow_on, self._watch_on, self.delivery.step):
                    group.create_task(_repeat(step))
        except* Exception as errors:
            self.stopped = "; ".join(f"{type(each).__name__}: {each}" for each in errors.exceptions)
            _log.exception("the platform's link has stopped")

    async def follow(self) -> int:
        """Queue what the next events lead to, with the cursor in one transaction; returns how many events."""
        return await asyncio.to_thread(self._follow)

    async def watch(self) -> int:
        """Queue the states that differ from what was queued last; returns how many."""
        return await asyncio.to_thread(self._watch)

    async def _follow_on(self) -> float:
        return 0.0 if await self.follow() == BATCH else PERIOD_S

    async def _watch_on(self) -> float:
        await self.watch()
        return PERIOD_S

    def _follow(self) -> int:
        cursor, last = self._outbox.cursor(), self._station.events.last_sequence()
        if cursor is None:
            cursor = 0 if self._from_the_start else last
            self._outbox.queue((), self._now(), cursor)
        if last < cursor:
            _log.error("the station database is older than what the platform was told", last=last, cursor=cursor)
            cursor = 0  # every record has its own number: what was told already is not told again
            self._outbox.queue((), self._now(), cursor)
        events = self._station.events.events(cursor, BATCH)
        if events:
            drafts = [draft for event in events for draft in self._derivation.drafts(event)]
            self._outbox.queue(drafts, self._now(), events[-1].sequence)
        return len(events)

    def _watch(self) -> int:
        if STATE_NOTICE not in self._profile.paths:
            return 0
        told = self._outbox.last_states() if self._told is None else self._told
        snapshot, now = self._station.snapshot(), self._now()
        if snapshot is not None:
            self._silent_since = None
        elif self._silent_since is None or now - self._silent_since < OFFLINE_AFTER:
            self._silent_since = self._silent_since or now
            return 0
        states = connector_states(self._places, snapshot).values()
        bodies = {state.connector_id: plain(write_message(self._notice(state), CANONICAL)) for state in states}
        changed = [
            Draft(STATE_NOTICE, Lane.STATE, connector, body, now)
            for connector, body in bodies.items()
            if told.get(connector) != body
        ]
        if changed:
            self._outbox.queue(changed, now)
        self._told = told | bodies
        return len(changed)

    def _notice(self, state: ConnectorState) -> StateNotice:
        """The state with the ids that the profile wants beside it."""
        ids = {"OperatorID": ("operator_id", self._operator_id), "StationID": ("station_id", self._places.station)}
        wanted: dict[str, Any] = dict(ids[name] for name in self._profile.state_ids)
        return StateNotice(replace(state, **wanted))


async def _repeat(step: Callable[[], Awaitable[float]]) -> None:
    while True:
        try:
            pause_s = await step()
        except DatabaseError as error:
            _log.warning("the platform's link waits for a database", error=str(error))
            pause_s = STORAGE_RETRY_S
        await asyncio.sleep(min(pause_s, LONGEST_PAUSE_S))
