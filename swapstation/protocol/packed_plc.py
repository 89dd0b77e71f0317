"""Either end of a link of packed messages: finds them in a byte stream, hands them over, sends what it is given.

The messages carry neither a length nor a checksum, so the stream is trusted only as long as every message begins where
the one before it ended. After anything else, a message counts again only once the next one begins right behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from swapstation.protocol.node import Malformed, WireCounts
from swapstation.protocol.packed_struct import HEADER_BYTES, MessageLayout, Packed, PackedLayout, PackedValue

SILENCE_S = 3.0
"""A peer without a valid message for this long is left, so that another one may have the wire."""
GARBAGE_BYTES = 256
"""Bytes without a message are counted as one malformed input, and again after every so many."""
_QUEUE = 256


class PackedStream:
    """Bytes of one connection in, messages of one sender out; the same bytes give the same, however they are cut."""

    def __init__(self, layout: PackedLayout, sender: str) -> None:
        self._layout = layout
        self._sender = sender
        self.reset()

    def reset(self) -> None:
        """Begin a new connection: its first byte begins a message."""
        self._data = b""
        self._in_step = True
        self._skipped = 0

    def feed(self, data: bytes) -> list[Packed | Malformed]:
        """What came whole with these bytes, in order."""
        self._data += data
        found: list[Packed | Malformed] = []
        while len(self._data) >= HEADER_BYTES:
            message = self._layout.message_of(self._data[:HEADER_BYTES])
            if message is None:
                found += self._skip()
            elif not self._is_whole(message):
                break
            elif not self._in_step and not self._followed(message):
                found += self._skip()
            else:
                found.append(self._take(message))
        return found

    def _is_whole(self, message: MessageLayout) -> bool:
        return len(self._data) >= message.size + (0 if self._in_step else HEADER_BYTES)

    def _followed(self, message: MessageLayout) -> bool:
        return self._layout.message_of(self._data[message.size : message.size + HEADER_BYTES]) is not None

    def _skip(self) -> Iterable[Malformed]:
        """Leave one byte out; the first of a run is told, and every 256th after it."""
        self._in_step = False
        told = self._skipped % GARBAGE_BYTES == 0
        self._skipped += 1
        garbage, self._data = self._data[:HEADER_BYTES], self._data[1:]
        return (Malformed(self._layout.name, "no message begins here", garbage),) if told else ()

    def _take(self, message: MessageLayout) -> Packed | Malformed:
        self._in_step, self._skipped = True, 0
        body, self._data = self._data[: message.size], self._data[message.size :]
        if message.sender != self._sender:
            return Malformed(message.name, "not for this end", body)
        try:
            return self._layout.decode(message, body)
        except ValueError as error:
            return Malformed(message.name, str(error), body)


class PackedEnd:
    """One end as a byte node: `take` gives the messages that came and when, `put` sends one while the wire is open.

    `connections` counts how often the wire was opened.
    """

    def __init__(self, layout: PackedLayout, peer: str) -> None:
        self.counts = WireCounts()
        self.wants_reopen = False
        self.is_open = False
        self.connections = 0
        self._layout = layout
        self._stream = PackedStream(layout, peer)
        self._received: deque[tuple[Packed, float]] = deque(maxlen=_QUEUE)
        self._outbox: deque[bytes] = deque(maxlen=_QUEUE)
        self._heard_s = 0.0

    def take(self) -> list[tuple[Packed, float]]:
        """Valid messages since the last call with their monotonic seconds; the oldest of a flood are lost."""
        received = list(self._received)
        self._received.clear()
        return received

    def put(self, name: str, values: Mapping[str, PackedValue]) -> None:
        """Send one message; without an open wire it is dropped. Raises InputError when it cannot carry a value."""
        data = self._layout.encode(name, values)
        if self.is_open:
            self._outbox.append(data)

    def opened(self, now_s: float) -> None:
        self._stream.reset()
        self._received.clear()
        self._outbox.clear()
        self._heard_s = now_s
        self.connections += 1
        self.wants_reopen, self.is_open = False, True

    def closed(self, now_s: float) -> None:
        self.is_open = False

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._stream.feed(data):
            if isinstance(item, Malformed):
                self.counts.malformed += 1
            else:
                self.counts.rx += 1
                self._heard_s = now_s
                self._received.append((item, now_s))

    def due(self, now_s: float) -> Iterable[bytes]:
        if self.is_open and now_s - self._heard_s >= SILENCE_S:
            self.counts.timeouts += 1
            self.wants_reopen = True
            return ()
        due = tuple(self._outbox)
        self._outbox.clear()
        self.counts.tx += len(due)
        return due

    def next_deadline(self) -> float:
        return self._heard_s + SILENCE_S if self.is_open else float("inf")
