"""Reconciliation: every settled charge against the outbox, and every order told against what the platform has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.errors import InputError
from swapstation.model.platform_outbox import MessageState
from swapstation.server.uplinks.answers import SECOND, TOLD, sums, told_orders
from swapstation.server.uplinks.derive import Derivation
from swapstation.server.uplinks.platform_client import PlatformClient
from swapstation.server.uplinks.station_records import StationRecords
from swapstation.supervision.envelope import Ret
from swapstation.supervision.interfaces import CHECK_ORDERS, ORDER_NOTICE
from swapstation.supervision.order_messages import DisputedOrder, OrdersCheck, OrdersChecked
from swapstation.supervision.profile import Profile
from swapstation.supervision.wire_fields import CHINA, write_message


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reconciliation found. `missing`: charges on record that no message tells; `waiting`: not yet told.

    `disputes` is what the platform has differently, None where it did not say (`ret`, `msg`). Energy in kWh, money in
    yuan, both of the orders that were told.
    """

    first: datetime
    last: datetime
    charges: int
    told: int
    energy_kwh: Decimal
    total_yuan: Decimal
    missing: tuple[str, ...]
    waiting: tuple[str, ...]
    disputes: tuple[DisputedOrder, ...] | None
    ret: int
    msg: str


class Reconciling:
    """Compares the three books: the station's charges, the outbox, the platform's orders."""

    def __init__(
        self,
        profile: Profile,
        operator_id: str,
        client: PlatformClient,
        records: StationRecords,
        derivation: Derivation,
        outbox: PlatformOutbox,
        now: Callable[[], datetime],
    ) -> None:
        self._profile = profile
        self._operator_id = operator_id
        self._client = client
        self._records = records
        self._derivation = derivation
        self._outbox = outbox
        self._now = now

    async def reconcile(self, first: datetime, last: datetime) -> Reconciliation:
        """Compare what ended from `first` to `last`, both seconds included whole.

        Raises InputError where the profile has no such interface, and what `PlatformClient` and the databases raise.
        """
        if CHECK_ORDERS not in self._profile.paths:
            raise InputError("profile", self._profile.name, f"one with the interface {CHECK_ORDERS}")
        end = last + SECOND
        settled = await asyncio.to_thread(self._records.settled, first, end)
        derived = await asyncio.to_thread(lambda: [self._derivation.settled(each).key for each in settled])
        messages = await asyncio.to_thread(self._outbox.records, ORDER_NOTICE, first, end)
        known = {message.key for message in messages}
        orders = await asyncio.to_thread(told_orders, self._outbox, first, last)
        energy_kwh, total_yuan = sums(orders)
        check = OrdersCheck(self._seq(), first, last, len(orders), energy_kwh, total_yuan, orders)
        body = write_message(check, self._profile.spells(CHECK_ORDERS))
        exchange = await self._client.ask(CHECK_ORDERS, body)
        await asyncio.to_thread(self._outbox.keep, exchange.receipt())
        told = exchange.told
        answer = told.message if told.ret == Ret.SUCCESS else None
        return Reconciliation(
            first,
            last,
            len(settled),
            len(orders),
            energy_kwh,
            total_yuan,
            tuple(number for number in derived if number not in known),
            tuple(message.key for message in messages if message.state not in (*TOLD, MessageState.DISCARDED)),
            answer.disputes if isinstance(answer, OrdersChecked) else None,
            told.ret,
            told.msg,
        )

    def _seq(self) -> str:
        """CheckOrderSeq: 9 of the operator, the time in China to 0.1 ms."""
        local = self._now().astimezone(CHINA)
        return f"{self._operator_id}{local:%Y%m%d%H%M%S}{local.microsecond // 100:04d}"
