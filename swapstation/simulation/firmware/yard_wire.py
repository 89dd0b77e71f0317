"""The wire of a device before the lane, as fault knobs spoil it: silent, or with damaged bytes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from swapstation.protocol.node import ByteNode
from swapstation.simulation.faults import Faults
from swapstation.simulation.firmware.map_panels import Muted

_DAMAGE = 0x15


class Unsound(Muted):
    """A byte node that is deaf and mute while it is silent, and whose bytes are damaged while it sends garbage."""

    def __init__(self, node: ByteNode, faults: Faults, name: str) -> None:
        super().__init__(node, partial(faults.active, "yard_silent", name))
        self._sends_garbage = partial(faults.active, "yard_garbage", name)

    def due(self, now_s: float) -> Iterable[bytes]:
        sent = tuple(super().due(now_s))
        if self._is_silent():
            return ()
        if self._sends_garbage():
            return tuple(bytes(byte ^ _DAMAGE for byte in each) for each in sent)
        return sent
