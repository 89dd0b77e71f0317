"""Priced orders are paid while the server runs: each is charged once, and asked about where nobody knows.

A failure here is logged and tried again later; it changes nothing that the station does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog

from swapstation.business.payments import end, note_asked, open_payments
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.model.payment import NeverCharged, Payment, PaymentService, PaymentState, Unknown
from swapstation.server.background import background
from swapstation.server.book import Business
from swapstation.server.payment_account import AccountPayment
from swapstation.server.payment_rest import rest_payment
from swapstation.server.uplinks.headquarters_client import read_token

LOOK_EVERY_S = 2.0
WAIT_S = 30.0
"""So long nothing is asked after a service did not answer."""
MOST_UNKNOWN = 3
_log = structlog.get_logger("paying")


async def pay(business: Business, service: PaymentService) -> bool:
    """Bring open payments on as far as they go, until too many get no answer; whether all of them got one."""
    unknown = 0
    for payment in await business.read(open_payments):
        unknown += not await _bring_on(business, service, payment)
        if unknown == MOST_UNKNOWN:
            break
    return not unknown


async def _bring_on(business: Business, service: PaymentService, payment: Payment) -> bool:
    """Find out about what was asked for, charge what was not; asked for is written down before the charge leaves."""
    charge = payment.charge
    known = await service.find(charge) if payment.state is PaymentState.ASKED else NeverCharged()
    if isinstance(known, NeverCharged):
        await business.write(partial(note_asked, reference=charge.reference, service=service.name))
        known = await service.charge(charge)
    if isinstance(known, Unknown):
        told = partial(note_asked, reference=charge.reference, service=service.name, reason=known.reason)
        await business.write(told)
        _log.warning("a payment is unknown", reference=charge.reference, reason=known.reason)
        return False
    await business.write(partial(end, reference=charge.reference, outcome=known, at=datetime.now(UTC)))
    return True


class Paying:
    """The payments of one station. Raises ConfigurationError when the token of its service cannot be read."""

    def __init__(self, config: Config, business: Business) -> None:
        self._settings, self._business = config.payment, business
        self._token = "" if config.payment is None else read_token(config.payment.token)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pay as long as the context is open."""
        async with AsyncExitStack() as stack:
            service: PaymentService = AccountPayment()
            if self._settings is not None:
                service = await stack.enter_async_context(rest_payment(self._settings, self._token))
            await stack.enter_async_context(background(_run(self._business, service), "payments"))
            yield


async def _run(business: Business, service: PaymentService) -> None:
    while True:
        answered = True
        try:
            answered = await pay(business, service)
        except SwapstationError as error:
            _log.error("payments wait", reason=str(error))
        await asyncio.sleep(LOOK_EVERY_S if answered else WAIT_S)
