"""The station's end of a DL/T 645-2007 line as a byte node: reads the items of one meter in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from swapstation.errors import InputError
from swapstation.protocol.dlt645 import (
    ANY_ADDRESS,
    IDENTIFIER_BYTES,
    Function,
    MeterDecoder,
    MeterError,
    MeterFrame,
    encode_frame,
)
from swapstation.protocol.dlt645_items import Formats, Value, decode_value, item_of
from swapstation.protocol.node import Malformed, WireCounts

_PAUSE_S = 0.02
_TIMEOUTS_IN_A_ROW = 3
_MOST_FOLLOWING = 16
"""Frames behind the first of one answer; 64 maximum demands are 3."""


class DltClient:
    """Reads identifiers of one meter in turn, one round each `period_s`; after a timeout the next one is asked.

    An answer counts only for what was just asked and only from the meter asked. Without an address that is the meter
    that answers first. After three timeouts in a row the wire is reopened, and that meter may be another one.
    `error` is why the meter refused last.
    """

    def __init__(
        self,
        address: str,
        identifiers: Sequence[int],
        period_s: float = 1.0,
        timeout_s: float = 0.8,
        formats: Formats | None = None,
    ) -> None:
        if not identifiers:
            raise InputError("identifiers", identifiers, "at least one")
        for identifier in identifiers:
            if item_of(identifier) is None:
                raise InputError(
                    "identifier", f"{identifier:08X}", "an identifier of DL/T 645-2007 known to this software"
                )
        self.counts = WireCounts()
        self.refusals = 0
        self.error: MeterError | None = None
        self.wants_reopen = False
        self.meter_address: str | None = None
        self._address = self._meter = address
        self._identifiers = tuple(identifiers)
        self._formats = formats or {}
        self._period_s = period_s
        self._timeout_s = timeout_s
        self._decoder = MeterDecoder()
        self._latest: dict[int, tuple[Value, float]] = {}
        self._was_open = self._open = False
        self._asked: int | None = None
        self._following = 0
        self._collected = b""
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
        self._meter = self._address
        self.wants_reopen = False
        self._open = True
        self._asked = None
        self._left = []
        self._next_s = now_s + self._timeout_s if self._was_open else now_s  # what is owed from before comes first
        self._was_open = True

    def closed(self, now_s: float) -> None:
        self._open = False
        self._asked = None

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data, now_s):
            if isinstance(item, Malformed):
                self.counts.malformed += 1
            elif item.is_answer:  # else it is our own request, echoed by a two-wire adapter
                self._take(item, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        if self._asked is not None and now_s >= self._deadline_s:
            self._time_out(now_s)
        if not self._open or now_s < self._next_s or self.wants_reopen:
            return
        if self._asked is None:
            if not self._left:
                self._left, self._round_s = list(self._identifiers), now_s
            self._asked, self._following, self._collected = self._left.pop(0), 0, b""
        self._deadline_s, self._next_s = now_s + self._timeout_s, inf
        self.counts.requests += 1
        self.counts.tx += 1
        yield encode_frame(self._request(self._asked))

    def next_deadline(self) -> float:
        if not self._open or self.wants_reopen:
            return inf
        return min(self._next_s, self._deadline_s if self._asked is not None else inf)

    def _request(self, asked: int) -> MeterFrame:
        identifier = asked.to_bytes(IDENTIFIER_BYTES, "little")
        if self._following:
            return MeterFrame(self._address, Function.READ_FOLLOWING, identifier + bytes([self._following]))
        return MeterFrame(self._address, Function.READ, identifier)

    def _take(self, frame: MeterFrame, now_s: float) -> None:
        asked_function = Function.READ_FOLLOWING if self._following else Function.READ
        waits = self._asked is not None and self._next_s == inf
        if not waits or self._meter not in {frame.address, ANY_ADDRESS} or frame.function != asked_function:
            self.counts.malformed += 1
        elif frame.error is not None:
            self._answered(frame)
            self.refusals += 1
            self.error = frame.error
            self._finish(now_s)
        else:
            self._take_data(frame, now_s)

    def _take_data(self, frame: MeterFrame, now_s: float) -> None:
        """A part of the value goes to what came before; the last one completes it."""
        assert self._asked is not None
        end = len(frame.data) - 1 if self._following else len(frame.data)
        is_ours = frame.data[:IDENTIFIER_BYTES] == self._asked.to_bytes(IDENTIFIER_BYTES, "little")
        is_next = not self._following or frame.data[end:] == bytes([self._following])
        collected = self._collected + frame.data[IDENTIFIER_BYTES:end]
        value = None if frame.more_follows else decode_value(self._asked, collected, self._formats)
        if not is_ours or not is_next or (value is None and not self._may_follow(frame)):
            self.counts.malformed += 1
            return
        self._answered(frame)
        if value is not None:
            self._latest[self._asked] = (value, now_s)
            self._finish(now_s)
        else:
            self._following, self._collected = self._following + 1, collected
            self._next_s = now_s + _PAUSE_S

    def _may_follow(self, frame: MeterFrame) -> bool:
        return frame.more_follows and self._following < _MOST_FOLLOWING

    def _answered(self, frame: MeterFrame) -> None:
        self._timeouts_in_a_row = 0
        self.counts.rx += 1
        self._meter = self.meter_address = frame.address

    def _finish(self, now_s: float) -> None:
        self._asked, self._following, self._collected = None, 0, b""
        self._next_s = now_s + _PAUSE_S
        if not self._left:
            self._next_s = max(self._next_s, self._round_s + self._period_s)

    def _time_out(self, now_s: float) -> None:
        self.counts.timeouts += 1
        self._timeouts_in_a_row += 1
        self._decoder.reset()
        self._finish(now_s)
        self.wants_reopen = self._timeouts_in_a_row >= _TIMEOUTS_IN_A_ROW
