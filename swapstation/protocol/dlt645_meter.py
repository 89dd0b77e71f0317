"""The meter's end of a DL/T 645-2007 line as a byte node: answers reads, in several frames where one is too small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf

from swapstation.protocol.dlt645 import (
    ANSWER,
    BROADCAST_ADDRESS,
    IDENTIFIER_BYTES,
    MORE_FOLLOWS,
    MOST_DATA,
    REFUSED,
    Function,
    MeterDecoder,
    MeterError,
    MeterFrame,
    encode_frame,
)
from swapstation.protocol.dlt645_items import Formats, Value, block_members, encode_value, is_block, item_of
from swapstation.protocol.node import Malformed, WireCounts

_ANSWER_DELAY_S = 0.02
_MOST_PART = MOST_DATA - IDENTIFIER_BYTES - 1
_NEVER_REFUSED = {Function.BROADCAST_TIME, Function.READ_ADDRESS, Function.WRITE_ADDRESS}


class DltMeter:
    """Answers from `values` (identifier -> value, read at each request); what changes a meter is refused.

    A broadcast time goes to `set_clock` as digits YYMMDDhhmmss. What follows a long answer is what was read with its
    first frame, so that no block is torn.
    """

    wants_reopen = False

    def __init__(
        self,
        address: str,
        values: Mapping[int, Value],
        formats: Formats | None = None,
        set_clock: Callable[[str], None] | None = None,
    ) -> None:
        self.counts = WireCounts()
        self._address = address
        self._values = values
        self._formats = formats or {}
        self._set_clock = set_clock
        self._decoder = MeterDecoder()
        self._parts: dict[bytes, list[bytes]] = {}
        self._waiting = b""
        self._reply_s = inf

    def opened(self, now_s: float) -> None:
        self._decoder.reset()
        self._parts.clear()
        self._reply_s = inf

    def closed(self, now_s: float) -> None:
        self._reply_s = inf

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data, now_s):
            if isinstance(item, Malformed):
                self.counts.malformed += 1
            elif item.function == Function.BROADCAST_TIME:
                self._take_clock(item)
            elif self._is_mine(item):
                self.counts.rx += 1
                self._reply(self._answer(item), now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if now_s >= self._reply_s:
            self._reply_s = inf
            self.counts.tx += 1
            yield self._waiting

    def next_deadline(self) -> float:
        return self._reply_s

    def _reply(self, answer: MeterFrame | None, now_s: float) -> None:
        """Only the last request is answered, as on a line of two wires."""
        self._reply_s = inf
        if answer is not None:
            self._waiting, self._reply_s = encode_frame(answer, wake_ups=0), now_s + _ANSWER_DELAY_S

    def _is_mine(self, frame: MeterFrame) -> bool:
        """Silent for other meters, for broadcasts and for answers of other meters on the line."""
        if frame.is_answer or frame.address == BROADCAST_ADDRESS:
            return False
        pairs = range(0, len(self._address), 2)
        return all(frame.address[at : at + 2] in {"AA", self._address[at : at + 2]} for at in pairs)

    def _take_clock(self, frame: MeterFrame) -> None:
        digits = frame.data[::-1].hex()
        if self._set_clock and not frame.is_answer and len(digits) == 12 and digits.isdecimal():
            self.counts.rx += 1
            self._set_clock(digits)

    def _answer(self, request: MeterFrame) -> MeterFrame | None:
        match request.control:
            case Function.READ_ADDRESS:
                return MeterFrame(self._address, request.control | ANSWER, bytes.fromhex(self._address)[::-1])
            case Function.READ if len(request.data) >= IDENTIFIER_BYTES:
                return self._read(request)
            case Function.READ_FOLLOWING if len(request.data) == IDENTIFIER_BYTES + 1:
                return self._read_following(request)
            case Function.WRITE:
                return self._refusal(request, MeterError.NOT_ALLOWED)
        return None if request.control in _NEVER_REFUSED else self._refusal(request, MeterError.OTHER_ERROR)

    def _read(self, request: MeterFrame) -> MeterFrame:
        identifier = request.data[:IDENTIFIER_BYTES]
        item = item_of(int.from_bytes(identifier, "little"), self._formats)
        data = item and self._value(int.from_bytes(identifier, "little"))
        if item is None or not data:
            return self._refusal(request, MeterError.NO_SUCH_DATA)
        size = _MOST_PART // item.size * item.size
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        self._parts = {identifier: parts}
        more = MORE_FOLLOWS if len(parts) > 1 else 0
        return MeterFrame(self._address, request.control | ANSWER | more, identifier + parts[0])

    def _read_following(self, request: MeterFrame) -> MeterFrame:
        identifier, number = request.data[:IDENTIFIER_BYTES], request.data[IDENTIFIER_BYTES]
        parts = self._parts.get(identifier, [])
        if not 1 <= number < len(parts):
            return self._refusal(request, MeterError.NO_SUCH_DATA)
        more = MORE_FOLLOWS if number + 1 < len(parts) else 0
        return MeterFrame(self._address, request.control | ANSWER | more, identifier + parts[number] + bytes([number]))

    def _value(self, identifier: int) -> bytes:
        if identifier in self._values:
            return encode_value(identifier, self._values[identifier], self._formats)
        if not is_block(identifier):
            return b""
        members = [member for member in block_members(identifier) if member in self._values]
        return b"".join(encode_value(member, self._values[member], self._formats) for member in members)

    def _refusal(self, request: MeterFrame, error: MeterError) -> MeterFrame:
        return MeterFrame(self._address, request.control | ANSWER | REFUSED, bytes([error]))
