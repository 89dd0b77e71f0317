"""`python -m tests.bench.late_controller FILE STATION`: the controller, which also writes how late each cycle began.

Once the process has ended, FILE holds two float64 for each cycle that began at its due time or after it: the monotonic
second at which it began, and how late that was (s).
"""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

import typer

from swapstation.cli.controller import controller
from swapstation.controller.core import Core


class _Notes:
    """Stands where the core keeps its greatest lateness: notes each one."""

    def __init__(self) -> None:
        self.told = array("d")

    def __get__(self, core: Core | None, kind: type[Core]) -> float:
        return 0.0

    def __set__(self, core: Core, lateness_s: float) -> None:
        self.told.extend((time.monotonic(), lateness_s))


def late_ms(file: Path, windows: Sequence[tuple[float, float]]) -> list[float]:
    """What such a controller wrote of the cycles that began in some spans of monotonic seconds, smallest first."""
    told = array("d", file.read_bytes())
    return sorted(
        1000.0 * late_s
        for at_s, late_s in zip(told[::2], told[1::2], strict=True)
        if any(begun_s <= at_s < ended_s for begun_s, ended_s in windows)
    )


def main() -> None:
    file, station_file = Path(sys.argv[1]), sys.argv[2]
    notes = _Notes()
    Core.max_lateness_s = notes  # type: ignore[assignment]
    sys.argv = ["controller", station_file]
    try:
        typer.run(controller)
    finally:
        file.write_bytes(notes.told.tobytes())


if __name__ == "__main__":
    main()
