"""What the fleets' routes share while the server runs: one change of a fleet's bookings at a time, and word of news."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time

from swapstation.business.contract_file import ContractBook
from swapstation.energy.tariff import LOCAL_ZONE


class Bell:
    """Wakes everybody who waits for fleets' events, in the server's own loop."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Until it is rung, or so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)


class Fleets:
    """The shared parts. `one_at_a_time` by fleet."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.one_at_a_time: Mapping[str, asyncio.Lock] = defaultdict(asyncio.Lock)


def local_day(at: datetime) -> date:
    """The day by which trucks belong to fleets."""
    return at.astimezone(LOCAL_ZONE).date()


def trucks_of(book: ContractBook, fleet: str, at: datetime) -> tuple[str, ...]:
    """The VINs of a fleet's trucks at an instant."""
    day = local_day(at)
    return tuple(sorted({each.vin for each in book.trucks if book.fleet_of(each.vin, day) == fleet}))


def times_of(book: ContractBook, fleet: str) -> tuple[tuple[str, datetime, datetime | None], ...]:
    """When each truck belongs to a fleet: VIN, from when, until before when (None: it still does)."""
    return tuple(
        (each.vin, _begin(each.since), None if each.until is None else _begin(each.until))
        for each in book.times_of(fleet)
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


def trucks_by_fleet(book: ContractBook) -> Mapping[str, int]:
    """How many trucks each fleet has now."""
    now = datetime.now(UTC)
    return {each.name: len(trucks_of(book, each.name, now)) for each in book.fleets}
