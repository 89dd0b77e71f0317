"""Watches the free space of the data folder, and keeps a ballast there that is given up when little is left.

The ballast counts as used whether it is there or not: giving it up lets the journal write the stop, and does not look
like space that was won. Only the journal's thread calls `look`; a disk that hangs delays that thread alone, and what
was seen last grows stale.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from swapstation.config.settings import Disk
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.seen import Seen, seen

AGE_S = 5.0
"""What was seen longer ago says nothing any more."""
BALLAST = "ballast"
_BYTES_PER_MB = 1_000_000

log = structlog.get_logger("disk")


class DiskWatch:
    """`look` measures, `seen` tells the last measurement with its age; `clock` is monotonic seconds."""

    def __init__(self, folder: Path, settings: Disk, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._ballast = folder / BALLAST
        self._ballast_bytes = settings.ballast_mb * _BYTES_PER_MB
        self._space: tuple[DiskSpace, float] | None = None

    def seen(self, now_s: float) -> Seen[DiskSpace]:
        """What the last look found; stale when the journal's thread hangs or the folder cannot be looked at."""
        space, at_s = self._space or (None, None)
        return seen(space, at_s, now_s, AGE_S)

    def look(self) -> None:
        """Measure once, and give the ballast up or take it back."""
        try:
            space = self._measured()
        except OSError as error:
            log.error("cannot look at the data folder", reason=str(error))
            return
        before = self._space[0].level if self._space else DiskLevel.ENOUGH
        if space.level is not before:
            log.warning("disk space", level=space.level.value, free_pct=round(space.free_pct, 1))
        self._space = space, self._clock()
        if space.level is DiskLevel.STOP:
            self._give_up()
        elif space.level is DiskLevel.ENOUGH and self._held_bytes() < self._ballast_bytes:
            self._take()

    def _measured(self) -> DiskSpace:
        disk = os.statvfs(self._folder)
        owed_bytes = max(0, self._ballast_bytes - self._held_bytes())
        free_bytes = disk.f_bavail * disk.f_frsize - owed_bytes
        free_pct = max(0.0, 100.0 * free_bytes / max(1, disk.f_blocks * disk.f_frsize))
        read_only = bool(disk.f_flag & os.ST_RDONLY)
        return DiskSpace(level_of(free_pct, read_only, self._settings), free_pct, read_only)

    def _held_bytes(self) -> int:
        try:
            return self._ballast.stat().st_size
        except FileNotFoundError:
            return 0

    def _give_up(self) -> None:
        """On a disk that cannot be written even the ballast stays."""
        with contextlib.suppress(OSError):
            self._ballast.unlink(missing_ok=True)

    def _take(self) -> None:
        """Real blocks, not a hole; a file that cannot be made whole is none."""
        try:
            with self._ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._ballast_bytes)
        except OSError as error:
            log.error("no ballast", reason=str(error))
            self._give_up()


def level_of(free_pct: float, read_only: bool, settings: Disk) -> DiskLevel:
    """The level of so much free space; a disk that cannot be written is full."""
    if read_only or free_pct <= settings.stop_pct:
        return DiskLevel.STOP
    if free_pct <= settings.shed_pct:
        return DiskLevel.SHED
    return DiskLevel.LOW if free_pct <= settings.low_pct else DiskLevel.ENOUGH
