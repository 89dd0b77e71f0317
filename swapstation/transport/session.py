"""The life of one open wire: runs a byte node in the event loop until the wire is lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from swapstation.protocol.node import ByteNode
from swapstation.transport.rates import Traffic
from swapstation.transport.read_budget import BYTE_WIRE_BYTES_PER_S, ReadBudget
from swapstation.transport.timer import DeadlineTimer
from swapstation.transport.wire import Wire, WireLost

_READ_BYTES = 1024
_QUEUE_ITEMS = 256
_WRITE_TIMEOUT_S = 2.0
_DEAF_S = 0.1
_DISCARD_BYTES = 65_536
_MOST_DISCARDS = 16

ByteTap = Callable[[bytes, bool], None]
"""Told of the bytes of a wire; the second argument is True for bytes we sent."""


class WireSession:
    """Drives one node on one open wire: receive, due, sleep till the next deadline.

    One turn of the loop reads at most 1 KiB, so that a babbling peer cannot delay other wires. A wire that brings more
    than its budget is not listened to for 0.1 s; what came meanwhile is thrown away unread, because old bytes handled
    late would pass for new ones, and the node begins anew as after a reconnect. Items leave together in one write; what
    comes while the wire takes none waits in a bounded queue, the oldest is dropped. `dropped` counts such items and the
    reads thrown away.
    """

    def __init__(
        self,
        wire: Wire,
        node: ByteNode,
        traffic: Traffic | None = None,
        tap: ByteTap | None = None,
        bytes_per_s: float = BYTE_WIRE_BYTES_PER_S,
    ) -> None:
        self.dropped = 0
        self._wire = wire
        self._node = node
        self._traffic = traffic or Traffic()
        self._tap = tap
        self._loop = asyncio.get_running_loop()
        self._budget = ReadBudget(bytes_per_s, self._loop.time())
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._queue: deque[bytes] = deque()
        self._writing = b""
        self._blocked_since_s: float | None = None
        self._watching_writable = False
        self._timer = DeadlineTimer(self.wake)
        self._listening_again: asyncio.TimerHandle | None = None

    async def run(self) -> str:
        """Serve until the wire is lost and say why; an error of the node itself is raised."""
        try:
            self._node.opened(self._loop.time())
            self._listen()
            self.wake()
            return await self._ended
        finally:
            self._loop.remove_reader(self._wire.descriptor)
            self._loop.remove_writer(self._wire.descriptor)
            self._timer.cancel()
            if self._listening_again:
                self._listening_again.cancel()
            self._ended.cancel()
            self._wire.close()
            self._node.closed(self._loop.time())

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        self._turn(_nothing)

    def _listen(self) -> None:
        self._loop.add_reader(self._wire.descriptor, self._turn, self._read)

    def _turn(self, read: Callable[[float], None]) -> None:
        if self._ended.done():
            return
        now_s = self._loop.time()
        try:
            read(now_s)
            for item in self._node.due(now_s):
                self._enqueue(item)
            self._write(now_s)
        except OSError as error:
            self._end(error.strerror or str(error))
        except Exception as bug:  # a callback has no caller to raise to: hand it to whoever awaits run()
            if not self._ended.done():
                self._ended.set_exception(bug)
        else:
            if self._node.wants_reopen:
                self._end("reopened by the protocol")
            else:
                self._timer.set(self._deadline_s())

    def _end(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)

    def _read(self, now_s: float) -> None:
        data = self._wire.read(_READ_BYTES)
        if not data:
            return
        self._traffic.bytes.add(len(data), now_s)
        if not self._budget.take(len(data), now_s):
            self._throw_away(data, now_s)
            self._turn_deaf(now_s)
            return
        if self._tap:
            self._tap(data, False)
        malformed = self._node.counts.malformed
        self._node.receive(data, now_s)
        if self._node.counts.malformed != malformed:
            self._traffic.malformed.add(self._node.counts.malformed - malformed, now_s)

    def _turn_deaf(self, now_s: float) -> None:
        self._loop.remove_reader(self._wire.descriptor)
        self._listening_again = self._loop.call_at(now_s + _DEAF_S, self._turn, self._discard)
        self._node.closed(now_s)
        self._node.opened(now_s)

    def _discard(self, now_s: float) -> None:
        for _ in range(_MOST_DISCARDS):
            data = self._wire.read(_DISCARD_BYTES)
            if not data:
                break
            self._traffic.bytes.add(len(data), now_s)
            self._throw_away(data, now_s)
        self._listen()

    def _throw_away(self, data: bytes, now_s: float) -> None:
        self.dropped += 1
        self._traffic.unread.add(len(data), now_s)

    def _enqueue(self, item: bytes) -> None:
        if len(self._queue) >= _QUEUE_ITEMS:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(item)

    def _write(self, now_s: float) -> None:
        while self._writing or self._queue:
            if not self._writing:
                self._writing = b"".join(self._queue)
                self._queue.clear()
                if self._tap:
                    self._tap(self._writing, True)
            taken = self._wire.write(self._writing)
            if not taken:
                self._wait_until_writable(now_s)
                return
            self._traffic.bytes.add(taken, now_s)
            self._writing = self._writing[taken:]
            self._blocked_since_s = None
        if self._watching_writable:
            self._watching_writable = False
            self._loop.remove_writer(self._wire.descriptor)

    def _wait_until_writable(self, now_s: float) -> None:
        if self._blocked_since_s is None:
            self._blocked_since_s = now_s
        elif now_s - self._blocked_since_s >= _WRITE_TIMEOUT_S:
            raise WireLost("write timed out")
        if not self._watching_writable:
            self._watching_writable = True
            self._loop.add_writer(self._wire.descriptor, self._turn, _nothing)

    def _deadline_s(self) -> float:
        if self._blocked_since_s is None:
            return self._node.next_deadline()
        return min(self._node.next_deadline(), self._blocked_since_s + _WRITE_TIMEOUT_S)


def _nothing(now_s: float) -> None:
    """Read nothing: the turn is about what must leave."""
