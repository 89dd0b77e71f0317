"""A CAN segment that lives in this process and is offered to slcan clients: the simulated side of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from swapstation.protocol.node import CanNode, Frame
from swapstation.protocol.slcan_ends import SlcanAdapter
from swapstation.transport.link import ByteLink
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.transport.timer import DeadlineTimer


class CanSegment:
    """Runs a CAN node (often a CanBus of several) in real time and shares its segment with any number of clients.

    Each client has an adapter of its own; its frames reach the node and every other client. The node keeps running
    when nobody is connected.
    """

    def __init__(self, node: CanNode) -> None:
        self._node = node
        self._listeners: list[TcpListener[SlcanAdapter]] = []
        self._pty_lines: list[tuple[PtyEnd, SlcanAdapter, ByteLink]] = []
        self._news = asyncio.Event()

    def listen(self, host: str, port: int) -> int:
        """Offer the segment on a TCP port (0: the system chooses) and return it; raises OSError when it is taken."""
        listener = TcpListener(host, port, self._new_adapter)
        self._listeners.append(listener)
        return listener.port

    def open_pty(self, path: Path) -> None:
        """Offer the segment on a pty linked at `path`."""
        end, adapter = PtyEnd(path), self._new_adapter()
        self._pty_lines.append((end, adapter, ByteLink(str(path), end.open_wire, adapter)))

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        self._news.set()

    async def run(self) -> None:
        """Serve until cancelled, then close all ends."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for listener in self._listeners:
                    tasks.create_task(listener.run())
                for _, _, line in self._pty_lines:
                    tasks.create_task(line.run())
                tasks.create_task(self._drive_node())
        finally:
            for end, _, _ in self._pty_lines:
                end.close()

    async def _drive_node(self) -> None:
        timer = DeadlineTimer(self._news.set)
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            now_s = loop.time()
            for frame in self._node.due(now_s):
                for adapter in self._adapters():
                    adapter.send(frame, now_s)
            for listener in self._listeners:
                listener.wake()
            for _, _, line in self._pty_lines:
                line.wake()
            timer.set(self._node.next_deadline())
            await self._news.wait()

    def _adapters(self) -> Iterator[SlcanAdapter]:
        for listener in self._listeners:
            yield from listener.nodes
        for _, adapter, _ in self._pty_lines:
            yield adapter

    def _new_adapter(self) -> SlcanAdapter:
        def to_bus(frame: Frame, now_s: float) -> None:
            self._node.receive(frame, now_s)
            for other in self._adapters():
                if other is not adapter:
                    other.send(frame, now_s)
            self._news.set()

        adapter = SlcanAdapter(to_bus)
        return adapter
