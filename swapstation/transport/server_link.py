"""A port that many devices connect to, each served by a node of its own: one link of the station in all counts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from swapstation.model.device import LinkStatus
from swapstation.protocol.node import ByteServer
from swapstation.transport.link import BackOff
from swapstation.transport.rates import Traffic
from swapstation.transport.session import ByteTap, WireSession
from swapstation.transport.wire import tcp_wire
from swapstation.wire_address import WireAddress

_MOST_PEERS = 64
_ACCEPT_AGAIN_S = 0.2


class ServerLink:
    """Listens at an address for ever; turns away who is not of its network, and everybody beyond 64 connections.

    `port` is where it listens (the system chooses for port 0), None before. Connected means that any peer is. `new_tap`
    makes the tap of a peer, named HOST:PORT, for example a recorder's.
    """

    def __init__(
        self, name: str, address: WireAddress, server: ByteServer, new_tap: Callable[[str], ByteTap] | None = None
    ) -> None:
        self.port: int | None = None
        self._name = name
        self._address = address
        self._server = server
        self._new_tap = new_tap
        self._traffic = Traffic()
        self._sessions: set[WireSession] = set()
        self._lost = 0
        self._dropped = 0
        self._last_error: str | None = None

    async def run(self) -> None:
        """Listen and serve until cancelled; an error of a node itself is raised."""
        back_off = BackOff()
        while True:
            try:
                listening = socket.create_server((self._address.host, self._address.port), backlog=_MOST_PEERS)
            except OSError as error:  # the port is taken, or the address is not ours yet
                self._last_error = error.strerror or str(error)
                await back_off.wait()
            else:
                with listening:
                    await self._accept(listening)

    def wake(self) -> None:
        """Let what the nodes have new leave at once."""
        for session in tuple(self._sessions):
            session.wake()

    @property
    def status(self) -> LinkStatus:
        counts, now_s = self._server.counts, asyncio.get_running_loop().time()
        return LinkStatus(
            name=self._name,
            connected=bool(self._sessions),
            rx=counts.rx,
            tx=counts.tx,
            malformed=counts.malformed,
            dropped=self._dropped + sum(session.dropped for session in self._sessions),
            reconnects=self._lost,
            timeouts=counts.timeouts,
            requests=counts.requests,
            last_error=self._last_error,
            malformed_per_s=self._traffic.malformed.per_s(now_s),
            unread_bytes_per_s=self._traffic.unread.per_s(now_s),
            bytes_per_s=self._traffic.bytes.per_s(now_s),
        )

    async def _accept(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        network = ip_network(self._address.peer)
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as peers:
            while True:
                try:
                    connection, (host, port, *_) = await loop.sock_accept(listening)
                except OSError as error:  # out of descriptors: those in use may be given back
                    self._last_error = error.strerror or str(error)
                    await asyncio.sleep(_ACCEPT_AGAIN_S)
                    continue
                if ip_address(host) not in network:
                    self._turn_away(connection, f"{host} may not connect")
                elif len(self._sessions) >= _MOST_PEERS:
                    self._turn_away(connection, f"more than {_MOST_PEERS} connections")
                else:
                    peers.create_task(self._serve(connection, f"{host}:{port}"))

    def _turn_away(self, connection: socket.socket, why: str) -> None:
        connection.close()
        self._last_error = why

    async def _serve(self, connection: socket.socket, peer: str) -> None:
        try:
            wire = tcp_wire(connection)
        except OSError:  # the device is gone already
            connection.close()
            return
        tap = self._new_tap(peer) if self._new_tap else None
        session = WireSession(wire, self._server.connection(), self._traffic, tap)
        self._sessions.add(session)
        try:
            self._last_error = f"{peer}: {await session.run()}"
        finally:
            self._sessions.discard(session)
            self._lost += 1
            self._dropped += session.dropped
