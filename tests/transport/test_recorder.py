"""Recordings: what foreign readers and our own read back, bounded sets of files, disks that refuse."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import can
import pytest

from swapstation.protocol.node import Frame
from swapstation.transport.recorder import RecordFormat, Recording, RecordOptions
from swapstation.transport.recordings import Recorded, read_recording

LONG, SHORT = Frame(0x1812F456, b"\xaa\x01"), Frame(0x123, b"", extended=False)


def ended(reasons: list[str]) -> bool:
    for _ in range(1000):
        if reasons:
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("kind", RecordFormat)
def test_python_can_and_our_reader_read_the_recording_back(tmp_path: Path, kind: RecordFormat) -> None:
    reasons: list[str] = []
    recording = Recording(RecordOptions(tmp_path, kind), reasons.append)
    tap = recording.frames("bay-1")
    tap(LONG, False)
    tap(SHORT, True)
    recording.close()
    path = tmp_path / f"bay-1.{kind}"
    reader = can.LogReader(path)
    with reader:
        messages = [(each.arbitration_id, bytes(each.data), each.is_extended_id, each.is_rx) for each in reader]
    assert messages == [(LONG.can_id, LONG.data, True, True), (SHORT.can_id, SHORT.data, False, False)]
    entries = list(read_recording(path))
    assert [entry.frame for entry in entries if isinstance(entry, Recorded)] == [LONG, SHORT]
    assert len(entries) == 2
    assert not reasons
    assert not recording.dropped


@pytest.mark.parametrize("kind", RecordFormat)
def test_a_rotated_set_is_bounded_and_read_in_order(tmp_path: Path, kind: RecordFormat) -> None:
    recording = Recording(RecordOptions(tmp_path, kind, limit_bytes=1000, keep=2), pytest.fail)
    tap = recording.frames("bay")
    for number in range(200):
        tap(Frame(number, b""), False)
    recording.close()
    base = f"bay.{kind}"
    assert sorted(path.name for path in tmp_path.iterdir()) == [base, f"{base}.1", f"{base}.2"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    entries = [entry for entry in read_recording(tmp_path / base) if isinstance(entry, Recorded)]
    numbers = [entry.frame.can_id for entry in entries]
    assert numbers == list(range(numbers[0], 200))
    assert 20 < len(numbers) < 200
    times = [entry.time_s for entry in entries]
    assert times == sorted(times)
    one = [entry for entry in read_recording(tmp_path / f"{base}.2") if isinstance(entry, Recorded)]
    assert one == entries[: len(one)]


def test_a_recording_begun_anew_keeps_the_old_one_and_its_order(tmp_path: Path) -> None:
    for number in range(3):
        recording = Recording(RecordOptions(tmp_path, RecordFormat.ASC), pytest.fail)
        recording.frames("bay")(Frame(number, b""), False)
        recording.close()
    entries = [entry for entry in read_recording(tmp_path / "bay.asc") if isinstance(entry, Recorded)]
    assert [entry.frame.can_id for entry in entries] == [0, 1, 2]
    times_us = [round(entry.time_s * 1e6) for entry in entries]
    assert times_us == sorted(times_us)


def test_bytes_are_recorded_line_by_line(tmp_path: Path) -> None:
    recording = Recording(RecordOptions(tmp_path), pytest.fail)
    tap = recording.bytes("robot")
    tap(b"\x00\x01\xfe", True)
    tap(b"\x10", False)
    recording.close()
    first, second = (tmp_path / "robot.bytes.log").read_text(encoding="ascii").splitlines()
    assert re.fullmatch(r"\(\d+\.\d{6}\) robot T 0001FE", first)
    assert re.fullmatch(r"\(\d+\.\d{6}\) robot R 10", second)


def test_the_peers_of_one_port_are_told_apart_in_its_file(tmp_path: Path) -> None:
    recording = Recording(RecordOptions(tmp_path), pytest.fail)
    new_tap = recording.peers("chargers")
    new_tap("10.0.0.1:4711")(b"\xaa", False)
    new_tap("10.0.0.2:4711")(b"\xf5", True)
    recording.close()
    lines = (tmp_path / "chargers.bytes.log").read_text(encoding="ascii").splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["chargers:10.0.0.1:4711 R AA", "chargers:10.0.0.2:4711 T F5"]


def test_a_paused_recording_writes_nothing_and_goes_on_later(tmp_path: Path) -> None:
    recording = Recording(RecordOptions(tmp_path), lambda reason: None)
    tap = recording.bytes("robot")
    for recording.paused, data in ((False, b"\x01"), (True, b"\x02"), (False, b"\x03")):
        tap(data, False)
    recording.close()
    lines = (tmp_path / "robot.bytes.log").read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["01", "03"]


def test_a_folder_that_cannot_be_made_ends_the_recording_with_one_word(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    reasons: list[str] = []
    recording = Recording(RecordOptions(tmp_path / "taken"), reasons.append)
    tap = recording.frames("bay")
    assert ended(reasons)
    tap(LONG, False)
    recording.close()
    assert len(reasons) == 1


FULL_DISK = """
import resource, sys, time
from pathlib import Path
from swapstation.protocol.node import Frame
from swapstation.transport.recorder import Recording, RecordOptions
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
recording = Recording(RecordOptions(Path(sys.argv[1])), lambda reason: print("ended:", reason, flush=True))
tap, other = recording.frames("bay"), recording.bytes("robot")
for _ in range(200):
    tap(Frame(1, b"12345678"), False)
    other(b"x", True)
    time.sleep(0.005)
recording.close()
print("went on", recording.dropped, flush=True)
"""


def test_a_disk_that_fills_ends_the_recording_with_one_word(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.splitlines() == ["ended: [Errno 27] File too large", "went on 0"]
    assert told.stderr == ""


def test_a_disk_that_hangs_costs_frames_and_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swapstation.transport.recorder._MOST_WAITING", 50)
    recording = Recording(RecordOptions(tmp_path), pytest.fail)
    tap = recording.frames("bay")
    for _ in range(80):
        tap(LONG, False)
    recording.close()
    lines = (tmp_path / "bay.log").read_text().splitlines()
    assert len(lines) + recording.dropped == 80
    assert recording.dropped
