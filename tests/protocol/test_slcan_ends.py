"""Both ends of an slcan line: open sequence, answers, what a closed channel does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.node import Frame
from swapstation.protocol.slcan import BIT_RATE_COMMANDS
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
        *((b"S%d\r" % number, b"\r") for number in range(9)),
        (b"S9\r", b"\a"),
        (b"O\r", b"\r"),
        (b"C\r", b"\r"),
        (b"V\r", b"V1013\r"),
        (b"N\r", b"N0001\r"),
        (b"F\r", b"\a"),
        (b"Z1\r", b"\r"),
        (b"Z0\r", b"\r"),
        (b"Z2\r", b"\a"),
        (b"L\r", b"\r"),
        (b"s5\r", b"\a"),
        (b"S5\a", b"\r\a"),
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
        assert list(client.due(0.0)) == [b"\rC\rS5\rO\r"], "a full queue of frames must not push the opening out"
        assert list(client.due(0.0)) == [LINE]
        client.receive(b"\r\r\rZ\r" + LINE[:5], 0.0)  # a partial line does not survive a reconnect
        client.closed(0.0)
    client.opened(0.0)
    client.receive(LINE + b"\xff\r", 0.0)
    assert node.received == [FRAME]
    assert (client.counts.rx, client.counts.tx, client.counts.malformed) == (1, 2, 1)


def test_an_adapter_that_was_switched_off_is_opened_again() -> None:
    end, bus = adapter()
    node = ListeningNode()
    client = SlcanClient(node)
    client.opened(0.0)
    for step in range(40):
        now_s = step * 0.1
        if step == 20:
            end.opened(now_s)  # its supply came back behind a gateway that kept the connection
        node.outbox.append(FRAME)
        for data in client.due(now_s):
            client.receive(answers(end, data), now_s)
    assert len(bus) == 39, "only the refused frame is lost"
    client.receive(b"\a", 4.0)
    assert next(iter(client.due(4.0))).startswith(b"\rC\r")
    client.receive(b"\a", 4.9)
    assert list(client.due(4.9)) == [], "not twice in a second"


@pytest.mark.parametrize("lost", ["the opening", "the adapter's supply"])
def test_a_shut_adapter_is_opened_again_for_a_node_that_only_listens(lost: str) -> None:
    end, _ = adapter()
    node = ListeningNode()
    client = SlcanClient(node)
    client.opened(0.0)
    openings = 0
    for step in range(200):
        now_s = step * 0.1
        if lost == "the adapter's supply" and step == 20:
            end.opened(now_s)
        for data in client.due(now_s):
            openings += 1
            if not (lost == "the opening" and openings == 1):
                client.receive(answers(end, data), now_s)
        if step > 80:
            end.send(FRAME, now_s)
            for data in end.due(now_s):
                client.receive(data, now_s)
    assert openings == 2, "a segment that speaks is left alone"
    assert len(node.received) == 119


def test_a_client_that_only_listens_opens_so_and_sends_nothing() -> None:
    node = ListeningNode()
    client = SlcanClient(node, bitrate=500_000, listen_only=True)
    client.opened(0.0)
    node.outbox.append(FRAME)
    assert [list(client.due(0.0)), list(client.due(0.0))] == [[b"\rC\rS6\rL\r"], []]
    client.receive(LINE, 0.0)
    assert node.received == [FRAME]
    assert client.counts.tx == 0


def test_every_bit_rate_has_its_command() -> None:
    sent = b"".join(next(iter(SlcanClient(ListeningNode(), bitrate).due(0.0))) for bitrate in BIT_RATE_COMMANDS)
    assert [command for command in sent.split(b"\r") if command.startswith(b"S")] == [
        *(b"S%d" % number for number in range(7)),
        b"S8",
    ]


def test_stamps_are_switched_on_and_off_and_wrap_each_minute() -> None:
    end, _ = adapter()
    answers(end, b"O\r")
    lines = []
    for command, now_s in ((b"Z1\r", 59.999), (b"Z1\r", 60.0), (b"Z0\r", 61.0)):
        answers(end, command)
        end.send(FRAME, now_s)
        lines += list(end.due(now_s))
    assert lines == [b"T100956F41AAEA5F\r", b"T100956F41AA0000\r", LINE]


_lines = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([LINE, LINE.lower().replace(b"t", b"T"), b"t1232BEEF\r", b"r1230\r", b"R100956F481A2B\r"]),
        st.sampled_from([b"O\r", b"L\r", b"C\r", b"S5\r", b"\r", b"\a", b"F\r", b"Z1\r", b"T100956F41A\r"]),
    ),
    max_size=12,
)


@given(_lines, st.integers(1, 30))
def test_any_chunking_gives_the_same_answers_and_frames(lines: list[bytes], size: int) -> None:
    data = b"O\r" + b"".join(lines)
    seen = []
    for step in (size, len(data)):
        end, bus = adapter()
        node = ListeningNode()
        client = SlcanClient(node)
        client.opened(0.0)
        told = b"".join(answers(end, data[at : at + step]) for at in range(0, len(data), step))
        for at in range(0, len(data), step):
            client.receive(data[at : at + step], 0.0)
        seen.append((told, bus, node.received, client.counts))
    assert seen[0] == seen[1]


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
