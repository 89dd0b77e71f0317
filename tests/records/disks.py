"""Disks that refuse: after so many bytes, at a named file, or until somebody makes room."""

from __future__ import annotations

import errno
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from swapstation.records.segments import append


class _Metered(io.FileIO):
    disk: SmallDisk

    def write(self, content: Any) -> int:
        room = self.disk.take(len(content))
        return super().write(content[:room])


@dataclass(slots=True)
class SmallDisk:
    """Takes `room` bytes; what goes beyond is cut off, and then no file can be written at all."""

    room: int

    def take(self, size: int) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(size, self.room)
        self.room -= taken
        return taken

    def open(self, path: Path) -> BinaryIO:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        file = _Metered(path, "x")
        file.disk = self
        return cast(BinaryIO, file)


def refuse(path: Path) -> BinaryIO:
    """A disk that is read-only."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))


__all__ = ["SmallDisk", "append", "refuse"]
