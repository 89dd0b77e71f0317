"""A wire that comes back: opens it, runs its node, counts, and opens it again after a loss."""

from __future__ import annotations

import asyncio
from typing import Protocol

from swapstation.model.device import LinkStatus
from swapstation.protocol.node import ByteNode
from swapstation.transport.bus_load import BusLoad
from swapstation.transport.rates import Traffic
from swapstation.transport.read_budget import BYTE_WIRE_BYTES_PER_S
from swapstation.transport.session import ByteTap, WireSession
from swapstation.transport.wire import WireOpener

_FIRST_BACK_OFF_S = 0.2
_LONGEST_BACK_OFF_S = 5.0


class Link(Protocol):
    """What the owner of a wire sees of it."""

    async def run(self) -> None: ...
    def wake(self) -> None: ...
    @property
    def status(self) -> LinkStatus: ...


class BackOff:
    """Waiting times between attempts: 0.2 s, doubling up to 5 s, short again after a success."""

    def __init__(self) -> None:
        self._next_s = _FIRST_BACK_OFF_S

    def reset(self) -> None:
        self._next_s = _FIRST_BACK_OFF_S

    async def wait(self) -> None:
        delay_s, self._next_s = self._next_s, min(self._next_s * 2, _LONGEST_BACK_OFF_S)
        await asyncio.sleep(delay_s)


class ByteLink:
    """One byte node on one wire, reopened for ever until `run` is cancelled.

    `tap` is told of every byte, `bus_load` is the load of the CAN segment behind the wire, if there is one.
    """

    def __init__(
        self,
        name: str,
        open_wire: WireOpener,
        node: ByteNode,
        tap: ByteTap | None = None,
        bus_load: BusLoad | None = None,
        bytes_per_s: float = BYTE_WIRE_BYTES_PER_S,
    ) -> None:
        self._name = name
        self._open_wire = open_wire
        self._node = node
        self._tap = tap
        self._bus_load = bus_load
        self._bytes_per_s = bytes_per_s
        self._traffic = Traffic()
        self._session: WireSession | None = None
        self._opened = 0
        self._dropped = 0
        self._last_error: str | None = None

    async def run(self) -> None:
        """Keep the wire open until cancelled; an error of the node itself is raised."""
        back_off = BackOff()
        while True:
            try:
                wire = await self._open_wire()
            except OSError as error:
                self._last_error = str(error) or type(error).__name__
            else:
                back_off.reset()
                self._opened += 1
                self._session = WireSession(wire, self._node, self._traffic, self._tap, self._bytes_per_s)
                try:
                    self._last_error = await self._session.run()
                finally:
                    self._dropped += self._session.dropped
                    self._session = None
            await back_off.wait()

    def wake(self) -> None:
        """Let what the node has new leave at once instead of at its next deadline."""
        if self._session:
            self._session.wake()

    @property
    def status(self) -> LinkStatus:
        counts, now_s = self._node.counts, asyncio.get_running_loop().time()
        return LinkStatus(
            name=self._name,
            connected=self._session is not None,
            rx=counts.rx,
            tx=counts.tx,
            malformed=counts.malformed,
            dropped=self._dropped + (self._session.dropped if self._session else 0),
            reconnects=max(0, self._opened - 1),
            timeouts=counts.timeouts,
            requests=counts.requests,
            last_error=self._last_error,
            malformed_per_s=self._traffic.malformed.per_s(now_s),
            unread_bytes_per_s=self._traffic.unread.per_s(now_s),
            bus_load_pct=self._bus_load.pct if self._bus_load else None,
            bytes_per_s=self._traffic.bytes.per_s(now_s),
        )
