"""The station's devices seen from the other side: a TCP port that serves every client with a node of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from swapstation.protocol.node import ByteNode
from swapstation.transport.read_budget import BYTE_WIRE_BYTES_PER_S
from swapstation.transport.session import WireSession
from swapstation.transport.wire import tcp_wire

_MOST_CLIENTS = 16


NodeT = TypeVar("NodeT", bound=ByteNode)


class TcpListener(Generic[NodeT]):
    """Listens on HOST:PORT (port 0: the system chooses, see `port`); raises OSError when the port is taken."""

    def __init__(
        self, host: str, port: int, new_node: Callable[[], NodeT], bytes_per_s: float = BYTE_WIRE_BYTES_PER_S
    ) -> None:
        self._new_node = new_node
        self._bytes_per_s = bytes_per_s
        self._socket = socket.create_server((host, port), backlog=_MOST_CLIENTS)
        self._socket.setblocking(False)
        self._sessions: dict[WireSession, NodeT] = {}

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def nodes(self) -> Iterable[NodeT]:
        """The nodes of the clients connected now."""
        return self._sessions.values()

    async def run(self) -> None:
        """Serve until cancelled, then close everything; clients beyond 16 are turned away."""
        loop = asyncio.get_running_loop()
        with self._socket:
            async with asyncio.TaskGroup() as clients:
                while True:
                    connection, _ = await loop.sock_accept(self._socket)
                    if len(self._sessions) >= _MOST_CLIENTS:
                        connection.close()
                    else:
                        clients.create_task(self._serve(connection))

    def wake(self) -> None:
        """Let what the nodes have new leave at once."""
        for session in tuple(self._sessions):
            session.wake()

    async def _serve(self, connection: socket.socket) -> None:
        try:
            wire = tcp_wire(connection)
        except OSError:  # the client is gone already
            connection.close()
            return
        node = self._new_node()
        session = WireSession(wire, node, bytes_per_s=self._bytes_per_s)
        self._sessions[session] = node
        try:
            await session.run()
        finally:
            del self._sessions[session]
