"""Orders of swaps while the server runs: recorded from the station's events, priced as soon as they can be.

A failure here is logged and tried again; it changes nothing that the station does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import structlog

from swapstation.business.contract_file import ContractBook, load_contracts
from swapstation.business.cursors import cursor
from swapstation.business.orders import CURSOR, open_orders, price_order, record_orders
from swapstation.config.settings import Config
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.errors import ConfigurationError, SwapstationError
from swapstation.inventory.queries import Event
from swapstation.model.money import HandedOver, SwapFacts
from swapstation.server.book import Business
from swapstation.server.history import History

LOOK_EVERY_S = 2.0
EVENTS_AT_ONCE = 500

_log = structlog.get_logger("billing")


class Billing:
    """`book` is the last contract file that could be read; ConfigurationError only when the first one cannot."""

    def __init__(self, config: Config, business: Business, history: History, tariff: TariffWatch) -> None:
        self._config, self._business, self._history, self._tariff = config, business, history, tariff
        self._file = config.money.contracts
        self._changed_ns = _changed_ns(self._file)
        self.book = ContractBook() if self._file is None else load_contracts(self._file)

    @property
    def enabled(self) -> bool:
        """Whether swaps are billed here; else a headquarters does it from the station's own record."""
        return self._file is not None

    async def look(self) -> None:
        """Record the orders of swaps that ended, and price those that can be. Raises SwapstationError."""
        await asyncio.to_thread(self._read_again)
        while await self._record():
            pass
        now = datetime.now(UTC)
        for swap in await self._business.read(open_orders):
            price = partial(price_order, swap=swap, book=self.book, tariff=self._tariff.tariff, at=now)
            await self._business.write(price)

    async def _record(self) -> bool:
        """The next events; whether there may be more."""
        done = await self._business.read(partial(cursor, name=CURSOR))
        events = await asyncio.to_thread(self._history.events, done, EVENTS_AT_ONCE)
        if not events:
            return False
        facts = await asyncio.to_thread(lambda: list(self._facts(events)))
        until, now = events[-1].sequence, datetime.now(UTC)
        await self._business.write(partial(record_orders, handed_over=facts, until=until, at=now))
        return len(events) == EVENTS_AT_ONCE

    def _facts(self, events: tuple[Event, ...]) -> Iterator[SwapFacts]:
        """What the swaps that ended handed over; one that handed nothing over costs nothing."""
        for event in events:
            if event.kind != "SwapClosed":
                continue
            swap, told = event.body["swap"], self._history.swap_energy(self._config, event.body["swap"])
            known = self._history.swap(swap)
            if told and known is not None and known.opened_at is not None:
                handed_over = tuple(HandedOver(each.fresh, _hundredths(each.energy_kwh)) for each in told)
                yield SwapFacts(swap, known.vin, known.opened_at, handed_over)

    def _read_again(self) -> None:
        """Read the contracts again if their file changed; a wrong one leaves them as they were."""
        changed_ns = _changed_ns(self._file)
        if self._file is None or changed_ns == self._changed_ns:
            return
        self._changed_ns = changed_ns
        try:
            self.book = load_contracts(self._file)
        except ConfigurationError as error:
            _log.error("contracts not read again", reason="; ".join(error.mistakes))


@asynccontextmanager
async def billed(billing: Billing) -> AsyncIterator[None]:
    """Look every few seconds as long as the context is open, where swaps are billed here."""
    task = asyncio.create_task(_run(billing)) if billing.enabled else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _run(billing: Billing) -> None:
    while True:
        try:
            await billing.look()
        except SwapstationError as error:
            _log.error("orders wait", reason=str(error))
        await asyncio.sleep(LOOK_EVERY_S)


def _hundredths(kwh: float | None) -> Decimal | None:
    return None if kwh is None else Decimal(f"{kwh:.2f}")


def _changed_ns(file: Path | None) -> int:
    try:
        return 0 if file is None else file.stat().st_mtime_ns
    except OSError:
        return 0
