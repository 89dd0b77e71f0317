"""slcan codec: strict lines, any chunking, round trips, garbage as values."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.slcan import Control, SlcanDecoder, encode_frame

frames = st.one_of(
    st.builds(Frame, st.integers(0, 0x1FFFFFFF), st.binary(max_size=8), st.just(True)),
    st.builds(Frame, st.integers(0, 0x7FF), st.binary(max_size=8), st.just(False)),
)


def chunked(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        (b"T100956F41AA\r", Frame(0x100956F4, b"\xaa")),
        (b"T1826F4563010100\r", Frame(0x1826F456, b"\x01\x01\x00")),
        (b"T1826F45630101001A2B\r", Frame(0x1826F456, b"\x01\x01\x00")),
        (b"t1232beef\r", Frame(0x123, b"\xbe\xef", extended=False)),
        (b"x100956f41aa\r", Frame(0x100956F4, b"\xaa")),
        (b"T1FFFFFFF81122334455667788EA5F\r", Frame(0x1FFFFFFF, bytes.fromhex("1122334455667788"))),
        (b"t7FF0\r", Frame(0x7FF, b"", extended=False)),
    ],
)
def test_decodes_published_lines(line: bytes, frame: Frame) -> None:
    assert SlcanDecoder().feed(line) == [frame]


@pytest.mark.parametrize(
    "line",
    [
        b"t1239112233445566778899\r",  # length digit 9
        b"T18F00500811\r",  # says 8, carries 1
        b"T2FFFFFFF0\r",  # 30-bit identifier
        b"t8000\r",  # 12-bit identifier
        b"T100956F41A\r",
        b"T100956F41AAB\r",
        b"T1009_6F41AA\r",
        b"T 00956F41AA\r",
        b"T100956F41\xaaA\r",
        b"hello\r",
        b"\xff\xfe\r",
    ],
)
def test_a_line_that_is_not_exact_is_malformed_and_the_next_one_is_read(line: bytes) -> None:
    first, second = SlcanDecoder().feed(line + b"T100956F41AA\r")
    assert isinstance(first, Malformed)
    assert second == Frame(0x100956F4, b"\xaa")


def test_blank_lines_are_ignored_and_answers_are_controls() -> None:
    items = SlcanDecoder().feed(b"\r\r\az\rZ\rV1013\r")
    assert items == [Control("\a"), Control("z"), Control("Z"), Control("V1013")]


def test_what_never_ends_is_counted_while_it_comes_and_kept_bounded() -> None:
    decoder = SlcanDecoder()
    for _ in range(1000):
        items = decoder.feed(b"T" * 1000)
        assert {item.reason for item in items if isinstance(item, Malformed)} == {"line too long"}
        assert len(items) in (32, 33), "each cut counts, after 31 characters"
    assert len(decoder._partial) < 64


def test_the_end_of_an_over_long_line_is_no_line() -> None:
    decoder = SlcanDecoder()
    (malformed,) = decoder.feed(b"T" * 31)
    assert malformed == Malformed("slcan", "line too long", b"T" * 30)
    assert decoder.feed(b"T100956F41AA\rT100956F41AA\r") == [Frame(0x100956F4, b"\xaa")]


@given(st.lists(frames, max_size=5), st.booleans(), st.lists(st.integers(0, 200), max_size=8))
def test_round_trip_in_any_chunking(sent: list[Frame], stamped: bool, cuts: list[int]) -> None:
    data = b"".join(encode_frame(frame, 0x1A2B if stamped else None) for frame in sent)
    decoder = SlcanDecoder()
    assert [item for chunk in chunked(data, cuts) for item in decoder.feed(chunk)] == sent


_snippets = st.sampled_from([b"\r", b"\a", b"T100956F41AA\r", b"t1230", b"O\r", b"z"])
_noise = st.lists(st.one_of(st.binary(max_size=40), _snippets), max_size=12)


@given(_noise, st.lists(st.integers(0, 500), max_size=10))
def test_random_bytes_give_the_same_items_in_any_chunking(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    decoder = SlcanDecoder()
    assert [item for chunk in chunked(data, cuts) for item in decoder.feed(chunk)] == SlcanDecoder().feed(data)
