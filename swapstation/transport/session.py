"""The life of one open wire: runs a byte node in the event loop until the wire is lost."""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf

from swapstation.protocol.node import ByteNode
from swapstation.transport.timer import DeadlineTimer
from swapstation.transport.wire import Wire, WireLost

_READ_BYTES = 4096
_QUEUE_ITEMS = 256
_WRITE_TIMEOUT_S = 2.0


class WireSession:
    """Drives one node on one open wire: receive, due, sleep till the next deadline.

    One turn of the loop reads at most 4 KiB, so that a babbling peer cannot starve other wires. Items the wire does not
    take wait in a bounded queue; the oldest is dropped and counted in `dropped`.
    """

    def __init__(self, wire: Wire, node: ByteNode) -> None:
        self.dropped = 0
        self._wire = wire
        self._node = node
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._queue: deque[bytes] = deque()
        self._writing = b""
        self._blocked_since_s: float | None = None
        self._watching_writable = False
        self._timer = DeadlineTimer(self.wake)

    async def run(self) -> str:
        """Serve until the wire is lost and say why; an error of the node itself is raised."""
        try:
            self._node.opened(self._loop.time())
            self._loop.add_reader(self._wire.descriptor, self._turn, True)
            self.wake()
            return await self._ended
        finally:
            self._loop.remove_reader(self._wire.descriptor)
            self._loop.remove_writer(self._wire.descriptor)
            self._timer.cancel()
            self._ended.cancel()
            self._wire.close()
            self._node.closed(self._loop.time())

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        self._turn(False)

    def _turn(self, readable: bool) -> None:
        if self._ended.done():
            return
        now_s = self._loop.time()
        try:
            if readable and (data := self._wire.read(_READ_BYTES)):
                self._node.receive(data, now_s)
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

    def _enqueue(self, item: bytes) -> None:
        if len(self._queue) >= _QUEUE_ITEMS:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(item)

    def _write(self, now_s: float) -> None:
        while self._writing or self._queue:
            if not self._writing:
                self._writing = self._queue.popleft()
            taken = self._wire.write(self._writing)
            if not taken:
                self._wait_until_writable(now_s)
                return
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
            self._loop.add_writer(self._wire.descriptor, self._turn, False)

    def _deadline_s(self) -> float:
        write_deadline_s = inf if self._blocked_since_s is None else self._blocked_since_s + _WRITE_TIMEOUT_S
        return min(self._node.next_deadline(), write_deadline_s)
