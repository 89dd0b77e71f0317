"""Frames of an adapter that wait for their CAN segment, none of them for long."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import inf

from swapstation.protocol.node import Frame

FRESH_S = 0.25
"""What could not leave within this time is dropped: a wire that comes back must not bring back an old order."""


class CanOutbox:
    """Frames in their order; `due` and `next_deadline` as a CanNode has them."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Frame]] = deque()

    def put(self, frame: Frame, now_s: float) -> None:
        while self._waiting and now_s - self._waiting[0][0] > FRESH_S:
            self._waiting.popleft()
        self._waiting.append((now_s, frame))

    def due(self, now_s: float) -> Iterator[Frame]:
        while self._waiting:
            put_s, frame = self._waiting.popleft()
            if now_s - put_s <= FRESH_S:
                yield frame

    def next_deadline(self) -> float:
        return -inf if self._waiting else inf
