"""python-can interfaces through the link, on its `virtual` interface."""

from __future__ import annotations

import can

from swapstation.protocol.node import Frame
from swapstation.transport.links import can_link
from swapstation.wire_address import parse_wire
from tests.transport.support import EchoNode, ListeningNode, eventually, running

FRAME = Frame(0x1812F456, b"\x01\x02")


async def test_frames_travel_both_ways_and_foreign_kinds_are_not_data() -> None:
    node, taps = EchoNode(), list[tuple[Frame, bool]]()
    link = can_link(
        "bay 1", parse_wire("can", "can+virtual://both-ways"), node, lambda frame, sent: taps.append((frame, sent))
    )
    with can.Bus(interface="virtual", channel="both-ways") as peer:
        async with running(link.run()):
            await eventually(lambda: link.status.connected)
            peer.send(can.Message(arbitration_id=5, is_remote_frame=True))
            peer.send(can.Message(arbitration_id=6, is_error_frame=True))
            peer.send(can.Message(arbitration_id=FRAME.can_id, data=FRAME.data))
            answer = None
            await eventually(lambda: link.status.tx)
            answer = peer.recv(5)
    assert node.received == [FRAME]
    assert answer is not None
    assert answer.arbitration_id == FRAME.can_id + 1
    assert (link.status.rx, link.status.tx, link.status.malformed) == (1, 1, 1)
    assert taps == [(FRAME, False), (Frame(FRAME.can_id + 1, FRAME.data), True)]


async def test_a_flood_of_frames_drops_the_oldest_and_counts() -> None:
    node = ListeningNode()
    link = can_link("bay 1", parse_wire("can", "can+virtual://flood"), node)
    with can.Bus(interface="virtual", channel="flood") as peer:
        async with running(link.run()):
            await eventually(lambda: link.status.connected)
            for _ in range(3000):
                peer.send(can.Message(arbitration_id=1, data=b"x"))
            await eventually(lambda: link.status.rx + link.status.dropped == 3000)
            assert link.status.connected


async def test_an_interface_that_cannot_be_opened_is_reported_and_tried_again() -> None:
    link = can_link("bay 1", parse_wire("can", "can+no_such_card://can0"), ListeningNode())
    async with running(link.run()):
        await eventually(lambda: link.status.last_error)
        assert "no_such_card" in str(link.status.last_error)
        assert not link.status.connected
