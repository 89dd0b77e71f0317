"""socketcand: messages in any chunking, the dialogue at both ends, frames both ways, nonsense."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.socketcand import (
    SocketcandDecoder,
    decode_frame,
    decode_send,
    encode_frame,
    encode_send,
)
from swapstation.protocol.socketcand_ends import SocketcandClient, SocketcandServer
from tests.transport.support import ListeningNode

FRAME = Frame(0x100956F4, b"\xaa\x05")
TOLD, SENT = b"< frame 100956F4 1.250000 AA05 >", b"< send 100956F4 2 aa 05 >"

frames = st.one_of(
    st.builds(Frame, st.integers(0, 0x1FFFFFFF), st.binary(max_size=8)),
    st.builds(Frame, st.integers(0, 0x7FF), st.binary(max_size=8), st.just(False)),
)


def words(text: bytes) -> tuple[str, ...]:
    (item,) = SocketcandDecoder().feed(text)
    assert not isinstance(item, Malformed)
    return item


def test_published_messages() -> None:
    assert encode_frame(FRAME, 1.25) == TOLD
    assert decode_frame(words(b"< frame 100956F4 1700000000.123456 AA >")) == Frame(0x100956F4, b"\xaa")
    assert encode_send(FRAME) == SENT
    assert decode_send(words(b"< send 100956F4 2 aa 5 >")) == FRAME
    assert encode_frame(Frame(0x123, b"", extended=False), 0.0) == b"< frame 123 0.000000  >"


@given(frames, st.floats(0, 1e9))
def test_frames_survive_both_directions(frame: Frame, at_s: float) -> None:
    assert decode_frame(words(encode_frame(frame, at_s))) == frame
    assert decode_send(words(encode_send(frame))) == frame


@pytest.mark.parametrize(
    "text",
    [
        "< frame >",
        "< frame 123 >",
        "< frame 1234 1.0 AA >",
        "< frame 20000000 1.0 AA >",
        "< frame 800 1.0 AA >",
        "< frame 123 now AA >",
        "< frame 123 1.0 A >",
        "< frame 123 1.0 112233445566778899 >",
        "< frame 123 1.0 GG >",
    ],
)
def test_a_frame_that_is_not_exact_is_malformed(text: str) -> None:
    assert isinstance(decode_frame(words(text.encode())), Malformed)


@pytest.mark.parametrize(
    "text",
    [
        "< send >",
        "< send 123 >",
        "< send 123 1 >",
        "< send 123 2 aa >",
        "< send 123 1 aaa >",
        "< send 123 9 1 2 3 4 5 6 7 8 9 >",
        "< send 123 x aa >",
        "< send 12 0 >",
    ],
)
def test_a_frame_to_send_that_is_not_exact_is_malformed(text: str) -> None:
    assert isinstance(decode_send(words(text.encode())), Malformed)


pieces = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            [TOLD, SENT, b"< hi >", b"< ok >", b"<", b">", b"\n", b" " * 200, b"< rawmode >", b"< open can0 >"]
        ),
    ),
    max_size=12,
)


@given(pieces, st.integers(1, 40))
def test_any_chunking_gives_the_same_messages(data: list[bytes], size: int) -> None:
    whole = b"".join(data)
    decoder = SocketcandDecoder()
    chunked = [item for at in range(0, len(whole), size) for item in decoder.feed(whole[at : at + size])]
    at_once = SocketcandDecoder().feed(whole)
    assert [_told(item) for item in chunked] == [_told(item) for item in at_once]
    assert len(decoder._partial) <= 129


def _told(item: tuple[str, ...] | Malformed) -> tuple[str, ...] | None:
    return None if isinstance(item, Malformed) else item


def test_a_message_without_end_is_bounded_and_the_next_is_read() -> None:
    decoder = SocketcandDecoder()
    assert decoder.feed(b"< frame " + b"A" * 5000) == []
    assert [_told(item) for item in decoder.feed(b"A >" + TOLD)] == [None, ("frame", "100956F4", "1.250000", "AA05")]


def server() -> tuple[SocketcandServer, list[Frame]]:
    bus: list[Frame] = []
    end = SocketcandServer(lambda frame, now_s: bus.append(frame), "can0")
    end.opened(0.0)
    return end, bus


def answers(end: SocketcandServer, data: bytes, now_s: float = 0.0) -> list[bytes]:
    end.receive(data, now_s)
    return list(end.due(now_s))


def test_the_server_answers_each_step_and_is_quiet_right_after_the_last() -> None:
    end, bus = server()
    assert list(end.due(0.0)) == [b"< hi >"]
    assert answers(end, b"< rawmode >") == [b"< error unknown command >"]
    assert answers(end, b"< open can7 >") == [b"< error could not open bus >"]
    assert answers(end, SENT) == [b"< error unknown command >"]
    assert answers(end, b"< open can0 >") == [b"< ok >"]
    end.send(FRAME, 0.5)
    assert answers(end, b"< rawmode >", 1.0) == [b"< ok >"]
    end.send(FRAME, 1.05)
    assert list(end.due(1.05)) == []
    end.send(FRAME, 1.25)
    assert list(end.due(1.25)) == [TOLD]
    assert answers(end, b"< rawmode >", 2.0) == [b"< ok >"]
    assert answers(end, SENT, 2.01) == []
    end.send(FRAME, 2.02)  # a client that sends has read the answer
    assert len(list(end.due(2.02))) == 1
    assert answers(end, SENT + b"\n< echo >") == [b"< echo >"]
    assert answers(end, b"< send 100956F4 3 aa >") == [b"< error could not send frame >"]
    assert bus == [FRAME, FRAME]
    assert (end.counts.rx, end.counts.tx, end.counts.malformed) == (2, 2, 3)
    end.closed(2.0)
    end.opened(3.0)
    end.send(FRAME, 3.5)
    assert list(end.due(3.5)) == [b"< hi >"]


def test_the_client_speaks_only_after_the_dialogue() -> None:
    node = ListeningNode()
    client = SocketcandClient(node, "can0")
    for start_s in (0.0, 10.0):
        client.opened(start_s)
        node.outbox.append(FRAME)
        assert list(client.due(start_s)) == []
        for told, asked in (
            (b"< hi >", [b"< open can0 >"]),
            (b"< o", []),
            (b"k >", [b"< rawmode >"]),
            (b"< ok >", [SENT]),
        ):
            client.receive(told, start_s)
            assert list(client.due(start_s)) == asked
        assert client.next_deadline() == inf
        client.receive(TOLD + b"\n< error 20000004 1.0 >\n" + TOLD[:9], start_s)
        client.closed(start_s + 1)
    assert node.received == [FRAME, FRAME]
    assert not client.wants_reopen
    assert (client.counts.rx, client.counts.tx, client.counts.malformed) == (2, 2, 0)


@pytest.mark.parametrize("told", [b"< ok >", b"< hi >< error could not open bus >", b"< hi >< ok >< nok >"])
def test_a_dialogue_that_fails_asks_for_a_new_connection(told: bytes) -> None:
    client = SocketcandClient(ListeningNode(), "can0")
    client.opened(0.0)
    client.receive(told, 0.0)
    assert client.wants_reopen


def test_a_silent_server_is_left_after_three_seconds() -> None:
    client = SocketcandClient(ListeningNode(), "can0")
    client.opened(1.0)
    client.receive(b"< hi >", 1.0)
    assert list(client.due(3.9)) == [b"< open can0 >"]
    assert client.next_deadline() == 4.0
    assert list(client.due(4.0)) == []
    assert client.wants_reopen


@given(pieces)
def test_random_bytes_never_raise_at_either_end(data: list[bytes]) -> None:
    end, _ = server()
    client = SocketcandClient(ListeningNode(), "can0")
    client.opened(0.0)
    for piece in data:
        answers(end, piece)
        client.receive(piece, 0.0)
        list(client.due(0.0))


@given(st.lists(frames, max_size=5), st.integers(1, 40))
def test_client_and_server_carry_frames_in_any_chunking(sent: list[Frame], size: int) -> None:
    end, bus = server()
    node = ListeningNode()
    client = SocketcandClient(node, "can0")
    client.opened(0.0)
    now_s = 0.0
    node.outbox = list(sent)
    for _ in range(8):
        now_s += 0.1
        down = b"".join(end.due(now_s))
        for at in range(0, len(down), size):
            client.receive(down[at : at + size], now_s)
        up = b"".join(client.due(now_s))
        for at in range(0, len(up), size):
            end.receive(up[at : at + size], now_s)
        if now_s > 0.65:
            for frame in sent:
                end.send(frame, now_s)
    assert bus == sent
    assert node.received[: len(sent)] == sent
