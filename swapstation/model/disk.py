"""The disk that the station's records are written to, as the controller's journal thread sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DiskLevel(StrEnum):
    """What the free space allows: everything; a warning; no recordings; no new motion."""

    ENOUGH = "enough"
    LOW = "low"
    SHED = "shed"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Free space of the data folder's file system in percent, the ballast counted as used whether it is there or not.

    At `SHED` and `STOP` what can be done without is not written: raw recordings stop, the black box thins out.
    """

    level: DiskLevel
    free_pct: float
    read_only: bool = False

    @property
    def sheds(self) -> bool:
        return self.level in (DiskLevel.SHED, DiskLevel.STOP)
