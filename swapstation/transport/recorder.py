"""Records wires in bounded sets of files, written by a thread: no disk, however slow or full, delays the control.

NAME.log        CAN frames as `candump -L` writes them, R or T at the end for received or sent
NAME.asc        CAN frames as Vector tools write them; times count from the start of the recording
NAME.bytes.log  bytes of Modbus, DL/T 645 and the like, a line for each read or write: (seconds.micros) NAME R|T HEX
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from swapstation.protocol.node import Frame
from swapstation.protocol.slcan_ends import FrameTap
from swapstation.transport.rotating_file import RotatingFile
from swapstation.transport.session import ByteTap

_WRITE_EVERY_S = 0.2
_MOST_WAITING = 20_000
_CLOSE_PATIENCE_S = 2.0

_Line: TypeAlias = Callable[[float, Any, bool], str]


class RecordFormat(StrEnum):
    """How CAN frames are written: candump text or Vector's ASCII."""

    LOG = "log"
    ASC = "asc"


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """Where and how to record. The disk holds at most (keep + 1) x limit_bytes for each wire."""

    folder: Path
    format: RecordFormat = RecordFormat.LOG
    limit_bytes: int = 8_000_000
    keep: int = 3


class Recording:
    """The files of all wires of a station. `dropped` counts what a slow disk cost; while `paused` nothing is recorded.

    The first error of the disk ends the whole recording; `on_end` is told why, once, in the writing thread.
    """

    def __init__(self, options: RecordOptions, on_end: Callable[[str], None]) -> None:
        self.dropped = 0
        self.paused = False
        self._options = options
        self._on_end = on_end
        self._started_s = time.time()
        self._files: list[RotatingFile] = []
        self._waiting: queue.SimpleQueue[tuple[RotatingFile, _Line, float, Any, bool]] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_until_closed, daemon=True)
        self._thread.start()

    def frames(self, name: str) -> FrameTap:
        """A tap for the CAN wire `name`."""
        if self._options.format is RecordFormat.ASC:
            file = self._file(f"{name}.asc", _asc_header(self._started_s))
            return self._tap(file, _asc_line(self._started_s))
        return self._tap(self._file(f"{name}.log"), _candump_line(name))

    def bytes(self, name: str) -> ByteTap:
        """A tap for the byte wire `name`."""
        return self._tap(self._file(f"{name}.bytes.log"), _bytes_line(name))

    def peers(self, name: str) -> Callable[[str], ByteTap]:
        """Taps for the peers of the port `name`, all in one file; NAME in it becomes NAME:PEER."""
        file = self._file(f"{name}.bytes.log")
        return lambda peer: self._tap(file, _bytes_line(f"{name}:{peer}"))

    def close(self) -> None:
        """Write what waits and close all files; gives a disk that hangs 2 s."""
        self._closing.set()
        self._thread.join(_CLOSE_PATIENCE_S)

    def _file(self, file_name: str, header: str = "") -> RotatingFile:
        options = self._options
        file = RotatingFile(options.folder / file_name, options.limit_bytes, options.keep, header)
        self._files.append(file)
        return file

    def _tap(self, file: RotatingFile, line: _Line) -> Callable[[Any, bool], None]:
        def tap(item: Any, sent: bool) -> None:
            if self.paused or self._ended.is_set():
                return
            if self._waiting.qsize() >= _MOST_WAITING:
                self.dropped += 1
            else:
                self._waiting.put((file, line, time.time(), item, sent))

        return tap

    def _write_until_closed(self) -> None:
        try:
            self._options.folder.mkdir(parents=True, exist_ok=True)
            while not self._closing.wait(_WRITE_EVERY_S):
                self._write_waiting()
            self._write_waiting()
        except OSError as error:
            self._ended.set()
            self._on_end(str(error))
        finally:
            for file in self._files:
                with contextlib.suppress(OSError):  # a full disk refuses what was buffered once more
                    file.close()

    def _write_waiting(self) -> None:
        for _ in range(self._waiting.qsize()):
            file, line, at_s, item, sent = self._waiting.get()
            file.write(line(at_s, item, sent))
        for file in self._files:
            file.flush()


def _candump_line(name: str) -> _Line:
    def line(at_s: float, frame: Frame, sent: bool) -> str:
        can_id = f"{frame.can_id:08X}" if frame.extended else f"{frame.can_id:03X}"
        return f"({at_s:.6f}) {name} {can_id}#{frame.data.hex().upper()} {'T' if sent else 'R'}\n"

    return line


def _bytes_line(name: str) -> _Line:
    def line(at_s: float, data: bytes, sent: bool) -> str:
        return f"({at_s:.6f}) {name} {'T' if sent else 'R'} {data.hex().upper()}\n"

    return line


def _asc_line(started_s: float) -> _Line:
    def line(at_s: float, frame: Frame, sent: bool) -> str:
        can_id = f"{frame.can_id:X}{'x' if frame.extended else ''}"
        data = frame.data.hex(" ").upper()
        direction = "Tx" if sent else "Rx"
        return f"{at_s - started_s:11.6f} 1  {can_id:<15} {direction}   d {len(frame.data)} {data}".rstrip() + "\n"

    return line


def _asc_header(started_s: float) -> str:
    date = datetime.fromtimestamp(started_s, UTC).strftime("%a %b %d %I:%M:%S.%f %p %Y")
    return f"date {date}\nbase hex  timestamps absolute\ninternal events logged\n"
