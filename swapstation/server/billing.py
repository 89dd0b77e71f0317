"""Orders of swaps while the server runs: recorded from the station's events, priced as soon as they can be.

A failure here is logged and tried again; it changes nothing that the station does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import structlog

from swapstation.business.contract_file import ContractBook
from swapstation.business.contract_watch import ContractWatch
from swapstation.business.cursors import cursor
from swapstation.business.orders import CURSOR, open_orders, price_order, record_orders
from swapstation.config.contracts_source import bills_here, contracts_file
from swapstation.config.settings import Config
from swapstation.energy.tariff import Tariff
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.errors import SwapstationError
from swapstation.inventory.queries import Event
from swapstation.model.journal import SwapClosed
from swapstation.model.money import HandedOver, SwapFacts
from swapstation.server.background import background
from swapstation.server.book import Business
from swapstation.server.history import History

LOOK_EVERY_S = 2.0
EVENTS_AT_ONCE = 500
ENDED = (SwapClosed.__name__,)

_log = structlog.get_logger("billing")


class Billing:
    """The orders of one station. Raises ConfigurationError when its contracts cannot be read."""

    def __init__(self, config: Config, business: Business, history: History, tariff: TariffWatch) -> None:
        self._config, self._business, self._history, self._tariff = config, business, history, tariff
        contracts = contracts_file(config)
        self._tried: tuple[ContractBook, Tariff | None, tuple[tuple[str, int], ...]] | None = None
        self._contracts = None if contracts is None else ContractWatch(contracts)

    @property
    def enabled(self) -> bool:
        """Whether swaps are billed here; else a headquarters does it from the station's own record."""
        return bills_here(self._config)

    @property
    def followed(self) -> bool:
        """Whether there are contracts, which say whose each truck is, whoever bills."""
        return self._contracts is not None

    @property
    def book(self) -> ContractBook:
        """What counts now, also where a headquarters bills; empty where nobody told any contracts."""
        return ContractBook() if self._contracts is None else self._contracts.book

    async def look(self) -> None:
        """Record the orders of swaps that ended, and price those that can be. Raises SwapstationError."""
        if self._contracts is not None:
            await asyncio.to_thread(self._contracts.look)
        while await self._record():
            pass
        await self._price()

    async def _price(self) -> None:
        """Try every open order once for what is agreed, told and supplied now."""
        known = self.book, self._tariff.tariff, await self._business.read(open_orders)
        if known == self._tried:
            return
        book, tariff, waiting = known
        now = datetime.now(UTC)
        for swap, _ in waiting:
            await self._business.write(partial(price_order, swap=swap, book=book, tariff=tariff, at=now))
        self._tried = known

    async def _record(self) -> bool:
        """The next swaps that ended; whether there may be more. A replaced station database is read from its begin.

        What a headquarters bills is passed over, so that nothing is billed twice when the station bills again.
        """
        done = await self._business.read(partial(cursor, name=CURSOR))
        events, until = await asyncio.to_thread(self._history.events_of, ENDED, done, EVENTS_AT_ONCE)
        if until == done:
            return False
        facts = await asyncio.to_thread(lambda: list(self._facts(events))) if self.enabled else []
        read_until, now = (until if until > done else 0), datetime.now(UTC)
        await self._business.write(partial(record_orders, handed_over=facts, until=read_until, at=now))
        return True

    def _facts(self, events: tuple[Event, ...]) -> Iterator[SwapFacts]:
        """What the swaps that ended handed over; one that handed nothing over costs nothing."""
        for event in events:
            swap, told = event.body["swap"], self._history.swap_energy(self._config, event.body["swap"])
            known = self._history.swap(swap)
            if told and known is not None and known.opened_at is not None:
                handed_over = tuple(HandedOver(each.fresh, _hundredths(each.energy_kwh)) for each in told)
                yield SwapFacts(swap, known.vin, known.opened_at, handed_over)


@asynccontextmanager
async def billed(billing: Billing) -> AsyncIterator[None]:
    """Look every few seconds as long as the context is open, where there are contracts."""
    async with AsyncExitStack() as stack:
        if billing.followed:
            await stack.enter_async_context(background(_run(billing), "orders"))
        yield


async def _run(billing: Billing) -> None:
    while True:
        try:
            await billing.look()
        except SwapstationError as error:
            _log.error("orders wait", reason=str(error))
        await asyncio.sleep(LOOK_EVERY_S)


def _hundredths(kwh: float | None) -> Decimal | None:
    return None if kwh is None else Decimal(f"{kwh:.2f}")
