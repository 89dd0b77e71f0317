"""The station's end of one AA F5 connection: sign-in, supervision, answers, orders with bounded repetition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import get_args

from swapstation.protocol.aaf5 import Aaf5Decoder, Aaf5Frame, encode_frame
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import (
    STATUS_PERIOD_ADDRESS,
    Action,
    BmsData,
    BmsDataAnswer,
    ChargerMessage,
    Heartbeat,
    HeartbeatAnswer,
    IntegerParameter,
    Record,
    RecordAnswer,
    SignIn,
    SignInAnswer,
    SignInResult,
    StationMessage,
    Status,
    StatusAnswer,
)
from swapstation.protocol.aaf5_orders import Answered, Orders, Purpose, done
from swapstation.protocol.aaf5_view import ChargerView
from swapstation.protocol.node import Malformed, WireCounts

_MOST_MALFORMED_IN_A_ROW = 16
_LONGEST_SILENCE_S = 60.0
_CHARGER_MESSAGES = get_args(ChargerMessage)

RecordKeeper = Callable[[Record, float], bool]
"""Takes a charge record with its time; tells whether it is to be answered now."""


class StationConnection:
    """A byte node; `charger_id` is None until a known charger has signed in, `view` is what it said since then.

    A peer that does not sign in, falls silent or talks nothing but garbage is disconnected.
    """

    def __init__(
        self,
        layouts: Aaf5Layouts,
        known: Collection[str],
        counts: WireCounts,
        keep: RecordKeeper,
        peers: list[StationConnection],
    ) -> None:
        self.counts = counts
        self.refused = 0
        self._layouts = layouts
        self._rules = layouts.link
        self._known = known
        self._keep = keep
        self._peers = peers
        self._reset(-inf)

    def _reset(self, now_s: float) -> None:
        self.wants_reopen = False
        self.charger_id: str | None = None
        self.signed_in_s = -inf
        self.heard_s = now_s
        self.view = ChargerView()
        self._decoder = Aaf5Decoder(self._rules.longest_frame)
        self._orders = Orders(self._rules)
        self._silence_s = self._rules.sign_in_s
        self._malformed_in_a_row = 0
        self._out: list[Aaf5Frame] = []

    def order(self, purpose: Purpose, message: StationMessage, now_s: float) -> None:
        """Send an order at the next `due`; InputError for a value that the wire cannot say."""
        self._layouts.encode(message, 0)
        self._orders.put(purpose, message, now_s)

    def answer_record(self, record: Record, sequence: int = 0) -> None:
        """Tell the charger that a record was taken over."""
        self._send(RecordAnswer(record.connector, record.record_number, record.order_id), sequence)

    def opened(self, now_s: float) -> None:
        self._reset(now_s)
        self._peers.append(self)

    def closed(self, now_s: float) -> None:
        self._reset(now_s)
        if self in self._peers:
            self._peers.remove(self)

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data):
            message = item if isinstance(item, Malformed) else self._layouts.decode(item)
            if isinstance(message, Malformed):
                self._malformed()
            elif isinstance(message, _CHARGER_MESSAGES) and isinstance(item, Aaf5Frame):
                self.counts.rx += 1
                self._take(message, item.sequence, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if now_s >= self.heard_s + self._silence_s and not self.wants_reopen:
            self.counts.timeouts += 1
            self.wants_reopen = True
        for each in self._orders.due(now_s):
            if isinstance(each, Answered):
                self.counts.timeouts += 1
            else:
                self.counts.requests += 1
                self._send(*each)
        out, self._out = self._out, []
        self.counts.tx += len(out)
        return [encode_frame(frame) for frame in out]

    def next_deadline(self) -> float:
        if self._out:
            return -inf
        return min(self.heard_s + self._silence_s, self._orders.next_deadline())

    def _take(self, message: ChargerMessage, sequence: int, now_s: float) -> None:
        if isinstance(message, SignIn):
            self._sign_in(message, sequence, now_s)
            return
        if self.charger_id is None or message.charger_id != self.charger_id:
            self._malformed()
            return
        self.heard_s = now_s
        if self.view.take(message, now_s):
            self._malformed()
            return
        self._malformed_in_a_row = 0
        answered = self._orders.answered(message, sequence)
        self.refused += answered is not None and not done(answered)
        self._answer(message, sequence, now_s)

    def _answer(self, message: ChargerMessage, sequence: int, now_s: float) -> None:
        match message:
            case Heartbeat(counter=counter):
                self._send(HeartbeatAnswer(counter), sequence)
            case Status(connector=connector):
                self._send(StatusAnswer(connector), sequence)
            case BmsData(pgn=pgn):
                self._send(BmsDataAnswer(pgn), sequence)
            case Record() if self._keep(message, now_s):
                self.answer_record(message, sequence)

    def _sign_in(self, sign_in: SignIn, sequence: int, now_s: float) -> None:
        again = self.charger_id is not None
        if sign_in.charger_id not in self._known or self.charger_id not in (None, sign_in.charger_id):
            self._send(SignInAnswer(sign_in.random, SignInResult.UNKNOWN_CHARGER), sequence)
            self._malformed()
            self.wants_reopen = True
            return
        self.charger_id, self.heard_s = sign_in.charger_id, now_s
        period_s = sign_in.heartbeat_period_s or self._rules.heartbeat_s
        lost = sign_in.heartbeats_lost or self._rules.heartbeats_lost
        self._silence_s = min(period_s * lost, _LONGEST_SILENCE_S)
        self._send(SignInAnswer(sign_in.random, SignInResult.ACCEPTED), sequence)
        if not again:
            self.signed_in_s = now_s
            period = IntegerParameter(Action.SET, STATUS_PERIOD_ADDRESS, 1, 4, self._rules.status_period_s)
            self.order(Purpose.STATUS_PERIOD, period, now_s)

    def _send(self, message: StationMessage, sequence: int) -> None:
        self._out.append(self._layouts.encode(message, sequence))

    def _malformed(self) -> None:
        self.counts.malformed += 1
        self._malformed_in_a_row += 1
        if self._malformed_in_a_row >= _MOST_MALFORMED_IN_A_ROW:
            self.wants_reopen = True
