"""The running link to a headquarters: records up, master data down, permits asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from swapstation.business import cursors, headquarters_outbox, permission
from swapstation.business.audit import Entry
from swapstation.business.database import Connection
from swapstation.business.headquarters_outbox import CURSOR
from swapstation.business.master_data import BY_HEADQUARTERS, apply_master, revision_of, trucks_of_headquarters
from swapstation.config.headquarters_settings import Headquarters
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.contract.headquarters import Master, PermitQuestion, Record
from swapstation.errors import SwapstationError
from swapstation.model.headquarters import AccessRule, Keeper, KnownRecord, Permit, PermitBasis, RecordState
from swapstation.model.queue import KnownTruck
from swapstation.model.request import Request
from swapstation.model.truck_request import RegisterTruck
from swapstation.server.background import background
from swapstation.server.book import SYSTEM, Business
from swapstation.server.history import History
from swapstation.server.uplinks.headquarters_client import (
    HeadquartersClient,
    NoAnswer,
    NotTaken,
    Stumbled,
    headquarters_client,
    read_token,
)
from swapstation.server.uplinks.headquarters_contracts import keep_contracts
from swapstation.server.uplinks.headquarters_records import KINDS, derived
from swapstation.server.uplinks.link_state import LinkState

EVENTS_AT_ONCE = 200
IDLE_S = 1.0
LONGEST_PAUSE_S = 1.0
"""A person may open a link that waits, so it is looked at more often than it would try by itself."""
STORAGE_RETRY_S = 5.0
PATIENCE, ASIDE = 5, timedelta(minutes=10)
"""A record that the headquarters stumbles over at such an attempt stands aside, so that it holds up nobody for ever."""
_log = structlog.get_logger("headquarters")


class HeadquartersLink:
    """The link of one station: how telling records goes (`state`), and asking for master data (`master_state`).

    `wrong` is what of the master data could not be taken over, in words.
    """

    def __init__(self, config: Config, settings: Headquarters, business: Business, controller: ControllerLink) -> None:
        self.settings = settings
        self.state, self.master_state = LinkState(), LinkState()
        self.wrong: tuple[str, ...] = ()
        self._config, self._business, self._controller = config, business, controller
        self._history = History(config.station_database_url)
        self._token = read_token(settings.token)
        self._client: HeadquartersClient | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow, deliver and ask as long as the context is open."""
        async with AsyncExitStack() as stack:
            self._client = await stack.enter_async_context(headquarters_client(self.settings, self._token))
            for step, what in ((self.follow, "records"), (self.deliver, "outbox"), (self.fetch, "master data")):
                await stack.enter_async_context(background(_repeat(step), f"headquarters {what}"))
            yield
        self._history.close()

    @property
    def _asked(self) -> HeadquartersClient:
        assert self._client is not None, "the link runs"
        return self._client

    async def follow(self) -> float:
        """Queue what the next events lead to. A replaced station database is read from its begin."""
        done = await self._business.read(partial(cursors.cursor, name=CURSOR))
        events, until = await asyncio.to_thread(self._history.events_of, KINDS, done, EVENTS_AT_ONCE)
        if until == done:
            return IDLE_S
        records = await asyncio.to_thread(lambda: [derived(self._config, self._history, each) for each in events])
        read_until = until if until > done else 0
        await self._business.write(partial(headquarters_outbox.queue_derived, records=records, until=read_until))
        return 0.0

    async def deliver(self) -> float:
        """Tell one record if one is due and the link is open; returns the seconds to wait before the next."""
        now = datetime.now(UTC)
        if (wait_s := self.state.wait_s(now)) > 0.0:
            return min(wait_s, LONGEST_PAUSE_S)
        record = await self._business.read(partial(headquarters_outbox.due, now=now))
        if record is None:
            return IDLE_S
        said = Record(record_id=record.record_id, kind=record.kind, happened_at=record.happened_at, body=record.body)
        try:
            await self._asked.deliver(said)
        except NoAnswer as error:
            self.state.failed(str(error), datetime.now(UTC))
            stumbles = isinstance(error, Stumbled) and (record.attempts + 1) % PATIENCE == 0
            aside = datetime.now(UTC) + ASIDE if stumbles else None
            await self._tried(record, RecordState.PENDING, str(error), aside)
            return 0.0
        except NotTaken as error:
            _log.error("record not taken", record=record.record_id, reason=str(error))
            self.state.worked(datetime.now(UTC))
            await self._tried(record, RecordState.DEAD, str(error))
            return 0.0
        self.state.worked(datetime.now(UTC))
        await self._tried(record, RecordState.DELIVERED)
        return 0.0

    async def retry(self) -> None:
        """A person wants everything that waits to be tried at once."""
        await self._business.write(headquarters_outbox.hurry)
        self.state.open()

    async def _tried(
        self, record: KnownRecord, state: RecordState, reason: str = "", next_try_at: datetime | None = None
    ) -> None:
        now, tried = datetime.now(UTC), headquarters_outbox.tried
        await self._business.write(lambda connection: tried(connection, record, state, now, reason, next_try_at))

    async def fetch(self) -> float:
        """Take over the master data if it changed, and register its trucks at the station."""
        try:
            master = await self._asked.master(await self._business.read(revision_of))
        except NoAnswer as error:
            _log.warning("no master data", reason=str(error))
            self.master_state.failed(str(error), datetime.now(UTC))
        else:
            self.master_state.worked(datetime.now(UTC))
            if master is not None:
                await self._take_over(master)
        await self._register()
        return self.settings.master_every_s

    async def _take_over(self, master: Master) -> None:
        at = datetime.now(UTC)
        trucks = [
            KnownTruck(**each.model_dump(), taken_on_by=BY_HEADQUARTERS, taken_on_at=at) for each in master.trucks
        ]
        rules = [AccessRule(**each.model_dump(), keeper=Keeper.HEADQUARTERS) for each in master.rules]
        models = [each.name for each in self._config.truck_models]
        wrong = await asyncio.to_thread(keep_contracts, self._config, master.contracts)
        work = partial(apply_master, revision=master.revision, trucks=trucks, rules=rules, models=models)
        told = {"trucks": len(trucks), "rules": len(rules), "contracts": master.contracts is not None}
        entry = Entry("master_data", SYSTEM, subject=str(master.revision), detail=told)
        self.wrong = (*wrong, *await self._business.write(work, entry))
        _log.info("master data", revision=master.revision, trucks=len(trucks), rules=len(rules), wrong=self.wrong)

    async def _register(self) -> None:
        """Make the headquarters' trucks known to the station; while that is away, at the next time."""
        latest = self._controller.latest
        if latest is None:
            return
        known = dict(latest.snapshot.inventory.trucks)
        wanted = await self._business.read(trucks_of_headquarters)
        for vin, model in wanted.items():
            if known.get(vin) != model:
                try:
                    key = f"headquarters:{vin}:{model}"
                    await self._controller.request(Request(key, BY_HEADQUARTERS, RegisterTruck(vin, model)))
                except ControllerAway:
                    return

    async def permit(self, request_id: str, vin: str, booking: str) -> Permit:
        """Whether a truck may be swapped: as the headquarters says, or by what is known here while it says nothing."""
        known = await self._business.read(partial(permission.find_permit, request_id=request_id))
        if known is not None:
            return known
        at = datetime.now(UTC)
        permit = Permit(request_id, vin, at, granted=False, basis=PermitBasis.HEADQUARTERS)
        try:
            question = PermitQuestion(request_id=request_id, vin=vin, booking=booking, asked_at=at)
            answer = await self._asked.permit(question)
        except NoAnswer as error:
            keep = partial(_decided_offline, permit=permit, why=str(error), settings=self.settings)
            return await self._business.write(keep)
        answered = Permit(request_id, vin, at, answer.granted, PermitBasis.HEADQUARTERS, answer.reason)
        return await self._business.write(partial(permission.keep_permit, permit=answered))


def _decided_offline(connection: Connection, permit: Permit, why: str, settings: Headquarters) -> Permit:
    rules, known = permission.list_rules(connection, permit.vin), trucks_of_headquarters(connection)
    asked = Permit(permit.request_id, permit.vin, permit.at, granted=False, basis=permit.basis, offline=why[:200])
    return permission.keep_permit(connection, permission.decide_offline(asked, rules, settings.offline, known))


async def _repeat(step: Callable[[], Awaitable[float]]) -> None:
    failed = False
    while True:
        try:
            pause_s, failed = await step(), False
        except SwapstationError as error:
            if not failed:
                _log.warning("the headquarters' link waits", error=str(error))
            pause_s, failed = STORAGE_RETRY_S, True
        await asyncio.sleep(pause_s)
