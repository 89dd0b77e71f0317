"""Reading recordings: every format gives the same frames, bad lines are values, only unusable files are refused."""

from __future__ import annotations

from pathlib import Path

import can
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.node import Frame, Malformed
from swapstation.transport.recordings import Recorded, read_recording

FRAMES = [
    (100.0, Frame(0x1826F456, bytes.fromhex("010100"))),
    (100.25, Frame(0x100956F4, b"\x00")),
    (100.5, Frame(0x123, b"", extended=False)),
    (100.75, Frame(0x1CEB56F4, bytes(range(8)))),
]


def frames_of(path: Path) -> list[Frame]:
    return [entry.frame for entry in read_recording(path) if isinstance(entry, Recorded)]


def faults_of(path: Path) -> list[Malformed]:
    return [entry for entry in read_recording(path) if isinstance(entry, Malformed)]


@pytest.mark.parametrize("suffix", [".log", ".asc", ".blf"])
def test_what_python_can_writes_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"trace{suffix}"
    with can.Logger(path) as logger:
        for at_s, frame in FRAMES:
            message = can.Message(at_s, frame.can_id, frame.extended, data=frame.data, channel=0)
            logger.on_message_received(message)
    entries = list(read_recording(path))
    assert [entry.frame for entry in entries if isinstance(entry, Recorded)] == [frame for _, frame in FRAMES]
    times = [entry.time_s for entry in entries if isinstance(entry, Recorded)]
    assert [at_s - times[0] for at_s in times] == pytest.approx([0.0, 0.25, 0.5, 0.75], abs=1e-3)
    assert faults_of(path) == []


def test_candump_lines(tmp_path: Path) -> None:
    path = tmp_path / "trace.log.1"
    path.write_bytes(
        b"(1.5) can0 1826F456#010100\n"
        b"\n"
        b"(1.6) can0 1826f456#010100 T\r\n"
        b"(1.7) can0 1826F456#01010\n"
        b"(1.7) can0 1826F456##1010100\n"
        b"(1.7) can0 1826F456#R\n"
        b"(1.7) can0 FFFFFFFF#00\n"
        b"(1.7) can0 1826F4#00\n"
        b"(1.7) can0 1826F456#000102030405060708\n"
        b"(x) can0 1826F456#00\n"
        b"\xff\xfe\x00garbage\n"
        b"(1.8) can0 100956F4#AA\n"
    )
    assert [frame.data.hex() for frame in frames_of(path)] == ["010100", "010100", "aa"]
    assert [fault.where for fault in faults_of(path)] == [f"line {number}" for number in range(4, 12)]


def test_csv_lines_and_the_hour_that_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "trace.CSV"
    header = "序号,帧ID,时间标识,类型,报文描述,报文内容,长度,数据(Hex)\n"
    rows = [
        "0,0x1826F456,59:59.5,接收,PDU1,x,3,01 01 00 ",
        "1,0x100956F4,59:59.9,接收,PDU1,x,1,0",
        "2,0x100956F4,00:00.4,接收,PDU1,x,1,AA",
        "3,0x100956F4,00:00.3,接收,PDU1,x,2,AA",
        "4,0x100956F4,00:00.3,接收,PDU1,x,1,1AA",
        "5,0xF00956F4,00:00.3,接收,PDU1,x,1,AA",
        "6,nonsense",
    ]
    path.write_bytes((header + "\n".join(rows)).encode("gbk"))
    entries = list(read_recording(path))
    times = [entry.time_s for entry in entries if isinstance(entry, Recorded)]
    assert times == pytest.approx([3599.5, 3599.9, 3600.4])
    assert frames_of(path)[1].data == b"\x00"
    assert [fault.where for fault in faults_of(path)] == ["line 5", "line 6", "line 7", "line 8"]


def test_asc_lines_that_are_no_frames_are_either_events_or_faults(tmp_path: Path) -> None:
    path = tmp_path / "trace.asc"
    path.write_text(
        "date Sat Nov 21 10:00:00.000 am 2026\n"
        "base hex  timestamps absolute\n"
        "internal events logged\n"
        "// version 9.0.0\n"
        "Begin Triggerblock Sat Nov 21 10:00:00.000 am 2026\n"
        "   0.000000 Start of measurement\n"
        "   0.100000 1  1826F456x       Rx   d 3 01 01 00\n"
        "   0.200000 1  1826F456x       Rx   d 3 01 ZZ 00\n"
        "   0.200000 1  1826F456x       Rx   d 3 01\n"
        "   0.200000 1  1826F456x       Rx   r 3\n"
        "   0.200000 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%\n"
        "   0.200000 CAN 1 Status:chip status error active\n"
        "what is this\n"
        "   0.300000 1  100956F4x       Tx   d 1 AA\n"
        "End TriggerBlock\n",
        encoding="utf-8",
    )
    assert [frame.data.hex() for frame in frames_of(path)] == ["010100", "aa"]
    assert [fault.where for fault in faults_of(path)] == ["line 8", "line 9", "line 10", "line 13"]


@pytest.mark.parametrize("cut", [0, 10, 200, 400])
def test_a_damaged_blf_gives_what_it_has_and_says_so(tmp_path: Path, cut: int) -> None:
    whole, path = tmp_path / "whole.blf", tmp_path / "cut.blf"
    with can.Logger(whole) as logger:
        for number in range(100):
            logger.on_message_received(can.Message(float(number), 0x1826F456, data=bytes((number,) * 8)))
    path.write_bytes(whole.read_bytes()[:cut])
    assert len(frames_of(path)) < 100
    assert faults_of(path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "trace.txt").write_text("x")
    (tmp_path / "folder.log").mkdir()
    for name in ("trace.txt", "folder.log", "absent.log", "trace"):
        with pytest.raises(InputError) as refusal:
            read_recording(tmp_path / name)
        assert name in str(refusal.value)


@pytest.mark.parametrize("suffix", [".log", ".asc", ".csv", ".blf"])
@given(content=st.binary(max_size=300))
def test_random_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / f"random{suffix}"
    path.write_bytes(content)
    for entry in read_recording(path):
        assert isinstance(entry, Recorded | Malformed)


@pytest.mark.parametrize("suffix", [".asc", ".blf"])
@given(flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=5))
def test_flipped_bytes_never_raise(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, flips: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"flipped{suffix}"
    with can.Logger(path) as logger:
        for at_s, frame in FRAMES:
            logger.on_message_received(can.Message(at_s, frame.can_id, frame.extended, data=frame.data, channel=0))
    content = bytearray(path.read_bytes())
    for place, byte in flips:
        content[place % len(content)] = byte
    path.write_bytes(content)
    for entry in read_recording(path):
        assert isinstance(entry, Recorded | Malformed)
