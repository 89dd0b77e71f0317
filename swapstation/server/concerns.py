"""Tells the controller what people have to see to within days: overdue work, calibrations, room for telemetry."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

from swapstation.contract.controller_link import ControllerAway, ControllerLink
from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.model.concern_request import Concern, TellConcern
from swapstation.model.maintenance import Due, DueState
from swapstation.model.request import Request
from swapstation.records.telemetry.retention import Room, Storage
from swapstation.server.background import background
from swapstation.server.telemetry import Telemetry
from swapstation.server.upkeep import Upkeep

TELL_EVERY_S = 10.0
BY_SERVER = "server"
MOST_NAMED = 3


def words(due: Sequence[Due] | None, storage: Storage | None, today: date) -> Iterator[TellConcern]:
    """What there is to tell; nothing of what was not looked at yet. Work is overdue from the day after it was due."""
    if due is not None:
        overdue = [each for each in due if each.state is DueState.DUE and (each.due_on is None or each.due_on < today)]
        yield TellConcern(Concern.MAINTENANCE, _named([each for each in overdue if not each.calibration]))
        yield TellConcern(Concern.CALIBRATION, _named([each for each in overdue if each.calibration]))
    if storage is not None:
        full_on = "" if storage.room is Room.ENOUGH else str(storage.full_on)
        yield TellConcern(Concern.TELEMETRY, full_on)


def _named(overdue: Sequence[Due]) -> str:
    """How many, and the first of them."""
    if not overdue:
        return ""
    first = ", ".join(f"{each.device} {each.name} {each.due_on or ''}".rstrip() for each in overdue[:MOST_NAMED])
    return f"{len(overdue)}: {first}"


@asynccontextmanager
async def concerns_told(upkeep: Upkeep, telemetry: Telemetry, controller: ControllerLink) -> AsyncIterator[None]:
    """Tell again and again as long as the context is open: a controller that was restarted knows nothing."""
    async with background(_run(upkeep, telemetry, controller), "concerns"):
        yield


async def _run(upkeep: Upkeep, telemetry: Telemetry, controller: ControllerLink) -> None:
    while True:
        for word in words(upkeep.due, telemetry.seen, datetime.now(LOCAL_ZONE).date()):
            try:
                await controller.request(Request(str(uuid.uuid4()), BY_SERVER, word))
            except ControllerAway:
                break
        await asyncio.sleep(TELL_EVERY_S)
