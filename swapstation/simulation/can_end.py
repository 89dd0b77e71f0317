"""A simulated CAN segment at its wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from swapstation.errors import InputError
from swapstation.protocol.node import CanNode
from swapstation.transport.can_segment import CanSegment
from swapstation.wire_address import Medium, WireAddress, WireProtocol

LOOK_S = 0.05
SECOND_PTY = ".node"
"""What is added to the path of a pty for a second participant, who on TCP just connects too."""


class CanEnd:
    """Offers one segment at the place its address names; a cut closes every connection and refuses new ones.

    `shared` makes room for a second participant from outside.
    """

    def __init__(self, field: str, node: CanNode, address: WireAddress, shared: bool = False) -> None:
        if address.medium is Medium.HARDWARE:
            raise InputError(
                field, address.interface, "slcan+tcp, slcan+serial or socketcand: a simulator has no CAN card"
            )
        self._node = node
        self._address = address
        self._shared = shared
        self._port = address.port
        self._segment = self._offered()

    @property
    def place(self) -> str:
        """Host and port, or the path, where the segment is offered."""
        return f"{self._address.host}:{self._port}" if self._address.medium is Medium.TCP else self._address.device

    async def run(self, is_cut: Callable[[], bool]) -> None:
        """Serve until cancelled."""
        while True:
            await self._serve(self._segment, lambda: not is_cut())
            await self._serve(CanSegment(self._node), is_cut)
            self._segment = self._offered()

    async def _serve(self, segment: CanSegment, while_: Callable[[], bool]) -> None:
        serving = asyncio.create_task(segment.run())
        try:
            while while_():
                await asyncio.wait({serving}, timeout=LOOK_S)
                if serving.done():
                    serving.result()
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving

    def _offered(self) -> CanSegment:
        segment = CanSegment(self._node)
        if self._address.protocol is WireProtocol.SOCKETCAND:
            self._port = segment.listen_socketcand(self._address.host, self._port, self._address.channel)
        elif self._address.medium is Medium.TCP:
            self._port = segment.listen(self._address.host, self._port)
        else:
            segment.open_pty(Path(self._address.device))
            if self._shared:
                segment.open_pty(Path(self._address.device + SECOND_PTY))
        return segment
