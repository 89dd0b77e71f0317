"""python-can's slcan client, a foreign peer, against our segment over TCP and a pty."""

from __future__ import annotations

import asyncio
from pathlib import Path

import can
import pytest

from swapstation.protocol.node import Frame
from swapstation.transport.can_segment import CanSegment
from tests.transport.support import EchoNode, eventually, running


def talk(channel: str) -> tuple[can.Message | None, can.Message | None]:
    """Send one extended and one standard frame and return what comes back."""
    with can.Bus(interface="slcan", channel=channel, bitrate=250_000, sleep_after_open=0) as bus:
        bus.send(can.Message(arbitration_id=0x100956F4, data=b"\xaa"), timeout=5)
        first = bus.recv(5)
        bus.send(can.Message(arbitration_id=0x123, data=bytes(8), is_extended_id=False), timeout=5)
        return first, bus.recv(5)


@pytest.mark.parametrize("wire", ["tcp", "pty"])
async def test_python_can_talks_to_our_segment(tmp_path: Path, wire: str) -> None:
    class Echo(EchoNode):
        def receive(self, frame: Frame, now_s: float) -> None:
            self.received.append(frame)
            self.outbox.append(Frame(frame.can_id + 1, frame.data, frame.extended))

    node = Echo()
    segment = CanSegment(node)
    if wire == "tcp":
        channel = f"socket://127.0.0.1:{segment.listen('127.0.0.1', 0)}"
    else:
        segment.open_pty(tmp_path / "bay-1")
        channel = str(tmp_path / "bay-1")
    async with running(segment.run()):
        first, second = await asyncio.to_thread(talk, channel)
        await eventually(lambda: len(node.received) == 2)
    assert node.received == [Frame(0x100956F4, b"\xaa"), Frame(0x123, bytes(8), extended=False)]
    assert first is not None
    assert second is not None
    assert (first.arbitration_id, first.is_extended_id, bytes(first.data)) == (0x100956F5, True, b"\xaa")
    assert (second.arbitration_id, second.is_extended_id, second.dlc) == (0x124, False, 8)
