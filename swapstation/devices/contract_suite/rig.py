"""An adapter on a wire in memory: the transport and the scan cycle around it, in virtual time."""

from __future__ import annotations

from typing import Any

from swapstation.devices.adapter import Adapter, Update
from swapstation.devices.contract_suite.exchange import Item, Peer
from swapstation.protocol.node import ByteServer

CYCLE_S = 0.1
_STEP_S = 0.01
_STEPS_PER_CYCLE = round(CYCLE_S / _STEP_S)


class Rig:
    """Runs one adapter against a peer; `seen` are its updates of every cycle, `sent` is what left."""

    def __init__(self, adapter: Adapter, peer: Peer) -> None:
        self.adapter = adapter
        self.peer = peer
        self.node = self._connected()
        self.is_bytes = hasattr(self.node, "opened")
        self.now_s = 0.0
        self.seen: list[tuple[float, Update]] = []
        self.sent: list[Item] = []
        self._steps = 0
        self.open()

    def open(self) -> None:
        if self.is_bytes:
            self.node = self._connected()
            self.node.opened(self.now_s)

    def close(self) -> None:
        if self.is_bytes:
            self.node.closed(self.now_s)

    def run(self, duration_s: float) -> None:
        for _ in range(round(duration_s / _STEP_S)):
            self._steps += 1
            self.now_s = round(self._steps * _STEP_S, 3)
            self._send()
            for item in self.peer.say(self.now_s):
                self.node.receive(item, self.now_s)
                self._send()
            if self.is_bytes and self.node.wants_reopen:
                self.close()
                self.open()
            if self._steps % _STEPS_PER_CYCLE == 0:
                self._cycle()

    def updates(self) -> list[Update]:
        return list(self.adapter.updates(self.now_s))

    def _connected(self) -> Any:
        """The node of the wire; a server that devices connect to has a new one for each connection."""
        node = self.adapter.node
        return node.connection() if isinstance(node, ByteServer) else node

    def _send(self) -> None:
        for item in self.node.due(self.now_s):
            self.sent.append(item)
            self.peer.hear(item, self.now_s)

    def _cycle(self) -> None:
        self.seen += [(self.now_s, update) for update in self.adapter.updates(self.now_s)]
        self.adapter.cycle(self.now_s)
