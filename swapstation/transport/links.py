"""From the address of a wire to a link: the client ends, one function per kind of node."""

from __future__ import annotations

from swapstation.protocol.node import ByteNode, CanNode, Frame
from swapstation.protocol.slcan_ends import FrameTap, SlcanClient
from swapstation.protocol.socketcand_ends import SocketcandClient
from swapstation.transport.bus_load import BusLoad
from swapstation.transport.hardware_can import HardwareCanLink
from swapstation.transport.link import ByteLink, Link
from swapstation.transport.listening_link import ListeningLink
from swapstation.transport.read_budget import SLCAN_BYTES_PER_BIT, SOCKETCAND_BYTES_PER_BIT
from swapstation.transport.session import ByteTap
from swapstation.transport.wire import WireOpener, serial_opener, tcp_opener
from swapstation.wire_address import Medium, WireAddress, WireProtocol


def can_link(name: str, address: WireAddress, node: CanNode, tap: FrameTap | None = None) -> Link:
    """A link of one CAN segment (CanBus joins several nodes); `tap` is told of every frame, for example a recorder."""
    if address.medium is Medium.HARDWARE:
        return HardwareCanLink(name, node, address.interface, address.channel, address.bitrate, tap)
    load = BusLoad(address.bitrate)
    client: ByteNode = SlcanClient(node, address.bitrate, _both(load, tap), bool(address.listen))
    bytes_per_bit = SLCAN_BYTES_PER_BIT
    if address.protocol is WireProtocol.SOCKETCAND:
        client = SocketcandClient(node, address.channel, _both(load, tap))
        bytes_per_bit = SOCKETCAND_BYTES_PER_BIT
    return ByteLink(name, _opener(address), client, bus_load=load, bytes_per_s=address.bitrate * bytes_per_bit)


def byte_link(name: str, address: WireAddress, node: ByteNode, tap: ByteTap | None = None) -> Link:
    """A link of one byte stream over TCP, either end connecting, or a serial line; `tap` is told of every byte."""
    if address.medium is Medium.TCP_LISTEN:
        return ListeningLink(name, address, node, tap)
    return ByteLink(name, _opener(address), node, tap)


def _both(load: BusLoad, tap: FrameTap | None) -> FrameTap:
    if tap is None:
        return load

    def tell(frame: Frame, sent: bool) -> None:
        load(frame, sent)
        tap(frame, sent)

    return tell


def _opener(address: WireAddress) -> WireOpener:
    if address.medium is Medium.TCP:
        return tcp_opener(address.host, address.port)
    return serial_opener(address.device, address.baud, address.parity)
