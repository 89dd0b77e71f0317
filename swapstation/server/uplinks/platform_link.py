"""Everything of the link to the supervision platform, put together from the configuration."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from swapstation.business.database import Database
from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.config.platform_settings import Platform
from swapstation.config.settings import Config
from swapstation.energy.tariff import Tariff
from swapstation.model.platform_outbox import Direction, Receipt
from swapstation.model.snapshot import Snapshot
from swapstation.server.background import background
from swapstation.server.uplinks.answers import Answers
from swapstation.server.uplinks.delivery import Delivery
from swapstation.server.uplinks.derive import Derivation
from swapstation.server.uplinks.http_post import http_post
from swapstation.server.uplinks.platform_client import PlatformClient, Post
from swapstation.server.uplinks.platform_uplink import PlatformUplink, Station
from swapstation.server.uplinks.reconciling import Reconciling
from swapstation.server.uplinks.station_records import StationRecords
from swapstation.supervision.caller import Call, Caller
from swapstation.supervision.door import Door
from swapstation.supervision.envelope import SealedRequest, plain
from swapstation.supervision.interfaces import QUERY_TOKEN
from swapstation.supervision.mapping.places import places_of
from swapstation.supervision.mapping.station import station_info
from swapstation.supervision.profile import load_profile
from swapstation.supervision.secret_files import load_secrets

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Known:
    """What a link needs to know of its station while it runs."""

    snapshot: Callable[[], Snapshot | None]
    tariff: Callable[[], Tariff | None]


class PlatformLink:
    """The parts of one link. Raises ConfigurationError for a profile or secrets that are wrong."""

    def __init__(
        self,
        config: Config,
        platform: Platform,
        business: Database,
        known: Known,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        post: Post | None = None,
    ) -> None:
        profile, pair = load_profile(platform.profile), load_secrets(platform.secrets)
        self.profile = profile
        self.platform = platform
        self.outbox = PlatformOutbox(business)
        self._now = now
        self._post = post
        self._records = StationRecords(config.station_database_url)
        places = places_of(config, platform)
        first_day = date.fromisoformat(platform.orders_from) if platform.orders_from else None
        derivation = Derivation(platform.operator_id, places, profile.paths, first_day, self._records)
        self.door = Door(profile, pair.by_us, lambda: secrets.token_hex(TOKEN_BYTES))
        self.answers = Answers(
            station_info(config, platform),
            places,
            self._records,
            self.outbox,
            known.snapshot,
            known.tariff,
            now,
            profile.rates.stats_days,
        )
        client = PlatformClient(Caller(profile, pair.by_platform), self._send, now)
        self.delivery = Delivery(profile, client, self.outbox, now)
        self.uplink = PlatformUplink(
            profile,
            places,
            platform.operator_id,
            Station(self._records, known.snapshot),
            derivation,
            self.outbox,
            self.delivery,
            now,
            from_the_start=first_day is not None,
        )
        self.reconciling = Reconciling(
            profile, platform.operator_id, client, self._records, derivation, self.outbox, now
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow, watch and deliver as long as the context is open."""
        async with AsyncExitStack() as stack:
            if self._post is None:
                url, timeout_s = self.platform.url, self.profile.rates.answer_timeout_s
                self._post = await stack.enter_async_context(http_post(url, timeout_s, self.platform.ca_file))
            await stack.enter_async_context(background(self.uplink.run(), "platform"))
            yield
        self._records.close()

    def enter(self, interface: str, authorization: str | None, text: bytes) -> Any:
        """Let a request of the platform in. Raises Refusal."""
        return self.door.enter(interface, authorization, text, self._now(), time.monotonic())

    def give_token(self, message: Any) -> Any:
        """Answer to query_token."""
        return self.door.give_token(message, self._now())

    async def keep_question(self, interface: str, sealed: SealedRequest, body: dict[str, Any], answer: bytes) -> None:
        """The receipt of a question that was answered: what was asked, and the digest of what was answered."""
        digest = {"sha256": hashlib.sha256(answer).hexdigest(), "bytes": len(answer)}
        asked = {} if interface == QUERY_TOKEN else plain(body)
        now = self._now()
        receipt = Receipt(Direction.IN, interface, sealed.time_stamp, sealed.seq, asked, now, now, 0, "", digest)
        await asyncio.to_thread(self.outbox.keep, receipt)

    async def _send(self, call: Call) -> tuple[int, bytes]:
        assert self._post is not None, "the link runs"
        return await self._post(call)
