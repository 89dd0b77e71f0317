"""A station with its databases, a platform's double in the same process, and one clock that both obey."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swapstation.business.database import BUSINESS, Database
from swapstation.config.settings import Config
from swapstation.energy.tariff import Tariff
from swapstation.inventory.journal import RecordWriter, open_station_database, start_boot
from swapstation.mock_platform.misbehaviour import Misbehaviour
from swapstation.mock_platform.platform import HANG_S, MockPlatform
from swapstation.model.energy import ChargeSettled, Settlement
from swapstation.model.inventory import bay_place
from swapstation.model.journal import ChargeEnded, ChargeStarted, InventoryChanged, Record
from swapstation.model.request import ReceiveBattery
from swapstation.model.snapshot import Snapshot
from swapstation.server.uplinks.platform_client import NoAnswer, Post
from swapstation.server.uplinks.platform_link import Known, PlatformLink
from swapstation.supervision.caller import Call
from swapstation.supervision.profile import load_profile
from tests.energy.tariffs import tariff
from tests.server import station_sample
from tests.supervision import sample

START = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
BAYS = range(1, 9)
ROUND_TRIP = timedelta(milliseconds=50)


class StationBooks:
    """The station database of a test, written as a controller writes it."""

    def __init__(self, config: Config, prices: Tariff | None) -> None:
        self._engine = open_station_database(config)
        self.prices = prices
        boot = start_boot(self._engine, "test", "0" * 64, START)
        self._writer = RecordWriter(self._engine, boot)
        stock = [
            ReceiveBattery(f"B{bay:03d}", "LFP-282", (station_sample.code(bay),), bay_place(bay), 30.0) for bay in BAYS
        ]
        self._write([InventoryChanged(each, "li") for each in stock], START)

    def charge(self, bay: int, start: datetime, hours: float = 1.0, energy_kwh: float = 120.5) -> Settlement:
        """A whole charge: begun, ended, settled."""
        battery, end = f"B{bay:03d}", start + timedelta(hours=hours)
        settled = sample.settlement(bay, start, self.prices, hours, energy_kwh)
        self._write([ChargeStarted(battery, bay, 30.0, 95.0)], start)
        self._write([ChargeEnded(battery, bay, 95.0, energy_kwh, ("soc_reached",)), ChargeSettled(settled)], end)
        return settled

    def close(self) -> None:
        self._engine.dispose()

    def _write(self, records: Sequence[Record], at: datetime) -> None:
        self._writer.write(records, at)


@dataclass(slots=True)
class Rig:
    """One station and its platform. `now` moves by a round trip with every call, and as tests move it."""

    config: Config
    books: StationBooks
    mock: MockPlatform
    snapshot: Snapshot | None
    now: datetime = START
    calls: int = 0

    async def post(self, call: Call) -> tuple[int, bytes]:
        """The wire: an answer after a round trip, or none in time."""
        self.now += ROUND_TRIP
        self.calls += 1
        since_s = (self.now - START).total_seconds()
        reply = self.mock.receive(call.interface, call.headers.get("Authorization"), call.body, self.now, since_s)
        if reply.delay_s >= HANG_S:
            self.now += timedelta(seconds=10)
            raise NoAnswer("no answer within 10 s")
        if reply.status == 503:
            raise NoAnswer("ConnectError")
        return reply.status, reply.body

    def link(self, business: Database, post: Post | None = None) -> PlatformLink:
        """The station's side, as a server builds it at every start."""
        platform = self.config.platform
        assert platform is not None
        known = Known(lambda: self.snapshot, lambda: None)
        return PlatformLink(self.config, platform, business, known, lambda: self.now, post or self.post)

    async def settle(self, link: PlatformLink, most_steps: int = 5000) -> None:
        """Follow, watch and deliver until nothing is left to do; time passes as the link waits."""
        while await link.uplink.follow():
            pass
        await link.uplink.watch()
        for _ in range(most_steps):
            pause_s = await link.delivery.step()
            self.now += timedelta(seconds=pause_s)
            if not link.outbox.figures().counts["pending"]:
                return
        raise AssertionError(f"still pending after {most_steps} steps: {link.delivery.link}")


@contextmanager
def rig(
    folder: Path,
    misbehaviour: Misbehaviour | None = None,
    orders_from: str = "2026-01-01",
    profile: str = "tcec102-2016",
) -> Iterator[Rig]:
    """A station that tells every charge since a day."""
    config = sample.config(folder, profile=profile)
    assert config.platform is not None
    config = replace(config, platform=replace(config.platform, orders_from=orders_from))
    tokens = (f"token-{number:05d}" for number in itertools.count())
    mock = MockPlatform(load_profile(profile), sample.BY_PLATFORM, lambda: next(tokens), misbehaviour)
    books = StationBooks(config, tariff(folder))
    try:
        yield Rig(config, books, mock, station_sample.station())
    finally:
        books.close()


def open_business(config: Config) -> Database:
    """The business database, as a server opens it."""
    BUSINESS.migrate(config.business_url)
    return BUSINESS.open_writer(config.business_url)
