"""One open wire as a file descriptor: TCP connections, serial lines and pty ends are read and written alike."""

from __future__ import annotations

import asyncio
import os
import socket
import termios
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import serial

_CONNECT_TIMEOUT_S = 3.0
_SEND_BUFFER_BYTES = 32 * 1024
_PEER_SILENT_MS = 5_000


class WireLost(OSError):
    """The other end closed the wire, or took nothing for too long."""


@dataclass(frozen=True, slots=True)
class Wire:
    """An open, non-blocking descriptor and how to close it."""

    descriptor: int
    close: Callable[[], None]

    def read(self, limit: int) -> bytes:
        """Up to `limit` bytes, b"" when none are waiting. Raises OSError when the wire is lost."""
        try:
            data = os.read(self.descriptor, limit)
        except BlockingIOError:
            return b""
        if not data:
            raise WireLost("closed by the other end")
        return data

    def write(self, data: bytes) -> int:
        """How many bytes the system took, 0 when it is full. Raises OSError when the wire is lost."""
        try:
            return os.write(self.descriptor, data)
        except BlockingIOError:
            return 0


WireOpener = Callable[[], Awaitable[Wire]]


def tcp_wire(connection: socket.socket) -> Wire:
    """Take over a connected socket: no delay, little buffered, a silent peer is noticed within seconds."""
    connection.setblocking(False)
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 2),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_SILENT_MS),
    ):
        connection.setsockopt(level, option, value)
    return Wire(connection.fileno(), connection.close)


def tcp_opener(host: str, port: int) -> WireOpener:
    """Connect to HOST:PORT each time it is called; raises OSError when that fails within 3 s."""

    async def connect() -> Wire:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, place = addresses[0]
            connection = socket.socket(family, kind, protocol)
            connection.setblocking(False)
            try:
                await loop.sock_connect(connection, place)
                return tcp_wire(connection)
            except BaseException:  # cancelled or refused: the socket must not be left open
                connection.close()
                raise

    return connect


def serial_opener(device: str, baud: int, parity: str = "N") -> WireOpener:
    """Open a tty exclusively with 8 data bits, 1 stop bit, emptied input; raises OSError when that fails."""

    async def open_port() -> Wire:
        port = serial.Serial(None, baud, parity=_settable_parity(device, parity), timeout=0, exclusive=True)
        port.port = device
        try:
            port.open()
            port.reset_input_buffer()
        except termios.error as error:  # pyserial lets it through, and it is no OSError
            port.close()
            raise WireLost(f"{device}: {error.args[-1]}") from None
        return Wire(port.fileno(), port.close)

    return open_port


def _settable_parity(device: str, parity: str) -> str:
    """A pty has no parity bit; the C library refuses to set one."""
    return "N" if os.path.realpath(device).startswith("/dev/pts/") else parity
