"""A CAN bus in memory: what one participant sends, all others receive. Itself a CanNode, seen from the wire outside."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from swapstation.protocol.node import CanNode, Frame


class CanBus:
    """Several CAN nodes on one segment: their frames leave through `due`, frames from outside reach all of them."""

    def __init__(self, nodes: Iterable[CanNode]) -> None:
        self._nodes = tuple(nodes)

    def receive(self, frame: Frame, now_s: float) -> None:
        for node in self._nodes:
            node.receive(frame, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        for sender in self._nodes:
            for frame in sender.due(now_s):
                for other in self._nodes:
                    if other is not sender:
                        other.receive(frame, now_s)
                yield frame

    def next_deadline(self) -> float:
        return min((node.next_deadline() for node in self._nodes), default=inf)
