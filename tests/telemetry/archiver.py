"""Archives a folder over and over, until it is killed: `python -m tests.telemetry.archiver FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from swapstation.records.telemetry.archive import archive_day
from swapstation.records.telemetry.kinds import KINDS
from tests.telemetry.days import DAY


def main() -> None:
    print("begins", flush=True)
    while True:
        for kind in ("pack", "cells"):
            archive_day(Path(sys.argv[1]), KINDS[kind], DAY)


if __name__ == "__main__":
    main()
