"""The device's side of Modbus as a byte node: answers from a register bank, one node per connection or serial line."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from swapstation.protocol.modbus import (
    BROADCAST,
    ExceptionCode,
    Refused,
    decode_request,
    encode_answer,
    encode_refusal,
    request_bytes,
)
from swapstation.protocol.modbus_framing import (
    LONGEST_RTU_FRAME,
    TcpDecoder,
    decode_rtu,
    encode_rtu,
    encode_tcp,
    silence_s,
)
from swapstation.protocol.node import WireCounts
from swapstation.protocol.register_bank import RegisterBank

_FRAME_GAP_S = 0.02


class ModbusTcpServer:
    """One TCP connection to the bank; a unit that is not there answers as a gateway does, with exception 11."""

    def __init__(self, bank: RegisterBank) -> None:
        self.counts = WireCounts()
        self.wants_reopen = False
        self._bank = bank
        self._decoder = TcpDecoder()
        self._out: list[bytes] = []

    def opened(self, now_s: float) -> None:
        self._decoder = TcpDecoder()
        self._out.clear()
        self.wants_reopen = False

    def closed(self, now_s: float) -> None:
        self._out.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        for transaction, unit, pdu in self._decoder.feed(data):
            self.counts.rx += 1
            self._out.append(encode_tcp(transaction, unit, self._answer(unit, pdu)))
        if self._decoder.broken and not self.wants_reopen:
            self.counts.malformed += 1
            self.wants_reopen = True

    def due(self, now_s: float) -> Iterable[bytes]:
        out, self._out = self._out, []
        self.counts.tx += len(out)
        return out

    def next_deadline(self) -> float:
        return inf

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        if unit not in self._bank.units:
            return encode_refusal(pdu[0], ExceptionCode.GATEWAY_TARGET_SILENT)
        return _answer(self._bank, unit, pdu)


class ModbusRtuServer:
    """A serial line to the bank; silent for units that are not there and for broadcasts.

    A frame ends where its length says and its CRC agrees, else at the next silence (20 ms at least: an operating system
    hides the 3.5 characters of the standard).
    """

    wants_reopen = False

    def __init__(self, bank: RegisterBank, baud: int = 115_200) -> None:
        self.counts = WireCounts()
        self._bank = bank
        self._gap_s = max(_FRAME_GAP_S, silence_s(baud))
        self._buffer = b""
        self._gap_at_s = inf
        self._out: list[bytes] = []

    def opened(self, now_s: float) -> None:
        self._forget()
        self._out.clear()

    def closed(self, now_s: float) -> None:
        self._forget()
        self._out.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        if not data:
            return
        if now_s >= self._gap_at_s:
            self._end_of_frame()
        self._buffer = (self._buffer + data)[: LONGEST_RTU_FRAME + 1]
        self._gap_at_s = now_s + self._gap_s
        pdu_bytes = request_bytes(self._buffer[1:])
        if pdu_bytes is not None and len(self._buffer) == pdu_bytes + 3 and decode_rtu(self._buffer):
            self._end_of_frame()

    def due(self, now_s: float) -> Iterable[bytes]:
        if now_s >= self._gap_at_s:
            self._end_of_frame()
        out, self._out = self._out, []
        self.counts.tx += len(out)
        return out

    def next_deadline(self) -> float:
        return self._gap_at_s

    def _end_of_frame(self) -> None:
        frame = decode_rtu(self._buffer)
        self._forget()
        if frame is None:
            self.counts.malformed += 1
            return
        self.counts.rx += 1
        unit, pdu = frame
        if unit == BROADCAST:
            for each in self._bank.units:
                _answer(self._bank, each, pdu)
        elif unit in self._bank.units:
            self._out.append(encode_rtu(unit, _answer(self._bank, unit, pdu)))

    def _forget(self) -> None:
        self._buffer = b""
        self._gap_at_s = inf


def _answer(bank: RegisterBank, unit: int, pdu: bytes) -> bytes:
    request = decode_request(pdu)
    if isinstance(request, Refused):
        return encode_refusal(pdu[0], request.code)
    return encode_answer(request, bank.execute(unit, request))
