"""A CAN segment that lives in this process and is offered to slcan and socketcand clients: the simulated side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from swapstation.protocol.node import CanNode, Frame
from swapstation.protocol.slcan_ends import SlcanAdapter
from swapstation.protocol.socketcand_ends import SocketcandServer
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.transport.read_budget import SLCAN_BYTES_PER_BIT, SOCKETCAND_BYTES_PER_BIT
from swapstation.transport.timer import DeadlineTimer

_FASTEST_BITRATE = 1_000_000

Adapter = SlcanAdapter | SocketcandServer
AdapterT = TypeVar("AdapterT", SlcanAdapter, SocketcandServer)


class CanSegment:
    """Runs a CAN node (often a CanBus of several) in real time and shares its segment with any number of clients.

    Each client has an adapter of its own; its frames reach the node and every other client. The node keeps running
    when nobody is connected.
    """

    def __init__(self, node: CanNode) -> None:
        self._node = node
        self._listeners: list[TcpListener[SlcanAdapter] | TcpListener[SocketcandServer]] = []
        self._ptys: list[tuple[PtyEnd, SlcanAdapter]] = []
        self._news = asyncio.Event()

    def listen(self, host: str, port: int) -> int:
        """Offer the segment to slcan clients on a TCP port (0: the system chooses), return it; OSError when taken."""
        make = partial(self._joined, SlcanAdapter)
        return self._offer(TcpListener(host, port, make, _FASTEST_BITRATE * SLCAN_BYTES_PER_BIT))

    def listen_socketcand(self, host: str, port: int, channel: str) -> int:
        """Offer the segment to socketcand clients as `channel`; else like `listen`."""
        make = partial(self._joined, partial(SocketcandServer, channel=channel))
        return self._offer(TcpListener(host, port, make, _FASTEST_BITRATE * SOCKETCAND_BYTES_PER_BIT))

    def open_pty(self, path: Path) -> None:
        """Offer the segment on a pty linked at `path`."""
        adapter = self._joined(SlcanAdapter)
        self._ptys.append((PtyEnd(path, adapter), adapter))

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        self._news.set()

    async def run(self) -> None:
        """Serve until cancelled, then close all ends."""
        async with asyncio.TaskGroup() as tasks:
            for end in self._ends():
                tasks.create_task(end.run())
            tasks.create_task(self._drive_node())

    async def _drive_node(self) -> None:
        timer = DeadlineTimer(self._news.set)
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            now_s = loop.time()
            for frame in self._node.due(now_s):
                for adapter in self._adapters():
                    adapter.send(frame, now_s)
            for end in self._ends():
                end.wake()
            timer.set(self._node.next_deadline())
            await self._news.wait()

    def _offer(self, listener: TcpListener[SlcanAdapter] | TcpListener[SocketcandServer]) -> int:
        self._listeners.append(listener)
        return listener.port

    def _adapters(self) -> Iterator[Adapter]:
        for listener in self._listeners:
            yield from listener.nodes
        for _, adapter in self._ptys:
            yield adapter

    def _ends(self) -> Iterator[TcpListener[SlcanAdapter] | TcpListener[SocketcandServer] | PtyEnd]:
        yield from self._listeners
        for end, _ in self._ptys:
            yield end

    def _joined(self, make: Callable[[Callable[[Frame, float], None]], AdapterT]) -> AdapterT:
        """An adapter whose frames reach the node and every other client."""

        def to_bus(frame: Frame, now_s: float) -> None:
            self._node.receive(frame, now_s)
            for other in self._adapters():
                if other is not adapter:
                    other.send(frame, now_s)
            self._news.set()

        adapter: AdapterT = make(to_bus)
        return adapter
