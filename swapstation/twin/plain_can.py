"""The station CAN segment at message level: messages go from node to node as they are, never packed into bytes."""

from __future__ import annotations

from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import Received, StationMessage


class PlainFrame(Frame, frozen=True):
    """A message on its way. It has no bytes; `node` is the bay it belongs to, 0 for none."""

    message: StationMessage | None = None
    node: int = 0


class PlainCan:
    """Stands where `StationCan` packs and reads frames."""

    def encode(self, message: StationMessage, node: int = 0) -> Frame:
        return PlainFrame(0, b"", True, message, node)

    def decode(self, frame: Frame) -> Received | Malformed | None:
        if not isinstance(frame, PlainFrame) or frame.message is None:
            return None
        return Received(frame.node, frame.message)
