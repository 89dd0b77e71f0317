"""Both ends of a DL/T 645-2007 line as byte nodes: the station polls, the meter answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

from swapstation.errors import InputError
from swapstation.protocol.dlt645 import (
    ANSWER,
    ANY_ADDRESS,
    BROADCAST_ADDRESS,
    MORE_FOLLOWS,
    MOST_DATA,
    NO_SUCH_DATA,
    OTHER_ERROR,
    READ,
    READ_ADDRESS,
    REFUSED,
    MeterDecoder,
    MeterFrame,
    encode_frame,
)
from swapstation.protocol.dlt645_items import Value, block_members, decode_value, encode_value, is_block, item_of
from swapstation.protocol.node import Malformed, WireCounts

_PAUSE_S = 0.02
_LONGEST_GAP_S = 0.5
_TIMEOUTS_IN_A_ROW = 3


class DltClient:
    """Reads identifiers of one meter in turn, one round each `period_s`.

    An answer counts only from this address and for the identifier just asked; after a timeout the next one is asked.
    After three in a row the wire is reopened. Of an answer in several frames only the first is used.
    """

    def __init__(self, address: str, identifiers: Sequence[int], period_s: float = 1.0, timeout_s: float = 0.8) -> None:
        if not identifiers:
            raise InputError("identifiers", identifiers, "at least one")
        for identifier in identifiers:
            if item_of(identifier) is None:
                raise InputError(
                    "identifier", f"{identifier:08X}", "an identifier of DL/T 645-2007 known to this software"
                )
        self.counts = WireCounts()
        self.refusals = 0
        self.wants_reopen = False
        self.meter_address: str | None = None
        self._address = address
        self._identifiers = tuple(identifiers)
        self._period_s = period_s
        self._timeout_s = timeout_s
        self._decoder = MeterDecoder()
        self._latest: dict[int, tuple[Value, float]] = {}
        self._open = False
        self._asked: int | None = None
        self._deadline_s = inf
        self._left: list[int] = []
        self._round_s = self._next_s = -inf
        self._timeouts_in_a_row = 0

    def latest(self, identifier: int) -> tuple[Value, float] | None:
        """The last value of an identifier and when it came, None before the first answer."""
        return self._latest.get(identifier)

    def opened(self, now_s: float) -> None:
        self._decoder.reset()
        self._timeouts_in_a_row = 0
        self.wants_reopen = False
        self._open = True
        self._asked = None
        self._left = []
        self._next_s = now_s

    def closed(self, now_s: float) -> None:
        self._open = False
        self._asked = None

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data):
            if isinstance(item, Malformed):
                self.counts.malformed += 1
            elif item.control & ANSWER:  # without it: our own request, echoed by a two-wire adapter
                self._take(item, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if self._asked is not None and now_s >= self._deadline_s:
            self._time_out(now_s)
        if not self._open or self._asked is not None or now_s < self._next_s or self.wants_reopen:
            return
        if not self._left:
            self._left, self._round_s = list(self._identifiers), now_s
        self._asked = self._left.pop(0)
        self._deadline_s = now_s + self._timeout_s
        self.counts.requests += 1
        self.counts.tx += 1
        yield encode_frame(MeterFrame(self._address, READ, self._asked.to_bytes(4, "little")))

    def next_deadline(self) -> float:
        if not self._open or self.wants_reopen:
            return inf
        return self._deadline_s if self._asked is not None else self._next_s

    def _finish(self, now_s: float) -> None:
        self._asked = None
        self._next_s = now_s + _PAUSE_S
        if not self._left:
            self._next_s = max(self._next_s, self._round_s + self._period_s)

    def _take(self, frame: MeterFrame, now_s: float) -> None:
        if self._asked is None or self._address not in {frame.address, ANY_ADDRESS}:
            self.counts.malformed += 1
        elif frame.control == READ | ANSWER | REFUSED:
            self._timeouts_in_a_row = 0
            self.counts.rx += 1
            self.refusals += 1
            self._finish(now_s)
        else:
            self._take_value(self._asked, frame, now_s)

    def _take_value(self, asked: int, frame: MeterFrame, now_s: float) -> None:
        value = decode_value(asked, frame.data[4:])
        is_answer = frame.control & ~MORE_FOLLOWS == READ | ANSWER and frame.data[:4] == asked.to_bytes(4, "little")
        if not is_answer or value is None:
            self.counts.malformed += 1
            return
        self._timeouts_in_a_row = 0
        self.counts.rx += 1
        self.meter_address = frame.address
        self._latest[asked] = (value, now_s)
        self._finish(now_s)

    def _time_out(self, now_s: float) -> None:
        self.counts.timeouts += 1
        self._timeouts_in_a_row += 1
        self._decoder.reset()
        self._finish(now_s)
        self.wants_reopen = self._timeouts_in_a_row >= _TIMEOUTS_IN_A_ROW


class DltMeter:
    """A meter that answers reads from `values` (identifier -> value, read at each request) and read-address."""

    wants_reopen = False

    def __init__(self, address: str, values: Mapping[int, Value]) -> None:
        self.counts = WireCounts()
        self._address = address
        self._values = values
        self._decoder = MeterDecoder()
        self._last_byte_s = -inf
        self._out: list[tuple[float, bytes]] = []

    def opened(self, now_s: float) -> None:
        self._decoder.reset()
        self._out.clear()

    def closed(self, now_s: float) -> None:
        self._out.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        if now_s - self._last_byte_s > _LONGEST_GAP_S:
            self._decoder.reset()
        self._last_byte_s = now_s
        for item in self._decoder.feed(data):
            if isinstance(item, Malformed):
                self.counts.malformed += 1
            elif self._is_mine(item):
                self.counts.rx += 1
                self._out.append((now_s + _PAUSE_S, encode_frame(self._answer(item), wake_ups=0)))

    def due(self, now_s: float) -> Iterable[bytes]:
        while self._out and self._out[0][0] <= now_s:
            self.counts.tx += 1
            yield self._out.pop(0)[1]

    def next_deadline(self) -> float:
        return self._out[0][0] if self._out else inf

    def _is_mine(self, frame: MeterFrame) -> bool:
        """Silent for other meters, for broadcasts and for answers of other meters on the line."""
        if frame.control & ANSWER or frame.address == BROADCAST_ADDRESS:
            return False
        pairs = range(0, len(self._address), 2)
        return all(frame.address[at : at + 2] in {"AA", self._address[at : at + 2]} for at in pairs)

    def _answer(self, request: MeterFrame) -> MeterFrame:
        if request.control == READ_ADDRESS:
            return MeterFrame(self._address, READ_ADDRESS | ANSWER, bytes.fromhex(self._address)[::-1])
        if request.control != READ or len(request.data) < 4:
            return self._refusal(request, OTHER_ERROR)
        data = self._read(int.from_bytes(request.data[:4], "little"))
        if not data or len(data) + 4 > MOST_DATA:
            return self._refusal(request, NO_SUCH_DATA)
        return MeterFrame(self._address, READ | ANSWER, request.data[:4] + data)

    def _read(self, identifier: int) -> bytes:
        if identifier in self._values:
            return encode_value(identifier, self._values[identifier])
        if not is_block(identifier) or item_of(identifier) is None:
            return b""
        members = [member for member in block_members(identifier) if member in self._values]
        return b"".join(encode_value(member, self._values[member]) for member in members)

    def _refusal(self, request: MeterFrame, error: int) -> MeterFrame:
        return MeterFrame(self._address, request.control | ANSWER | REFUSED, bytes([error]))
