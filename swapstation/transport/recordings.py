"""Reads recorded CAN traffic: candump .log, Vector .asc and .blf (python-can's readers), CSV of a CAN analyser.

A line that is no frame becomes a `Malformed` value and reading goes on; only a file that cannot be read at all, or is
of an unknown kind, raises InputError. The base name of a rotated set stands for the whole set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import can

from swapstation.errors import InputError
from swapstation.protocol.node import Frame, Malformed
from swapstation.transport.rotating_file import rotated_set

_FRAME_BYTES = 8
_CANDUMP = re.compile(r"\((\d+\.?\d*)\)\s+\S+\s+([0-9A-F]{3}|[0-9A-F]{8})#((?:[0-9A-F]{2}){0,8})(?:\s+[RT])?", re.I)
_LARGEST_ID = 0x1FFFFFFF
_BLF_SIZE_AT = slice(16, 24)
_CSV_COLUMNS = 8
_CSV_TIME = re.compile(r"(\d+):(\d+(?:\.\d+)?)")
_HOUR_S = 3600.0
_ASC_BASE = re.compile(r"base\s+(hex|dec)\b.*", re.I)
_ASC_EVENT = re.compile(
    r"date\s.*|base\s.*|//.*|(no\s+)?internal\s+events\s+logged|(begin|end)\s*triggerblock.*"
    r"|\d+\.\d+\s+(start of measurement|[a-z]\S*:?\s.*|\d+\s+(errorframe|statistic|\S*J1939TP).*)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A frame and its time in the recording, seconds from an origin of the recording's own."""

    time_s: float
    frame: Frame


Entry: TypeAlias = Recorded | Malformed


def read_recording(path: Path) -> Iterator[Entry]:
    """Frames of a recording in their order. InputError when there is no such file or it is of an unknown kind.

    PATH.2, PATH.1 and so on, if they are there, are read before PATH; times never go back from one file to the next.
    """
    kind = next((suffix.lower() for suffix in reversed(path.suffixes) if not suffix[1:].isdigit()), "")
    reader = _READERS.get(kind)
    if reader is None:
        raise InputError("recording", str(path), f"a file ending in {', '.join(_READERS)}")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError("recording", str(path), f"a file that can be read ({error.strerror})") from error
    return _in_order(reader(part) for part in rotated_set(path))


def _in_order(parts: Iterable[Iterator[Entry]]) -> Iterator[Entry]:
    """A recording begun anew may count its time from zero again; it then goes on where the one before ended."""
    last_s = float("-inf")
    for part in parts:
        offset_s: float | None = None
        for entry in part:
            if isinstance(entry, Recorded):
                if offset_s is None:
                    offset_s = max(0.0, last_s - entry.time_s)
                last_s = entry.time_s + offset_s
                yield Recorded(last_s, entry.frame) if offset_s else entry
            else:
                yield entry


def _read_candump(path: Path) -> Iterator[Entry]:
    for number, line in _lines(path, "utf-8"):
        match = _CANDUMP.fullmatch(line)
        can_id = int(match[2], 16) if match else 0
        if match is None or can_id > _LARGEST_ID:
            yield _bad_line(number, line)
        else:
            yield Recorded(float(match[1]), Frame(can_id, bytes.fromhex(match[3]), extended=len(match[2]) > 3))


def _read_csv(path: Path) -> Iterator[Entry]:
    """Columns: index, identifier, mm:ss.s, kind, description, text, length, data. The time starts again every hour."""
    hours_s = last_s = 0.0
    for number, line in _lines(path, "gbk"):
        columns = [column.strip() for column in line.split(",")]
        time = _CSV_TIME.fullmatch(columns[2]) if len(columns) == _CSV_COLUMNS else None
        frame = _csv_frame(columns[1], columns[6], columns[7]) if time else None
        if time and frame:
            at_s = int(time[1]) * 60 + float(time[2])
            hours_s += _HOUR_S if at_s < last_s - _HOUR_S / 2 else 0.0
            last_s = at_s
            yield Recorded(hours_s + at_s, frame)
        elif number > 1:
            yield _bad_line(number, line)


def _csv_frame(identifier: str, length: str, data: str) -> Frame | None:
    numbers = data.split()
    well_formed = re.fullmatch(r"0x[0-9A-F]{1,8}", identifier, re.I) and re.fullmatch(r"[0-8]", length)
    if not well_formed or len(numbers) != int(length):
        return None
    if not all(re.fullmatch(r"[0-9A-F]{1,2}", number, re.I) for number in numbers):
        return None
    can_id = int(identifier, 16)
    if can_id > _LARGEST_ID:
        return None
    return Frame(can_id, bytes(int(number, 16) for number in numbers), extended=can_id > 0x7FF)


def _read_asc(path: Path) -> Iterator[Entry]:
    """Line by line, because the reader of a whole file stops for good at the first bad line."""
    base = "base hex timestamps absolute"
    for number, line in _lines(path, "utf-8"):
        if _ASC_BASE.fullmatch(line):
            base = line
        text = StringIO(f"{base}\nno internal events logged\n{line}\n")
        entries = list(_messages(partial(can.ASCReader, text), f"line {number}", line.encode()))
        if not entries and not _ASC_EVENT.fullmatch(line):
            yield _bad_line(number, line)
        yield from entries


def _read_blf(path: Path) -> Iterator[Entry]:
    """A binary recording: what follows a damaged object cannot be found again."""
    with path.open("rb") as file:
        stated = int.from_bytes(file.read(_BLF_SIZE_AT.stop)[_BLF_SIZE_AT], "little")
        file.seek(0)
        yield from _messages(partial(can.BLFReader, file), "object", b"")
    if path.stat().st_size < stated:
        yield Malformed("file", f"cut short: {path.stat().st_size} of {stated} bytes")


def _messages(opened: Callable[[], Iterable[can.Message]], where: str, data: bytes) -> Iterator[Entry]:
    try:
        for message in opened():
            yield _entry(message, where)
    except Exception as error:  # python-can's readers raise whatever their parsing of foreign bytes raises
        yield Malformed(where, str(error) or type(error).__name__, data)


def _entry(message: can.Message, where: str) -> Entry:
    data = bytes(message.data)
    for reason, wrong in {
        "error frame": message.is_error_frame,
        "remote frame": message.is_remote_frame,
        f"length {message.dlc}, {len(data)} data bytes": len(data) != message.dlc or len(data) > _FRAME_BYTES,
        f"identifier {message.arbitration_id:X}": message.arbitration_id > _LARGEST_ID,
    }.items():
        if wrong:
            return Malformed(where, reason, data)
    return Recorded(message.timestamp, Frame(message.arbitration_id, data, message.is_extended_id))


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    with path.open(encoding=encoding, errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.strip()


def _bad_line(number: int, line: str) -> Malformed:
    return Malformed(f"line {number}", "not a frame", line.encode("utf-8", "replace"))


_READERS: Mapping[str, Callable[[Path], Iterator[Entry]]] = {
    ".log": _read_candump,
    ".asc": _read_asc,
    ".blf": _read_blf,
    ".csv": _read_csv,
}
