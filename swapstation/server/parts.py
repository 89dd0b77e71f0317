"""The parts of the running server, which every route gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerAway, ControllerLink, Received
from swapstation.energy.tariff import Tariff
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.model.snapshot import Snapshot
from swapstation.server.billing import Billing
from swapstation.server.book import Business
from swapstation.server.confirmations import Confirmations
from swapstation.server.control import Control
from swapstation.server.fleets import Fleets
from swapstation.server.history import History
from swapstation.server.live_messages import LiveMessages
from swapstation.server.log_ins import LogIns
from swapstation.server.telemetry import Telemetry
from swapstation.server.training import Training
from swapstation.server.upkeep import Upkeep
from swapstation.server.uplinks.headquarters_link import HeadquartersLink
from swapstation.server.uplinks.platform_link import Known, PlatformLink

FRESH_SNAPSHOT_AGE_S = 5.0


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the running server."""

    config: Config
    link: ControllerLink
    history: History
    tariff: TariffWatch
    business: Business
    log_ins: LogIns
    control: Control
    billing: Billing
    fleets: Fleets
    telemetry: Telemetry
    confirmations: Confirmations
    live: LiveMessages
    upkeep: Upkeep
    platform: PlatformLink | None = None
    training: Training | None = None
    headquarters: HeadquartersLink | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot, if it is fresh enough to answer from; raises ControllerAway."""
        return self.received.snapshot

    @property
    def received(self) -> Received:
        """The same with what was written of it once for all who ask; raises ControllerAway."""
        return fresh(self.link)


def fresh(link: ControllerLink) -> Received:
    """What a link received last, if it is fresh enough; raises ControllerAway."""
    latest, age_s = link.latest, link.age_s
    if latest is None or age_s is None:
        raise ControllerAway("nothing was received from the controller yet")
    if age_s > FRESH_SNAPSHOT_AGE_S:
        raise ControllerAway(f"the last snapshot is {age_s:.0f} s old")
    return latest


def known_to_platform(link: ControllerLink, tariff: TariffWatch) -> Known:
    """What the link to the supervision platform reads of the running station."""

    def snapshot() -> Snapshot | None:
        try:
            return fresh(link).snapshot
        except ControllerAway:
            return None

    def prices() -> Tariff | None:
        tariff.look()
        return tariff.tariff

    return Known(snapshot, prices)


def context_of(connection: HTTPConnection) -> Context:
    """The parts of the server that a request or a socket came to."""
    context = connection.app.state.context
    assert isinstance(context, Context)
    return context


async def _context(connection: HTTPConnection) -> Context:
    return context_of(connection)


Here = Annotated[Context, Depends(_context)]
