"""From the address of a wire to a link: the client ends, one function per kind of node."""

from __future__ import annotations

from swapstation.protocol.node import ByteNode, CanNode
from swapstation.protocol.slcan_ends import FrameTap, SlcanClient
from swapstation.transport.hardware_can import HardwareCanLink
from swapstation.transport.link import ByteLink, Link
from swapstation.transport.wire import WireOpener, serial_opener, tcp_opener
from swapstation.wire_address import Medium, WireAddress


def can_link(name: str, address: WireAddress, node: CanNode, tap: FrameTap | None = None) -> Link:
    """A link of one CAN segment (CanBus joins several nodes); `tap` is told of every frame, for example a recorder."""
    if address.medium is Medium.HARDWARE:
        return HardwareCanLink(name, node, address.interface, address.channel, address.bitrate, tap)
    return byte_link(name, address, SlcanClient(node, address.bitrate, tap))


def byte_link(name: str, address: WireAddress, node: ByteNode) -> Link:
    """A link of one byte stream: slcan, Modbus or DL/T 645, over TCP or a serial line."""
    return ByteLink(name, _opener(address), node)


def _opener(address: WireAddress) -> WireOpener:
    if address.medium is Medium.TCP:
        return tcp_opener(address.host, address.port)
    return serial_opener(address.device, address.baud, address.parity)
