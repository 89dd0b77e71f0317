"""The wire of a device before the lane, as fault knobs spoil it: silent, or with damaged bytes."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.protocol.node import ByteNode, WireCounts
from swapstation.simulation.faults import Faults

_DAMAGE = 0x15


class Unsound:
    """A byte node that is deaf and mute while it is silent, and whose bytes are damaged while it sends garbage."""

    def __init__(self, node: ByteNode, faults: Faults, name: str) -> None:
        self._node = node
        self._faults = faults
        self._name = name

    @property
    def counts(self) -> WireCounts:
        return self._node.counts

    @property
    def wants_reopen(self) -> bool:
        return self._node.wants_reopen

    def opened(self, now_s: float) -> None:
        self._node.opened(now_s)

    def closed(self, now_s: float) -> None:
        self._node.closed(now_s)

    def receive(self, data: bytes, now_s: float) -> None:
        if not self._faults.active("yard_silent", self._name):
            self._node.receive(data, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        sent = tuple(self._node.due(now_s))
        if self._faults.active("yard_silent", self._name):
            return ()
        if self._faults.active("yard_garbage", self._name):
            return tuple(bytes(byte ^ _DAMAGE for byte in each) for each in sent)
        return sent

    def next_deadline(self) -> float:
        return self._node.next_deadline()
