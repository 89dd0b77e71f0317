"""Tells the controller of links that are long lost, so that people see it among the alarms."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.model.request import Request
from swapstation.model.uplink_request import TellUplink, Uplink
from swapstation.server.background import background
from swapstation.server.uplinks.link_state import LinkCondition, LinkState

TELL_EVERY_S = 5.0
BY_SERVER = "server"
_LOST = (LinkCondition.WAITING, LinkCondition.SUSPENDED)

LONG = timedelta(minutes=30)
"""A loss that is an alarm, where no settings say another."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A link by the states of its parts, and how long a loss is an alarm."""

    uplink: Uplink
    states: Sequence[LinkState]
    long: timedelta = LONG

    def word(self, now: datetime) -> TellUplink | None:
        """What there is to tell; None: nothing yet, for a loss is young, or nothing was tried."""
        lost = [(each.since, each.reason) for each in self.states if each.since is not None and each.condition in _LOST]
        if lost:
            since, reason = min(lost)
            return TellUplink(self.uplink, since, reason) if now - since >= self.long else None
        works = any(each.condition is LinkCondition.UP for each in self.states)
        return TellUplink(self.uplink, None) if works else None


@asynccontextmanager
async def losses_told(links: Sequence[Watched], controller: ControllerLink) -> AsyncIterator[None]:
    """Tell again and again as long as the context is open: a controller that was restarted knows nothing."""
    async with background(_run(links, controller), "lost uplinks"):
        yield


async def _run(links: Sequence[Watched], controller: ControllerLink) -> None:
    while links:
        for link in links:
            word = link.word(datetime.now(UTC))
            if word is not None:
                try:
                    await controller.request(Request(str(uuid.uuid4()), BY_SERVER, word))
                except ControllerAway:
                    break
        await asyncio.sleep(TELL_EVERY_S)
