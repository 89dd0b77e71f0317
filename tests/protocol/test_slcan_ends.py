"""Both ends of an slcan line: open sequence, answers, what a closed channel does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.node import Frame
from swapstation.protocol.slcan_ends import SlcanAdapter, SlcanClient
from tests.transport.support import EchoNode, ListeningNode

FRAME = Frame(0x100956F4, b"\xaa")
LINE = b"T100956F41AA\r"


def adapter() -> tuple[SlcanAdapter, list[Frame]]:
    bus: list[Frame] = []
    end = SlcanAdapter(lambda frame, now_s: bus.append(frame))
    end.opened(0.0)
    return end, bus


def answers(end: SlcanAdapter, data: bytes) -> bytes:
    end.receive(data, 0.0)
    return b"".join(end.due(0.0))


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"S5\r", b"\r"),
        (b"S9\r", b"\a"),
        (b"O\r", b"\r"),
        (b"C\r", b"\r"),
        (b"V\r", b"V1013\r"),
        (b"N\r", b"N0001\r"),
        (b"F\r", b"\a"),
        (b"Z1\r", b"\r"),
        (b"nonsense\r", b"\a"),
        (b"\r\r", b""),
    ],
)
def test_a_closed_adapter_answers_commands(command: bytes, answer: bytes) -> None:
    end, _ = adapter()
    assert answers(end, command) == answer


def test_an_open_adapter_transmits_and_acknowledges() -> None:
    end, bus = adapter()
    assert answers(end, b"C\rS5\r\rO\rO\r") == b"\r\r\r\r"
    assert answers(end, LINE + b"t1230\r" + b"R100956F40\r" + b"r1230\r") == b"Z\rz\rZ\rz\r"
    assert bus == [FRAME, Frame(0x123, b"", extended=False)]
    assert answers(end, b"S5\rF\r") == b"\aF00\r"


def test_frames_before_open_and_in_listen_only_are_refused() -> None:
    end, bus = adapter()
    assert answers(end, LINE) == b"\a"
    assert answers(end, b"L\r" + LINE + b"R100956F40\r") == b"\r\a\a"
    assert bus == []
    end.send(FRAME, 0.0)
    assert b"".join(end.due(0.0)) == LINE


def test_a_closed_channel_passes_nothing_to_the_client() -> None:
    end, _ = adapter()
    end.send(FRAME, 0.0)
    assert list(end.due(0.0)) == []
    answers(end, b"Z1\rO\r")
    end.send(FRAME, 60.25)
    assert list(end.due(0.0)) == [b"T100956F41AA00FA\r"]


def test_the_client_opens_the_adapter_after_every_reconnect() -> None:
    node = ListeningNode()
    client = SlcanClient(node)
    for _ in range(2):
        client.opened(0.0)
        node.outbox.append(FRAME)
        assert list(client.due(0.0)) == [b"C\rS5\rO\r"], "a full queue of frames must not push the opening out"
        assert list(client.due(0.0)) == [LINE]
        client.receive(b"\r\r\rZ\r" + LINE[:5], 0.0)  # a partial line does not survive a reconnect
        client.closed(0.0)
    client.opened(0.0)
    client.receive(LINE + b"\xff\r", 0.0)
    assert node.received == [FRAME]
    assert (client.counts.rx, client.counts.tx, client.counts.malformed) == (1, 2, 1)


def test_nodes_on_a_bus_hear_each_other_and_the_outside() -> None:
    listener, echo = ListeningNode(), EchoNode()
    bus = CanBus([listener, echo])
    bus.receive(FRAME, 0.0)
    answer = Frame(FRAME.can_id + 1, FRAME.data)
    assert list(bus.due(0.0)) == [answer]
    assert listener.received == [FRAME, answer]


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([b"O\r", b"S5\r", LINE, b"L\r"]))))
def test_random_bytes_never_raise(pieces: list[bytes]) -> None:
    end, _ = adapter()
    client = SlcanClient(ListeningNode())
    for piece in pieces:
        answers(end, piece)
        client.receive(piece, 0.0)
