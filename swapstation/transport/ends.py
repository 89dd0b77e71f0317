"""From the address of a wire to the device's end of it: what the simulator opens for a client to reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from swapstation.errors import InputError
from swapstation.protocol.node import ByteNode, CanNode
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.listener import TcpListener
from swapstation.transport.pty_end import PtyEnd
from swapstation.wire_address import Medium, WireAddress


class End(Protocol):
    """The device's end of a wire: opened when made, served by `run` until cancelled."""

    async def run(self) -> None: ...
    def wake(self) -> None: ...


def can_end(address: WireAddress, node: CanNode) -> CanSegment:
    """A CAN segment (CanBus joins several nodes) offered at an slcan address; raises OSError when it is taken."""
    segment = CanSegment(node)
    if address.medium is Medium.TCP:
        segment.listen(address.host, address.port)
    else:
        segment.open_pty(_pty_path(address))
    return segment


def byte_end(address: WireAddress, new_node: Callable[[], ByteNode]) -> End:
    """A listener with a node for each connection, or a pty with one node; raises OSError when the address is taken."""
    if address.medium is Medium.TCP:
        return TcpListener(address.host, address.port, new_node)
    return PtyEnd(_pty_path(address), new_node())


def _pty_path(address: WireAddress) -> Path:
    if address.medium is not Medium.SERIAL:
        raise InputError("wire", address.interface, "tcp or serial; a CAN card cannot be simulated")
    return Path(address.device)
