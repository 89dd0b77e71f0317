"""What the platform may ask of this station, and the answers from configuration, snapshot, station database, outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.energy.tariff import Stretch, Tariff
from swapstation.errors import InputError
from swapstation.model.platform_outbox import MessageState
from swapstation.model.snapshot import Snapshot
from swapstation.server.uplinks.derive import CANONICAL
from swapstation.server.uplinks.station_records import StationRecords
from swapstation.supervision.envelope import Refusal, Ret, exact
from swapstation.supervision.interfaces import (
    BUSINESS_POLICY,
    CHECK_ORDERS,
    ORDER_NOTICE,
    STATION_STATS,
    STATION_STATUS,
    STATIONS_INFO,
)
from swapstation.supervision.mapping.orders import disputes, station_stats
from swapstation.supervision.mapping.places import Places
from swapstation.supervision.mapping.policy import policy_answer
from swapstation.supervision.mapping.states import connector_states
from swapstation.supervision.mapping.station import stations_answer
from swapstation.supervision.messages import (
    StatesAnswer,
    StatesQuestion,
    StationInfo,
    StationsAnswer,
    StationsQuestion,
    StationStates,
    StatsAnswer,
    StatsQuestion,
)
from swapstation.supervision.order_messages import (
    ChargeOrder,
    CheckedOrder,
    OrdersCheck,
    OrdersChecked,
    PolicyAnswer,
    PolicyQuestion,
)
from swapstation.supervision.wire_fields import CHINA, read_message

SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
"""The wire's times are whole seconds: its last one counts to its end."""
TOLD = (MessageState.DELIVERED, MessageState.DISPUTED)
"""States of an order that the platform has."""


class Answers:
    """Answers by interface. `ask` raises Refusal 4004 for what this station cannot be asked, and DatabaseError."""

    def __init__(
        self,
        info: StationInfo,
        places: Places,
        records: StationRecords,
        outbox: PlatformOutbox,
        snapshot: Callable[[], Snapshot | None],
        tariff: Callable[[], Tariff | None],
        now: Callable[[], datetime],
        stats_days: int,
    ) -> None:
        self._info = info
        self._places = places
        self._records = records
        self._outbox = outbox
        self._snapshot = snapshot
        self._tariff = tariff
        self._now = now
        self._stats_days = stats_days
        self._since = now()
        self._answers: dict[str, Callable[[Any], Awaitable[Any]]] = {
            STATIONS_INFO: self._stations,
            STATION_STATUS: self._states,
            STATION_STATS: self._stats,
            BUSINESS_POLICY: self._policy,
            CHECK_ORDERS: self._check,
        }

    async def ask(self, interface: str, question: Any) -> Any:
        """The answer to a question."""
        return await self._answers[interface](question)

    async def _stations(self, question: StationsQuestion) -> StationsAnswer:
        return stations_answer(self._info, question, self._since)

    async def _states(self, question: StatesQuestion) -> StatesAnswer:
        if self._places.station not in question.stations:
            return StatesAnswer(0, ())
        states = tuple(connector_states(self._places, self._snapshot()).values())
        return StatesAnswer(1, (StationStates(self._places.station, states),))

    async def _stats(self, question: StatsQuestion) -> StatsAnswer:
        if question.station_id != self._places.station:
            raise Refusal(Ret.PARAMETERS, "StationID: no such station here")
        days = (question.last - question.first).days + 1
        if not 1 <= days <= self._stats_days:
            raise Refusal(Ret.PARAMETERS, f"EndTime: {days} days asked, 1 to {self._stats_days} are allowed")
        first, last = _begin(question.first), _begin(question.last) + _DAY
        settled = await asyncio.to_thread(self._records.settled, first, last)
        charges = [(each.bay, each.energy_kwh) for each in settled if each.energy_kwh is not None]
        ours = [(bay, kwh) for bay, kwh in charges if bay in self._places.connectors]
        return StatsAnswer(station_stats(self._places, ours, question.first, question.last))

    async def _policy(self, question: PolicyQuestion) -> PolicyAnswer:
        known = self._places.bay(question.connector_id) is not None
        return policy_answer(question, self._today() if known else ())

    async def _check(self, question: OrdersCheck) -> OrdersChecked:
        ours = await asyncio.to_thread(told_orders, self._outbox, question.start, question.end)
        found = disputes(question.orders, ours)
        energy_kwh, total_yuan = sums(found)
        return OrdersChecked(question.seq, question.start, question.end, len(found), energy_kwh, total_yuan, found)

    def _today(self) -> tuple[Stretch, ...]:
        tariff, day = self._tariff(), _begin(self._now().astimezone(CHINA).date())
        try:
            return () if tariff is None else tariff.stretches(day, day + _DAY)
        except InputError:
            return ()


def told_orders(outbox: PlatformOutbox, start: datetime, end: datetime) -> tuple[CheckedOrder, ...]:
    """The orders that ended in a time, both ends included, as the platform was told of them."""
    messages = outbox.records(ORDER_NOTICE, start, end + SECOND)
    told = (read_message(ChargeOrder, exact(each.body), CANONICAL) for each in messages if each.state in TOLD)
    return tuple(CheckedOrder(order.order, order.energy_kwh, order.total_yuan) for order in told)


def sums(orders: Any) -> tuple[Decimal, Decimal]:
    """kWh and yuan of orders together."""
    return (
        sum((each.energy_kwh for each in orders), Decimal(0)),
        sum((each.total_yuan for each in orders), Decimal(0)),
    )


def _begin(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)
