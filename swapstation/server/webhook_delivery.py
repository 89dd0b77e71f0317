"""Posts the fleets' events to their webhooks while the server runs: in order, signed, again until they are taken.

Each webhook has its own cursor and its own pace: one that does not answer holds nobody else back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import httpx2
import structlog
from pydantic import TypeAdapter

from swapstation.business import webhooks
from swapstation.business.fleet_events import events_after
from swapstation.errors import SwapstationError
from swapstation.model.fleet_event import FleetEvent, Webhook
from swapstation.model.webhook_signature import signed
from swapstation.server.background import background, tell_bug
from swapstation.server.book import Business
from swapstation.server.fleets import Bell
from swapstation.server.webhook_targets import TargetRefused, addresses_of, parse_target

TIMEOUT_S = 10.0
LOOK_EVERY_S = 1.0
_EVENT = TypeAdapter(FleetEvent)
_log = structlog.get_logger("webhooks")


class _NotTaken(Exception):
    """Why an event was not taken; `gone`: the target says that it wants no more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


@asynccontextmanager
async def delivered(business: Business, bell: Bell, own_networks: tuple[str, ...]) -> AsyncIterator[None]:
    """Deliver as long as the context is open."""
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        background(_Delivery(business, bell, own_networks, client).run(), "webhooks"),
    ):
        yield


class _Delivery:
    def __init__(
        self, business: Business, bell: Bell, own_networks: tuple[str, ...], client: httpx2.AsyncClient
    ) -> None:
        self._business, self._bell, self._own_networks, self._client = business, bell, own_networks, client
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            while True:
                heard = self._bell.rung
                await self._start()
                await self._bell.wait(heard, LOOK_EVERY_S)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start(self) -> None:
        """Let every webhook that may be tried now work by itself."""
        try:
            due = await self._business.read(partial(webhooks.due_webhooks, now=datetime.now(UTC)))
        except SwapstationError as error:
            _log.error("webhooks wait", reason=str(error))
            return
        for hook in due:
            name = hook.fleet, hook.webhook
            if name not in self._running or self._running[name].done():
                task = self._running[name] = asyncio.create_task(self._deliver(hook))
                task.add_done_callback(partial(tell_bug, what="a webhook"))

    async def _deliver(self, hook: Webhook) -> None:
        try:
            while await self._step(hook):
                again = await self._business.read(
                    partial(webhooks.find_webhook, fleet=hook.fleet, webhook=hook.webhook)
                )
                if again is None:
                    return
                hook = again
        except SwapstationError as error:
            _log.error("a webhook waits", fleet=hook.fleet, webhook=hook.webhook, reason=str(error))

    async def _step(self, hook: Webhook) -> bool:
        """Post the next event; whether there may be another one to post now."""
        query = partial(events_after, fleet=hook.fleet, after=hook.cursor, limit=1, kinds=hook.kinds)
        events = await self._business.read(query)
        if not events:
            return False
        event = events[0]
        try:
            await self._post(hook, event)
        except _NotTaken as why:
            at = datetime.now(UTC)
            _log.warning("webhook", fleet=hook.fleet, webhook=hook.webhook, number=event.number, reason=str(why))
            work = partial(webhooks.failed, hook=hook, reason=str(why), at=at, gone=why.gone)
            await self._business.write(work)
            return False
        at = datetime.now(UTC)
        await self._business.write(partial(webhooks.delivered, hook=hook, number=event.number, at=at))
        return True

    async def _post(self, hook: Webhook, event: FleetEvent) -> None:
        """Raises _NotTaken."""
        now = datetime.now(UTC)
        query = partial(webhooks.secrets_of, fleet=hook.fleet, webhook=hook.webhook)
        secrets = await self._business.read(query)
        if secrets is None:
            raise _NotTaken("removed")
        body = _EVENT.dump_json(event)
        headers = signed(f"{hook.fleet}.{event.number}", int(time.time()), body, secrets.valid(now))
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status = await self._answer(hook.url, headers, body)
        except TargetRefused as refused:
            raise _NotTaken(str(refused)) from None
        except TimeoutError:
            raise _NotTaken(f"no answer within {TIMEOUT_S:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _NotTaken(f"{type(error).__name__}: {error}") from None
        if not 200 <= status < 300:
            raise _NotTaken(f"HTTP {status}", gone=status == HTTPStatus.GONE)

    async def _answer(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """The status of a call to an address that was checked, whatever the name says elsewhere."""
        target = parse_target(url)
        addresses = await addresses_of(target, self._own_networks)
        if not addresses:
            raise _NotTaken(f"{target.host}: no such host")
        sent = {"Content-Type": "application/json", "Host": target.host_header, **headers}
        async with self._client.stream(
            "POST",
            target.at(addresses[0]),
            content=body,
            headers=sent,
            extensions={"sni_hostname": target.host},
        ) as response:
            return response.status_code
