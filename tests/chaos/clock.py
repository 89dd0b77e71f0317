"""A wall clock that can be moved under running processes: a small library laid over the C library's clock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

SOURCE = Path(__file__).with_name("clock.c")
COMPILER = "cc"


class WallClock:
    """The seconds that every process started meanwhile adds to its wall clock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.move_to(0)

    def move_to(self, added_s: int) -> None:
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(added_s.to_bytes(8, "little", signed=True))


def missing_compiler() -> str:
    return "" if shutil.which(COMPILER) else f"no C compiler ({COMPILER})"


@contextmanager
def movable_clock(folder: Path) -> Iterator[WallClock]:
    """Build the library in `folder`; processes started inside see the clock that the result sets."""
    library, file = folder / "clock.so", folder / "clock"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    clock = WallClock(file)
    with patch.dict(os.environ, LD_PRELOAD=str(library), SWAPSTATION_CHAOS_CLOCK=str(file)):
        yield clock
