"""python-can's socketcand client, a foreign peer, against our segment; our client beside it on the same bus."""

from __future__ import annotations

import asyncio

import can

from swapstation.protocol.node import Frame
from swapstation.transport.can_segment import CanSegment
from swapstation.transport.links import can_link
from swapstation.wire_address import parse_wire
from tests.transport.support import ListeningNode, PeriodicNode, eventually, running

EXTENDED, STANDARD = Frame(0x100956F4, b"\xaa\x05"), Frame(0x123, bytes(8), extended=False)
EMPTY = Frame(0x7FF, b"", extended=False)


def talk(port: int, frames: list[Frame], wanted: int) -> list[Frame]:
    """Send the frames and return the first `wanted` that come, on python-can's blocking bus."""
    heard: list[Frame] = []
    with can.Bus(interface="socketcand", host="127.0.0.1", port=port, channel="can0") as bus:
        for frame in frames:
            bus.send(can.Message(arbitration_id=frame.can_id, data=frame.data, is_extended_id=frame.extended))
        while len(heard) < wanted:
            message = bus.recv(10)
            assert message is not None
            heard.append(Frame(message.arbitration_id, bytes(message.data), message.is_extended_id))
    return heard


async def test_python_can_opens_a_busy_bus_and_talks_to_our_segment() -> None:
    """The bus is never quiet, so that a frame right behind the last answer of the dialogue would spoil it."""
    node = PeriodicNode(EXTENDED, 0.002)
    segment = CanSegment(node)
    port = segment.listen_socketcand("127.0.0.1", 0, "can0")
    async with running(segment.run()):
        for _ in range(5):
            heard = await asyncio.to_thread(talk, port, [EXTENDED, STANDARD, EMPTY], 20)
            assert heard == [EXTENDED] * 20
        await eventually(lambda: len(node.received) == 15)
    assert node.received == [EXTENDED, STANDARD, EMPTY] * 5


async def test_our_client_shares_a_bus_with_python_can() -> None:
    segment, node = CanSegment(ListeningNode()), ListeningNode()
    port = segment.listen_socketcand("127.0.0.1", 0, "can0")
    link = can_link("bay", parse_wire("bay", f"socketcand://127.0.0.1:{port}/can0"), node)

    async def answer() -> None:
        await eventually(lambda: len(node.received) >= 2)
        node.outbox += [STANDARD, EMPTY, EXTENDED]
        link.wake()
        await asyncio.Event().wait()

    async with running(segment.run(), link.run(), answer()):
        await eventually(lambda: link.status.connected)
        await asyncio.sleep(0.3)  # the dialogue, and the quiet time after it
        heard = await asyncio.to_thread(talk, port, [EXTENDED, STANDARD], 3)
    assert node.received == [EXTENDED, STANDARD]
    assert heard == [STANDARD, EMPTY, EXTENDED]
    assert link.status.malformed == 0


async def test_our_client_comes_back_after_the_server_was_away() -> None:
    node = ListeningNode()
    first = CanSegment(PeriodicNode(EXTENDED, 0.01))
    port = first.listen_socketcand("127.0.0.1", 0, "can0")
    link = can_link("bay", parse_wire("bay", f"socketcand://127.0.0.1:{port}/can0"), node)
    async with running(link.run()):
        async with running(first.run()):
            await eventually(lambda: node.received)
        await eventually(lambda: not link.status.connected)
        second = CanSegment(PeriodicNode(STANDARD, 0.01))
        second.listen_socketcand("127.0.0.1", port, "can0")
        async with running(second.run()):
            await eventually(lambda: STANDARD in node.received)
    assert link.status.reconnects >= 1
