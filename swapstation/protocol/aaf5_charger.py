"""The charger's end of an AA F5 connection: signs in, reports, acts once per order, repeats a record until answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from typing import Protocol, get_args

from swapstation.protocol.aaf5 import Aaf5Decoder, Aaf5Frame, encode_frame
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import (
    DONE,
    POWER_LIMIT_ADDRESS,
    POWER_LIMIT_STEPS_PER_KW,
    STATUS_PERIOD_ADDRESS,
    STOP_ADDRESS,
    STOP_VALUE,
    Action,
    ChargerMessage,
    Control,
    ControlAnswer,
    Heartbeat,
    HeartbeatAnswer,
    IntegerParameter,
    IntegerParameterAnswer,
    Record,
    RecordAnswer,
    SignIn,
    SignInAnswer,
    SignInResult,
    Start,
    StartAnswer,
    StationMessage,
    Status,
    TextParameter,
    TextParameterAnswer,
)
from swapstation.protocol.node import Malformed, WireCounts

REFUSED = 1
_SIGN_IN_AGAIN_S = 5.0
_RECORD_AGAIN_S = 10.0
_FIRST_STATUS_PERIOD_S = 5.0
_MOST_REMEMBERED = 32
_MOST_REPORTS = 256
_COUNTERS = 0x10000
_STATION_MESSAGES = get_args(StationMessage)


class Output(Protocol):
    """The charger behind the protocol; orders return 0 when done, else the charger's own reason."""

    def status(self) -> Status: ...
    def start(self, order: Start, now_s: float) -> int: ...
    def stop(self, now_s: float) -> int: ...
    def limit(self, power_limit_kw: float) -> int: ...


class ChargerEnd:
    """A byte node. Orders are remembered over a reconnect, so that a repeated start never acts twice.

    `sign_ins` counts how often a station has accepted us: each time it may know nothing of what was said before.
    """

    def __init__(self, sign_in: SignIn, output: Output) -> None:
        self.counts = WireCounts()
        self.signed_in = False
        self.sign_ins = 0
        self._sign_in = sign_in
        self._output = output
        self._layouts = Aaf5Layouts.load()
        self._acted: deque[tuple[str, int]] = deque(maxlen=_MOST_REMEMBERED)
        self._records: deque[Record] = deque()
        self._status_period_s = _FIRST_STATUS_PERIOD_S
        self._open = False
        self._reset(-inf)

    def _reset(self, now_s: float) -> None:
        self.wants_reopen = False
        self.signed_in = False
        self._decoder = Aaf5Decoder(self._layouts.link.longest_frame)
        self._heard_s = now_s
        self._sign_in_s = self._heartbeat_s = self._status_s = self._record_s = now_s
        self._sequence = self._counter = 0
        self._out: deque[Aaf5Frame] = deque(maxlen=_MOST_REPORTS)

    def report(self, message: ChargerMessage) -> None:
        """Send a report now; without a station that knows the charger it is lost."""
        if self.signed_in:
            self._send(message)

    def keep_record(self, record: Record) -> None:
        """Send a record until the station has answered it, over reconnects."""
        self._records.append(record)

    @property
    def records_waiting(self) -> int:
        """Records that the station has not answered yet."""
        return len(self._records)

    def opened(self, now_s: float) -> None:
        self._reset(now_s)
        self._open = True

    def closed(self, now_s: float) -> None:
        self._reset(now_s)
        self._open = False

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data):
            message = item if isinstance(item, Malformed) else self._layouts.decode(item)
            if isinstance(message, Malformed):
                self.counts.malformed += 1
            elif isinstance(message, _STATION_MESSAGES) and isinstance(item, Aaf5Frame):
                self.counts.rx += 1
                self._heard_s = now_s
                self._take(message, item.sequence, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if self._open:
            self._periodic(now_s)
        out = tuple(self._out)
        self._out.clear()
        self.counts.tx += len(out)
        return [encode_frame(frame) for frame in out]

    def next_deadline(self) -> float:
        if not self._open:
            return inf
        if not self.signed_in:
            return self._sign_in_s
        record_s = self._record_s if self._records else inf
        return min(self._heartbeat_s, self._status_s, record_s, self._heard_s + self._silence_s)

    @property
    def _silence_s(self) -> float:
        return float(self._sign_in.heartbeat_period_s * self._sign_in.heartbeats_lost)

    def _periodic(self, now_s: float) -> None:
        if not self.signed_in:
            if now_s >= self._sign_in_s:
                self._sign_in_s = now_s + _SIGN_IN_AGAIN_S
                self._send(self._sign_in)
            return
        if now_s >= self._heard_s + self._silence_s:
            self.counts.timeouts += 1
            self.wants_reopen = True
        if now_s >= self._heartbeat_s:
            self._heartbeat_s = now_s + self._sign_in.heartbeat_period_s
            self._counter = (self._counter + 1) % _COUNTERS
            self._send(Heartbeat(self._sign_in.charger_id, self._counter))
        if now_s >= self._status_s:
            self._status_s = now_s + self._status_period_s
            self._send(self._output.status())
        if self._records and now_s >= self._record_s:
            self._record_s = now_s + _RECORD_AGAIN_S
            self._send(self._records[0])

    def _take(self, message: StationMessage, sequence: int, now_s: float) -> None:
        charger_id = self._sign_in.charger_id
        match message:
            case SignInAnswer(result=result):
                accepted = result is SignInResult.ACCEPTED
                self.sign_ins += accepted and not self.signed_in
                self.signed_in = accepted
            case Start(connector=connector, order_id=order_id):
                done = self._once(order_id, lambda: self._output.start(message, now_s))
                self._status_s = now_s
                self._send(StartAnswer(charger_id, connector, done), sequence)
            case Control(connector=connector, address=address, count=count, value=value):
                self._status_s = now_s
                done = self._control(address, value, now_s)
                self._send(ControlAnswer(charger_id, connector, address, count, done), sequence)
            case IntegerParameter(action=action, address=address, count=count, value=value):
                known = action is Action.SET and address == STATUS_PERIOD_ADDRESS and value > 0
                self._status_period_s = float(value) if known else self._status_period_s
                self._status_s = now_s
                done = DONE if known else REFUSED
                self._send(IntegerParameterAnswer(charger_id, action, address, count, done), sequence)
            case TextParameter(action=action, address=address):
                self._send(TextParameterAnswer(charger_id, action, address, REFUSED, b""), sequence)
            case RecordAnswer(record_number=number, order_id=order_id):
                answered = (number, order_id)
                self._records = deque(each for each in self._records if (each.record_number, each.order_id) != answered)
                self._record_s = now_s
            case HeartbeatAnswer():
                pass

    def _once(self, order_id: str, act: Callable[[], int]) -> int:
        for known, result in self._acted:
            if known == order_id:
                return result
        result = act()
        self._acted.append((order_id, result))
        return result

    def _control(self, address: int, value: int, now_s: float) -> int:
        if (address, value) == (STOP_ADDRESS, STOP_VALUE):
            return self._output.stop(now_s)
        if address == POWER_LIMIT_ADDRESS:
            return self._output.limit(value / POWER_LIMIT_STEPS_PER_KW)
        return REFUSED

    def _send(self, message: ChargerMessage, sequence: int | None = None) -> None:
        if sequence is None:
            self._sequence = (self._sequence + 1) % 0x100
            sequence = self._sequence
        self._out.append(self._layouts.encode(message, sequence))
