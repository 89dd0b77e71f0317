"""The byte node of a device that speaks lines: what both ends share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from swapstation.protocol.node import Malformed, WireCounts
from swapstation.protocol.yard_lines import LineReader, encode_line

Taken = Callable[[tuple[str, ...], float], str]
"""Takes a line; what was wrong with it, empty: nothing."""


class LineNode:
    """One end of a wire of lines: hands whole lines on, sends what was put; nothing put while it was closed leaves."""

    wants_reopen = False

    def __init__(self, take: Taken) -> None:
        self.counts = WireCounts()
        self.connected = False
        self._take = take
        self._reader = LineReader()
        self._out: list[bytes] = []

    def put(self, kind: str, *fields: str) -> None:
        """A line to leave at the next `due`."""
        if self.connected:
            self._out.append(encode_line(kind, *fields))

    def opened(self, now_s: float) -> None:
        self.connected = True

    def closed(self, now_s: float) -> None:
        self.connected = False
        self._reader.clear()
        self._out.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        for line in self._reader.feed(data):
            if isinstance(line, Malformed) or self._take(line, now_s):
                self.counts.malformed += 1
            else:
                self.counts.rx += 1

    def due(self, now_s: float) -> Iterable[bytes]:
        out, self._out = self._out, []
        self.counts.tx += len(out)
        return out

    def next_deadline(self) -> float:
        return -inf if self._out else inf
