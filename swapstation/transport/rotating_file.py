"""A text file that never outgrows its disk: full, it becomes PATH.1, PATH.1 becomes PATH.2, and the oldest goes."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

MOST_KEPT = 99


class RotatingFile:
    """Appends text to PATH, at most `limit_bytes` in one file and `keep` older ones; each file begins with `header`.

    A file left by an earlier run becomes PATH.1 at the first write. All methods raise OSError as the disk does.
    """

    def __init__(self, path: Path, limit_bytes: int, keep: int, header: str = "") -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._keep = keep
        self._header = header
        self._file: TextIO | None = None
        self._size = 0

    def write(self, text: str) -> None:
        """Append ASCII text, unbroken by a change of files."""
        if self._file is None or self._size + len(text) > self._limit_bytes:
            self._file = self._next_file()
            self._file.write(self._header)
            self._size = len(self._header)
        self._file.write(text)
        self._size += len(text)

    def flush(self) -> None:
        if self._file:
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _next_file(self) -> TextIO:
        self.close()
        for number in range(self._keep - 1, -1, -1):
            older = numbered(self._path, number)
            if older.exists():
                older.replace(numbered(self._path, number + 1))
        return self._path.open("w", encoding="ascii")


def numbered(path: Path, number: int) -> Path:
    """The file that `path` became after `number` rotations."""
    return path.with_name(f"{path.name}.{number}") if number else path


def rotated_set(path: Path) -> list[Path]:
    """All files of a set in the order of their content, the oldest first and `path` itself last."""
    older = [numbered(path, number) for number in range(MOST_KEPT, 0, -1)]
    return [*(each for each in older if each.is_file()), path]
