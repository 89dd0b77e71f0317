"""AA F5 frames: published captures, any chunking, resynchronisation, a bounded length field."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.aaf5 import Aaf5Decoder, Aaf5Frame, encode_frame
from swapstation.protocol.node import Malformed

LONGEST = 2048
CAPTURED_SIGN_IN = bytes.fromhex(
    "AAF56D0010016A0000000000323032333132313230303030313000000000000000000000000000000000000000000101000000"
    "00000000000000000200000000000020250808120101FF00000000000000000000000000000000000000000000000001E24000"
    "220003E80000B4"
)
CAPTURED_SIGN_IN_ANSWER = bytes.fromhex("AAF51200100169000000000001E24000008C")
"""Sign-in and its answer as a public charge-platform repository prints them (protocol edition 3.4)."""

frames = st.builds(
    Aaf5Frame, st.integers(0, 0xFFFF), st.binary(max_size=200), st.integers(0, 0xFF), st.integers(0, 0xFF)
)


def chunked(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize(("captured", "command"), [(CAPTURED_SIGN_IN, 106), (CAPTURED_SIGN_IN_ANSWER, 105)])
def test_published_captures_are_frames(captured: bytes, command: int) -> None:
    (frame,) = Aaf5Decoder(LONGEST).feed(captured)
    assert isinstance(frame, Aaf5Frame)
    assert (frame.command, frame.sequence, frame.info) == (command, 1, 0x10)
    assert encode_frame(frame) == captured


@given(frame=frames)
def test_what_is_encoded_is_decoded(frame: Aaf5Frame) -> None:
    assert Aaf5Decoder(LONGEST).feed(encode_frame(frame)) == [frame]


@given(
    parts=st.lists(st.one_of(frames.map(encode_frame), st.binary(max_size=12), st.just(b"\xaa\xf5"))),
    cuts=st.lists(st.integers(0, 1 << 16), max_size=12),
)
def test_chunks_do_not_matter(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    decoder = Aaf5Decoder(LONGEST)
    found = [item for chunk in chunked(data, cuts) for item in decoder.feed(chunk)]
    whole = Aaf5Decoder(LONGEST).feed(data)
    assert [item for item in found if isinstance(item, Aaf5Frame)] == [
        item for item in whole if isinstance(item, Aaf5Frame)
    ]
    assert len(found) == len(whole)


@given(garbage=st.binary(min_size=1, max_size=30).filter(lambda data: 0xAA not in data), frame=frames)
def test_garbage_is_one_malformed_and_the_frame_after_it_is_found(garbage: bytes, frame: Aaf5Frame) -> None:
    first, second = Aaf5Decoder(LONGEST).feed(garbage + encode_frame(frame))
    assert isinstance(first, Malformed)
    assert second == frame


@given(frame=frames, position=st.integers(6, 1000), flip=st.integers(1, 255))
def test_a_wrong_sum_is_no_frame(frame: Aaf5Frame, position: int, flip: int) -> None:
    data = bytearray(encode_frame(frame))
    data[6 + (position - 6) % (len(data) - 6)] ^= flip
    items = Aaf5Decoder(LONGEST).feed(bytes(data))
    assert isinstance(items[0], Malformed)
    assert frame not in items


def test_a_frame_inside_a_broken_one_is_found() -> None:
    """A head that lost its rest swallows the next frame; its sum is wrong, and the next frame is found inside."""
    whole = Aaf5Frame(104, bytes(20), 7)
    head = encode_frame(Aaf5Frame(102, bytes(40)))[:12]
    items = Aaf5Decoder(LONGEST).feed(head + encode_frame(whole) + encode_frame(whole))
    assert [item for item in items if isinstance(item, Aaf5Frame)] == [whole, whole]


@pytest.mark.parametrize("length", [0, 8, LONGEST + 1, 0xFFFF])
def test_an_impossible_length_waits_for_nothing(length: int) -> None:
    whole = Aaf5Frame(102, b"\x01\x02")
    first, second = Aaf5Decoder(LONGEST).feed(b"\xaa\xf5" + length.to_bytes(2, "little") + encode_frame(whole))
    assert isinstance(first, Malformed)
    assert second == whole


@given(data=st.binary(max_size=500))
def test_any_bytes_are_survived(data: bytes) -> None:
    decoder = Aaf5Decoder(64)
    decoder.feed(data)
    decoder.reset()
    assert decoder.feed(CAPTURED_SIGN_IN_ANSWER)


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        (Aaf5Frame(0x10000, b""), "command"),
        (Aaf5Frame(1, b"", sequence=256), "sequence"),
        (Aaf5Frame(1, b"", info=-1), "info"),
        (Aaf5Frame(1, bytes(0x10000)), "data"),
    ],
)
def test_what_the_wire_cannot_say_is_refused(frame: Aaf5Frame, field: str) -> None:
    with pytest.raises(InputError) as refused:
        encode_frame(frame)
    assert refused.value.field == field
