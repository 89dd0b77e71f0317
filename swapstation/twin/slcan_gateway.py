"""A CAN segment behind an slcan adapter, as the device's end of a byte stream."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.protocol.node import CanNode
from swapstation.protocol.slcan_ends import SlcanAdapter


class SlcanGateway:
    """A byte node for one client; the segment goes on whether the client has opened the adapter or not."""

    wants_reopen = False

    def __init__(self, segment: CanNode) -> None:
        self._segment = segment
        self._adapter = SlcanAdapter(segment.receive)
        self.counts = self._adapter.counts

    def opened(self, now_s: float) -> None:
        self._adapter.opened(now_s)

    def closed(self, now_s: float) -> None:
        self._adapter.closed(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        self._adapter.receive(data, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        for frame in self._segment.due(now_s):
            self._adapter.send(frame, now_s)
        return self._adapter.due(now_s)

    def next_deadline(self) -> float:
        return self._segment.next_deadline()
