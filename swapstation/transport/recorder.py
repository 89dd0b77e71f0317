"""Records a CAN segment as a candump log (`candump -L` text) in a bounded set of files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO

from swapstation.protocol.node import Frame


class CandumpRecorder:
    """Appends frames to PATH; at `limit_bytes` the file becomes PATH.1, PATH.1 becomes PATH.2 and so on up to `keep`.

    Direction is the candump suffix R (received) or T (sent). A disk error ends the recording (`error`), not the link.
    """

    def __init__(self, path: Path, channel: str, limit_bytes: int = 8_000_000, keep: int = 3) -> None:
        self.error: str | None = None
        self._path = path
        self._channel = channel
        self._limit_bytes = limit_bytes
        self._keep = keep
        self._file: TextIO | None = None
        self._size = 0

    def __call__(self, frame: Frame, sent: bool) -> None:
        if self.error is not None:
            return
        can_id = f"{frame.can_id:08X}" if frame.extended else f"{frame.can_id:03X}"
        line = f"({time.time():.6f}) {self._channel} {can_id}#{frame.data.hex().upper()} {'T' if sent else 'R'}\n"
        try:
            self._append(line)
        except OSError as error:
            self.error = str(error)
            self.close()

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _append(self, line: str) -> None:
        if self._file is None or self._size + len(line) > self._limit_bytes:
            self._next_file()
        assert self._file is not None
        self._file.write(line)
        self._size += len(line)

    def _next_file(self) -> None:
        self.close()
        for number in range(self._keep - 1, -1, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._file = self._path.open("w", buffering=1, encoding="ascii")
        self._size = 0

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path
