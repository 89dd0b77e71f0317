"""A recorded exchange, and the far end of the wire that plays it back to an adapter.

A device that only answers (Modbus, DL/T 645) is asked by our adapter in its own order and with its own transaction ids:
its answers are looked up by the question. Any other device speaks at the recorded times.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from swapstation.errors import InputError
from swapstation.protocol.modbus import WRITE_MANY, WRITE_ONE
from swapstation.protocol.modbus_framing import TcpDecoder, decode_rtu, encode_rtu, encode_tcp
from swapstation.protocol.node import Frame
from swapstation.wire_address import WireProtocol

Item = Frame | bytes

_LINE = re.compile(r"\((\d+(?:\.\d+)?)\)\s+\S+\s+([RT])\s*((?:[0-9A-Fa-f]{2})*)")
_ANSWER_S = 0.02
_WAKE_UP = b"\xfe"


@dataclass(frozen=True, slots=True)
class Event:
    """One frame or chunk of bytes and its time in the recording (s); `sent` by our side."""

    time_s: float
    item: Item
    sent: bool = False


def read_bytes_log(text: str) -> list[Event]:
    """Events of a *.bytes.log: lines `(seconds.micros) NAME R|T HEX`. InputError names a line that is none."""
    events = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise InputError(f"line {number}", line[:60], "allowed: (seconds.micros) NAME R|T HEX")
            events.append(Event(float(found[1]), bytes.fromhex(found[3]), sent=found[2] == "T"))
    return events


class Peer(Protocol):
    """The far end of a wire: hears what the adapter sends, says what is due."""

    def hear(self, item: Item, now_s: float) -> None: ...
    def say(self, now_s: float) -> Iterable[Item]: ...


class Silent:
    """A device that is gone."""

    def hear(self, item: Item, now_s: float) -> None:
        """Nobody listens."""

    def say(self, now_s: float) -> Iterable[Item]:
        return ()


class PlayBack:
    """Says what was received in a recording at its times; the first event is due at once."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._start_s = min((event.time_s for event in events), default=0.0)
        self._waiting = deque(event for event in events if not event.sent)
        self._origin_s: float | None = None

    def hear(self, item: Item, now_s: float) -> None:
        """A recording cannot be asked."""

    def say(self, now_s: float) -> Iterator[Item]:
        if self._origin_s is None:
            self._origin_s = now_s
        while self._waiting and self._waiting[0].time_s - self._start_s <= now_s - self._origin_s:
            yield self._waiting.popleft().item


Question = bytes
_Frames = Callable[[bytes], Iterable[tuple[int, int, bytes]]]
"""Bytes to (transaction, unit, PDU)."""


class ModbusAnswers:
    """Answers each read as it was answered in the recording, in turn; every write is taken as done."""

    def __init__(self, events: Sequence[Event], protocol: WireProtocol) -> None:
        self._tcp = protocol is WireProtocol.MODBUS_TCP
        self._hear = self._frames()
        self._answers: dict[Question, deque[bytes]] = defaultdict(deque)
        self._due: deque[tuple[float, bytes]] = deque()
        asked: dict[int, Question] = {}
        requests, replies = self._frames(), self._frames()
        for sent, data in _joined(events):
            for transaction, unit, pdu in (requests if sent else replies)(data):
                if sent:
                    asked[transaction] = bytes([unit]) + pdu
                elif transaction in asked:
                    self._answers[asked.pop(transaction)].append(pdu)

    def hear(self, item: Item, now_s: float) -> None:
        assert isinstance(item, bytes)
        for transaction, unit, pdu in self._hear(item):
            waiting = self._answers.get(bytes([unit]) + pdu)
            if pdu[0] in (WRITE_ONE, WRITE_MANY):
                reply = pdu[:5]
            elif waiting:
                reply = waiting.popleft()
            else:
                continue
            data = encode_tcp(transaction, unit, reply) if self._tcp else encode_rtu(unit, reply)
            self._due.append((now_s + _ANSWER_S, data))

    def say(self, now_s: float) -> Iterator[bytes]:
        while self._due and self._due[0][0] <= now_s:
            yield self._due.popleft()[1]

    def _frames(self) -> _Frames:
        if self._tcp:
            return TcpDecoder().feed

        def rtu(data: bytes) -> Iterator[tuple[int, int, bytes]]:
            frame = decode_rtu(data)
            if frame:
                yield 0, *frame

        return rtu


class MeterAnswers:
    """Answers each DL/T 645 request as it was answered in the recording, in turn."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._answers: dict[Question, deque[bytes]] = defaultdict(deque)
        self._due: deque[tuple[float, bytes]] = deque()
        question = b""
        for sent, data in _joined(events):
            if sent:
                question = data.lstrip(_WAKE_UP)
            elif question:
                self._answers[question].append(data)
                question = b""

    def hear(self, item: Item, now_s: float) -> None:
        assert isinstance(item, bytes)
        waiting = self._answers.get(item.lstrip(_WAKE_UP))
        if waiting:
            self._due.append((now_s + _ANSWER_S, waiting.popleft()))

    def say(self, now_s: float) -> Iterator[bytes]:
        while self._due and self._due[0][0] <= now_s:
            yield self._due.popleft()[1]


def peer_of(events: Sequence[Event], protocol: WireProtocol) -> Peer:
    """The far end that fits a protocol."""
    if protocol in (WireProtocol.MODBUS_TCP, WireProtocol.MODBUS_RTU):
        return ModbusAnswers(events, protocol)
    if protocol is WireProtocol.DLT645:
        return MeterAnswers(events)
    return PlayBack(events)


def _joined(events: Sequence[Event]) -> Iterator[tuple[bool, bytes]]:
    """Runs of one direction: an answer may have come in several reads, a request always left in one write."""
    received = b""
    for event in events:
        assert isinstance(event.item, bytes)
        if not event.sent:
            received += event.item
            continue
        if received:
            yield False, received
            received = b""
        yield True, event.item
    if received:
        yield False, received
