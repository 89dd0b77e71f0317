"""A wire that comes to us: listens where the device connects, one device at a time, and runs the node on it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import replace

from swapstation.model.device import LinkStatus
from swapstation.protocol.node import ByteNode
from swapstation.transport.link import BackOff, ByteLink
from swapstation.transport.session import ByteTap
from swapstation.transport.wire import Wire, tcp_wire
from swapstation.wire_address import WireAddress

_SILENCE_S = 1.0
"""A device that says nothing valid for this long while another connection waits gives way to it."""
_BACKLOG = 4


class ListeningLink:
    """One byte node on the connection of the device at `peer`; anybody else is turned away.

    While one connection lives a second one is closed. One that died without a word, or speaks nonsense, is replaced.
    `port` is where it listens (the system chooses for port 0), None before.
    """

    def __init__(
        self, name: str, address: WireAddress, node: ByteNode, tap: ByteTap | None = None, silence_s: float = _SILENCE_S
    ) -> None:
        self.port: int | None = None
        self._address = address
        self._node = node
        self._silence_s = silence_s
        self._accepted: asyncio.Queue[socket.socket] = asyncio.Queue(1)
        self._present: socket.socket | None = None
        self._refusal: str | None = None
        self._link = ByteLink(name, self._next_wire, node, tap)

    async def run(self) -> None:
        """Listen and serve until cancelled; an error of the node itself is raised."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run())
            tasks.create_task(self._listen())

    def wake(self) -> None:
        """Let what the node has new leave at once instead of at its next deadline."""
        self._link.wake()

    @property
    def status(self) -> LinkStatus:
        status = self._link.status
        return replace(status, last_error=self._refusal or status.last_error)

    async def _next_wire(self) -> Wire:
        self._present = await self._accepted.get()
        try:
            return tcp_wire(self._present)
        except OSError:  # the device is gone already
            self._present.close()
            raise

    async def _listen(self) -> None:
        back_off = BackOff()
        while True:
            try:
                with socket.create_server((self._address.host, self._address.port), backlog=_BACKLOG) as server:
                    self._refusal = None
                    await self._accept(server)
            except OSError as error:  # the port is taken, or the system has no more descriptors
                self._refusal = error.strerror or str(error)
                await back_off.wait()

    async def _accept(self, server: socket.socket) -> None:
        server.setblocking(False)
        self.port = server.getsockname()[1]
        loop = asyncio.get_running_loop()
        try:
            while True:
                connection, (host, *_) = await loop.sock_accept(server)
                if host != self._address.peer:
                    self._turn_away(connection, f"{host} may not connect")
                elif self._link.status.connected and await self._speaks():
                    self._turn_away(connection, f"second connection of {host}")
                else:
                    self._admit(connection)
        finally:
            while not self._accepted.empty():
                self._accepted.get_nowait().close()

    async def _speaks(self) -> bool:
        """Whether the connected device says anything valid while another one waits."""
        before = self._node.counts.rx
        await asyncio.sleep(self._silence_s)
        return self._link.status.connected and self._node.counts.rx != before

    def _admit(self, connection: socket.socket) -> None:
        """Let a connection be the next, in place of one that is silent and of one that still waits."""
        self._refusal = None
        if self._link.status.connected and self._present is not None:
            with contextlib.suppress(OSError):  # it has gone by itself meanwhile
                self._present.shutdown(socket.SHUT_RDWR)
        while not self._accepted.empty():
            self._accepted.get_nowait().close()
        self._accepted.put_nowait(connection)

    def _turn_away(self, connection: socket.socket, why: str) -> None:
        connection.close()
        self._refusal = why
