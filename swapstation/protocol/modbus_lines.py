"""How a Modbus client matches answers to requests: by order and shape on RTU, by transaction id on TCP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

from swapstation.protocol.modbus import Answer, Refused, Request, answer_bytes, decode_answer, encode_request
from swapstation.protocol.modbus_framing import (
    BITS_PER_BYTE,
    Framing,
    TcpDecoder,
    decode_rtu,
    encode_rtu,
    encode_tcp,
    silence_s,
)
from swapstation.protocol.node import Malformed

_RTU_EXTRA_BYTES = 3
"""Unit and CRC around a PDU."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request waiting or on its way; `ticket` is None for a poll, `ready_s` is when it may leave."""

    transaction: int
    unit: int
    request: Request
    ticket: int | None
    deadline_s: float = inf
    ready_s: float = -inf
    tries: int = 0


Reply = tuple[Pending | None, Answer | Refused | Malformed]
"""What came, and the request it ended (None: nobody asked for it)."""


class Line(Protocol):
    """`spoiled` is set when the borders of frames, or the order of answers, can no longer be trusted."""

    most_in_flight: int
    silence_s: float
    spoiled: bool

    def reset(self) -> None: ...
    def encode(self, pending: Pending) -> bytes: ...
    def travel_s(self, request: Request) -> float: ...
    def receive(self, data: bytes, in_flight: Mapping[int, Pending]) -> Iterator[Reply]: ...


class RtuLine:
    """One request at a time. Anything but the exact answer spoils the line: a late one must not meet a new request."""

    most_in_flight = 1

    def __init__(self, baud: int) -> None:
        self.silence_s = silence_s(baud)
        self._baud = baud
        self.reset()

    def reset(self) -> None:
        self.spoiled = False
        self._buffer = b""

    def encode(self, pending: Pending) -> bytes:
        self._buffer = b""
        return encode_rtu(pending.unit, encode_request(pending.request))

    def travel_s(self, request: Request) -> float:
        """How long the request and the longest answer to it are on the line: 2 s for 100 registers at 1200 bit/s."""
        answer = answer_bytes(request, bytes([request.function])) or 0
        return (len(encode_request(request)) + answer + 2 * _RTU_EXTRA_BYTES) * BITS_PER_BYTE / self._baud

    def receive(self, data: bytes, in_flight: Mapping[int, Pending]) -> Iterator[Reply]:
        if self.spoiled:
            return
        pending = next(iter(in_flight.values()), None)
        self._buffer += data
        if pending is None:
            yield self._spoil(None, "bytes that nobody asked for")
            return
        pdu_bytes = answer_bytes(pending.request, self._buffer[1:2])
        if self._buffer[0] != pending.unit or pdu_bytes is None:
            yield self._spoil(pending, "answer of another unit or function")
        elif len(self._buffer) >= pdu_bytes + _RTU_EXTRA_BYTES:
            yield self._complete(pending)

    def _complete(self, pending: Pending) -> Reply:
        frame = decode_rtu(self._buffer)
        answer = decode_answer(pending.request, frame[1]) if frame else None
        if answer is None:
            return self._spoil(pending, "wrong length or CRC, or not an answer to the request")
        self._buffer = b""
        return pending, answer

    def _spoil(self, pending: Pending | None, reason: str) -> Reply:
        self.spoiled = True
        return pending, Malformed("modbus rtu", reason, self._buffer)


class TcpLine:
    """Several requests at a time, answers in any order."""

    most_in_flight = 8
    silence_s = 0.0

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.spoiled = False
        self._decoder = TcpDecoder()

    def encode(self, pending: Pending) -> bytes:
        return encode_tcp(pending.transaction, pending.unit, encode_request(pending.request))

    def travel_s(self, request: Request) -> float:
        return 0.0

    def receive(self, data: bytes, in_flight: Mapping[int, Pending]) -> Iterator[Reply]:
        for transaction, unit, pdu in self._decoder.feed(data):
            pending = in_flight.get(transaction)
            if pending is None or pending.unit != unit:
                yield None, Malformed("modbus tcp", "answer that nobody asked for", pdu)
            else:
                answer = decode_answer(pending.request, pdu)
                yield pending, answer or Malformed("modbus tcp", "not an answer to the request", pdu)
        if self._decoder.broken and not self.spoiled:
            self.spoiled = True
            yield None, Malformed("modbus tcp", "header is not Modbus", data)


def line_for(framing: Framing, baud: int) -> Line:
    """The line of a framing; `baud` sets the RTU silence."""
    return RtuLine(baud) if framing is Framing.RTU else TcpLine()
