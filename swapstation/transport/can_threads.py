"""The two threads around one python-can bus: its `recv` and `send` block, the event loop must not."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

import can

_QUEUE_FRAMES = 256
_POLL_S = 0.1
_SEND_TIMEOUT_S = 0.2


class CanThreads:
    """Receives into `received` and sends what `send` is given, until `close` or the first error, told in `error`.

    Both queues are bounded and drop their oldest frame; `on_news` is called from the threads. `dropped` is exact for
    frames to send and may miss one received frame when both threads count at the same instant.
    """

    def __init__(self, bus: can.BusABC, on_news: Callable[[], object]) -> None:
        self.received: deque[can.Message] = deque(maxlen=_QUEUE_FRAMES)
        self.dropped = 0
        self.error: str | None = None
        self._bus = bus
        self._on_news = on_news
        self._closing = threading.Event()
        self._to_send: queue.SimpleQueue[can.Message] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._repeat, args=(step,), daemon=True) for step in (self._receive, self._send)
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: can.Message) -> None:
        """Queue one frame; called from the event loop only."""
        if self._to_send.qsize() >= _QUEUE_FRAMES:
            self._to_send.get()
            self.dropped += 1
        self._to_send.put(message)

    def close(self) -> None:
        """Stop both threads and shut the bus down; blocks up to 0.3 s."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        self._bus.shutdown()

    def _repeat(self, step: Callable[[], None]) -> None:
        try:
            while not self._closing.is_set():
                step()
        except (can.CanError, OSError, ValueError) as error:
            self.error = str(error) or type(error).__name__
            self._closing.set()
            self._on_news()

    def _receive(self) -> None:
        message = self._bus.recv(_POLL_S)
        if message is not None:
            self.dropped += len(self.received) == self.received.maxlen
            self.received.append(message)
            self._on_news()

    def _send(self) -> None:
        try:
            message = self._to_send.get(timeout=_POLL_S)
        except queue.Empty:
            return
        self._bus.send(message, _SEND_TIMEOUT_S)
