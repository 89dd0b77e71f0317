"""What the fleets' routes share while the server runs: one change of a fleet's bookings at a time, and word of news."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time

from swapstation.business.contract_file import ContractBook
from swapstation.energy.tariff import LOCAL_ZONE


class Bell:
    """Wakes everybody who waits for fleets' events, in the server's own loop. `rung`: how often, to miss none."""

    def __init__(self) -> None:
        self.rung = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        self.rung += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, heard: int, timeout_s: float) -> None:
        """Until it has been rung more than `heard` times, or so long."""
        if self.rung == heard:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), timeout_s)


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
    return tuple(sorted(vin for vin, own in book.fleets_on(local_day(at)).items() if own == fleet))


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
    return Counter(book.fleets_on(local_day(datetime.now(UTC))).values())
