"""A CAN segment whose wire to the station can be cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from swapstation.protocol.node import CanNode, Frame


class Severable:
    """A CAN node behind a wire that can be cut: its inner participants go on, nothing passes to or from the outside."""

    def __init__(self, node: CanNode, is_cut: Callable[[], bool]) -> None:
        self.is_cut = is_cut
        self._node = node

    def receive(self, frame: Frame, now_s: float) -> None:
        if not self.is_cut():
            self._node.receive(frame, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        frames = tuple(self._node.due(now_s))
        return () if self.is_cut() else frames

    def next_deadline(self) -> float:
        return self._node.next_deadline()
