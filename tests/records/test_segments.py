"""Segments on disk: sealed whole, recovered from what a power cut leaves, read back or said to be damaged."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.records.segments import OPEN, SEALED, append, encoded, lines_of, read_segment, seal
from tests.records.disks import refuse
from tests.records.moments import AT

HEADER = {"t": 1.0, "at": AT, "kind": "segment", "format": 1, "station": "demo", "boot": 3, "version": "0.1.0"}
LINES = [{"t": float(number), "at": AT, "kind": "alive"} for number in range(1, 6)]
NAME = f"segment-000003-000001{OPEN}"


def _written(folder: Path, content: bytes) -> Path:
    path = folder / NAME
    with append(path) as file:
        file.write(content)
    return path


def test_a_sealed_segment_is_read_back_and_says_what_it_holds(tmp_path: Path) -> None:
    sealed = seal(_written(tmp_path, encoded([HEADER, *LINES])))
    assert sealed is not None
    path = tmp_path / sealed.file
    packed = path.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [NAME.replace(OPEN, SEALED)]
    assert (sealed.size, sealed.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())
    assert (sealed.boot, sealed.lines, sealed.duration_s, sealed.torn) == (3, 5, 4.0, False)
    assert [line["t"] for line in lines_of(packed)] == [1.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert read_segment(path) == sealed


WRITTEN = encoded([HEADER, *LINES])


@given(at=st.integers(0, len(WRITTEN)), rest=st.sampled_from([b"", b"\0" * 300, b"\xff\xfe{", b'{"t": 1']))
def test_what_a_power_cut_leaves_is_sealed_to_its_last_whole_line(
    tmp_path_factory: pytest.TempPathFactory, at: int, rest: bytes
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    left = WRITTEN[:at] + rest
    sealed = seal(_written(folder, left))
    whole = WRITTEN[:at].count(b"\n")
    if whole <= 1:
        assert sealed is None
        assert list(folder.iterdir()) == []
        return
    assert sealed is not None
    torn = left != b"".join(WRITTEN.splitlines(keepends=True)[:whole])
    assert (sealed.torn, sealed.lines) == (torn, whole - 1 + torn)
    assert read_segment(folder / sealed.file) == sealed


def test_a_disk_that_refuses_leaves_the_open_segment_where_it_is(tmp_path: Path) -> None:
    path = _written(tmp_path, WRITTEN)
    with pytest.raises(OSError, match="Read-only"):
        seal(path, refuse)
    assert [file.name for file in tmp_path.iterdir()] == [NAME]
    assert seal(path) is not None


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-1],
        lambda packed: packed[:-9],
        lambda packed: b"",
        lambda packed: b"no gzip",
        lambda packed: packed[:30] + bytes([packed[30] ^ 0xFF]) + packed[31:],
        lambda _: gzip.compress(b"{}\n{}\n"),
        lambda _: gzip.compress(encoded([{**HEADER, "format": 2}, *LINES])),
        lambda _: gzip.compress(encoded([HEADER])),
        lambda _: gzip.compress(b"[]\n[]\n"),
        lambda _: gzip.compress(b"not json\n"),
    ],
)
def test_a_damaged_segment_is_a_value_error(tmp_path: Path, damage: object) -> None:
    sealed = seal(_written(tmp_path, WRITTEN))
    assert sealed is not None
    path = tmp_path / sealed.file
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"damaged|no segment"):
        read_segment(path)
