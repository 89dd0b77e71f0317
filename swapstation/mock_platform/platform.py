"""The platform's side without any wire: opens envelopes, keeps what it is told, answers, or misbehaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from swapstation.errors import InputError
from swapstation.mock_platform.misbehaviour import Act, Misbehaviour, Mood
from swapstation.supervision.codes import CONFIRMED, Taken
from swapstation.supervision.door import Door, Entered
from swapstation.supervision.envelope import Refusal, Ret, Secrets, seal_answer
from swapstation.supervision.interfaces import CHECK_ORDERS, ORDER_NOTICE, QUERY_TOKEN, STATE_NOTICE, SWAP_RECORD
from swapstation.supervision.mapping.orders import check_sums, disputes
from swapstation.supervision.messages import ConnectorState, StateNotice, StateTaken
from swapstation.supervision.order_messages import (
    ChargeOrder,
    CheckedOrder,
    OrdersCheck,
    OrdersChecked,
    OrderTaken,
    SwapRecord,
    SwapTaken,
)
from swapstation.supervision.profile import Profile

DISPUTED = 1
HANG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """HTTP status and body, after a delay in s."""

    status: int
    body: bytes = b""
    delay_s: float = 0.0


@dataclass(slots=True)
class Books:
    """What the platform has: every order and swap once, the newest state of every connector, and how often each came.

    `differing`: numbers that came again with another content; what counts is what came first.
    """

    orders: dict[str, ChargeOrder] = field(default_factory=dict)
    swaps: dict[str, SwapRecord] = field(default_factory=dict)
    states: dict[str, ConnectorState] = field(default_factory=dict)
    states_told: int = 0
    came: Counter[str] = field(default_factory=Counter)
    differing: set[str] = field(default_factory=set)


class MockPlatform:
    """One platform with one station behind it. `issued` are the secrets that the station calls with."""

    def __init__(
        self,
        profile: Profile,
        issued: Secrets,
        make_token: Callable[[], str],
        misbehaviour: Misbehaviour | None = None,
    ) -> None:
        self.books = Books()
        self.acts: Counter[Act] = Counter()
        self.refused: Counter[int] = Counter()
        self.mood = Mood(misbehaviour or Misbehaviour())
        rates = replace(
            profile.rates,
            questions_per_s=1000.0,
            question_burst=1000,
            token_life_s=self.mood.misbehaviour.token_life_s,
        )
        self.door = Door(replace(profile, rates=rates), issued, make_token)
        self._issued = issued
        self._last_answer: dict[str, bytes] = {}
        self._answers: dict[str, Callable[[Any], Any]] = {
            STATE_NOTICE: self._state,
            ORDER_NOTICE: self._order,
            SWAP_RECORD: self._swap,
            CHECK_ORDERS: self._check,
        }

    def receive(
        self, interface: str, authorization: str | None, text: bytes, now: datetime, since_start_s: float
    ) -> Reply:
        """What happens to one request."""
        act, slow_s = self.mood.act(since_start_s), self.mood.misbehaviour.slow_s
        self.acts[act] += 1
        match act:
            case Act.OUTAGE:
                return Reply(503)
            case Act.SERVER_ERROR:
                return Reply(500)
            case Act.TIMEOUT:
                return Reply(504, delay_s=HANG_S)
            case Act.STALE_ANSWER if interface in self._last_answer:
                return Reply(200, self._last_answer[interface], slow_s)
            case Act.WRONG_RET:
                return Reply(200, self._wrong_ret(), slow_s)
            case Act.FORGET_TOKEN:
                self.door.tokens.forget()
        answer = self._take(interface, authorization, text, now, since_start_s)
        if act is Act.LOSE_ANSWER:
            return Reply(500)
        self._last_answer[interface] = answer
        return Reply(200, answer, slow_s)

    def _wrong_ret(self) -> bytes:
        """Signed right, with a code that the standard may not know."""
        return seal_answer(self._issued, self.mood.misbehaviour.ret, "as it was told to", {})

    def _take(
        self, interface: str, authorization: str | None, text: bytes, now: datetime, since_start_s: float
    ) -> bytes:
        try:
            entered: Entered = self.door.enter(interface, authorization, text, now, since_start_s)
            if interface == QUERY_TOKEN:
                return self.door.answer(interface, self.door.give_token(entered.message, now))
            answer = self._answers.get(interface)
            if answer is None:
                raise Refusal(Ret.ERROR, f"{interface} is not answered here")
            return self.door.answer(interface, answer(entered.message))
        except Refusal as refusal:
            self.refused[int(refusal.ret)] += 1
            return self.door.refuse(refusal)

    def _state(self, notice: StateNotice) -> StateTaken:
        self.books.states[notice.state.connector_id] = notice.state
        self.books.states_told += 1
        return StateTaken(Taken.ACCEPTED)

    def _order(self, order: ChargeOrder) -> OrderTaken:
        """The first content of a number counts; sums that do not agree are refused."""
        try:
            check_sums(order)
        except InputError as error:
            raise Refusal(Ret.PARAMETERS, str(error)) from None
        kept = self.books.orders.setdefault(order.order, order)
        return OrderTaken(order.order, order.connector_id, self._result(order.order, kept == order))

    def _swap(self, record: SwapRecord) -> SwapTaken:
        kept = self.books.swaps.setdefault(record.swap, record)
        return SwapTaken(record.swap, self._result(record.swap, kept == record))

    def _result(self, number: str, same: bool) -> int:
        self.books.came[number] += 1
        if not same:
            self.books.differing.add(number)
        return CONFIRMED if same else DISPUTED

    def _check(self, check: OrdersCheck) -> OrdersChecked:
        ours = [
            CheckedOrder(each.order, each.energy_kwh, each.total_yuan)
            for each in self.books.orders.values()
            if check.start <= each.end <= check.end
        ]
        found = disputes(check.orders, ours)
        energy_kwh = sum((each.energy_kwh for each in found), Decimal(0))
        total_yuan = sum((each.total_yuan for each in found), Decimal(0))
        return OrdersChecked(check.seq, check.start, check.end, len(found), energy_kwh, total_yuan, found)
