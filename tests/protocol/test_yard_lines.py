"""Lines of the devices before the lane: what is written is read, damage is told, nothing is taken by half."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.node import Malformed
from swapstation.protocol.yard_lines import LONGEST_LINE_BYTES, LineReader, encode_line

TEXTS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=20)
KINDS = st.sampled_from(("IDA", "IDR", "GDS"))


@given(KINDS, st.lists(TEXTS, max_size=6), st.integers(1, 9))
def test_what_is_written_is_read_however_it_arrives(kind: str, fields: list[str], size: int) -> None:
    data = encode_line(kind, *fields) * 2
    reader = LineReader()
    read = [line for at in range(0, len(data), size) for line in reader.feed(data[at : at + size])]
    assert read == [(kind, *fields)] * 2


@given(KINDS, st.lists(TEXTS, min_size=1, max_size=4), st.data())
def test_one_damaged_byte_is_noticed(kind: str, fields: list[str], data: st.DataObject) -> None:
    line = bytearray(encode_line(kind, *fields))
    at = data.draw(st.integers(0, len(line) - 3))
    line[at] ^= data.draw(st.integers(1, 255))
    assert (kind, *fields) not in list(LineReader().feed(bytes(line)))


@given(st.binary(max_size=2000))
def test_noise_is_never_a_line_and_never_raises(noise: bytes) -> None:
    reader = LineReader()
    lines = [line for line in reader.feed(noise) if not isinstance(line, Malformed)]
    assert all(encode_line(*line).strip() in noise for line in lines)
    assert list(reader.feed(b"\r\n" + encode_line("IDA", "0")))[-1] == ("IDA", "0")


def test_the_line_of_the_documentation() -> None:
    assert encode_line("IDR", "7", "a3", "P", "96", "0.4", "晋H12345") == (
        b"$IDR\t7\ta3\tP\t96\t0.4\t\xe6\x99\x8bH12345*C2\r\n"
    )


def test_what_is_no_text_and_what_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="control characters"):
        encode_line("GDS", "a\tb")
    with pytest.raises(InputError, match="at most 600 bytes"):
        encode_line("GDS", "车" * 300)
    endless = list(LineReader().feed(b"$" + b"x" * LONGEST_LINE_BYTES))
    assert [type(each) for each in endless] == [Malformed]
