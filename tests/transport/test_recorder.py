"""Recordings are candump logs that python-can reads back, in a bounded set of files."""

from __future__ import annotations

from pathlib import Path

import can

from swapstation.protocol.node import Frame
from swapstation.transport.recorder import CandumpRecorder


def test_python_can_reads_the_recording_back(tmp_path: Path) -> None:
    recorder = CandumpRecorder(tmp_path / "bay-1.log", "bay1")
    recorder(Frame(0x100956F4, b"\xaa"), False)
    recorder(Frame(0x123, b"", extended=False), True)
    recorder.close()
    with can.LogReader(tmp_path / "bay-1.log") as reader:
        first, second = list(reader)
    assert (first.arbitration_id, first.is_extended_id, bytes(first.data), first.is_rx) == (
        0x100956F4,
        True,
        b"\xaa",
        True,
    )
    assert (second.arbitration_id, second.is_extended_id, second.is_rx) == (0x123, False, False)


def test_old_files_are_rotated_and_the_oldest_is_given_up(tmp_path: Path) -> None:
    recorder = CandumpRecorder(tmp_path / "bay.log", "bay1", limit_bytes=200, keep=2)
    for number in range(40):
        recorder(Frame(number, b""), False)
    recorder.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bay.log", "bay.log.1", "bay.log.2"]
    assert all(path.stat().st_size <= 200 for path in tmp_path.iterdir())
    assert "00000027#" in (tmp_path / "bay.log").read_text()


def test_a_disk_error_ends_the_recording_quietly(tmp_path: Path) -> None:
    recorder = CandumpRecorder(tmp_path / "missing" / "bay.log", "bay1")
    recorder(Frame(1, b""), False)
    recorder(Frame(1, b""), False)
    assert recorder.error
