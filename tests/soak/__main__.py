"""`python -m tests.soak [--hours H] [--speed X] [--state FOLDER] [--table]`: does a station run on and on alike?

The demo's real processes do swap after swap, in a folder of their own; each minute their memory, open files and the
lateness of the control cycle are noted. Runs add up; what all of them saw is put into docs/operations.md. Ctrl-C ends
a run and keeps what it saw. Exit 1 when memory grew, a cycle was missed or a swap failed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.nightly.state import ROOT, commit_of, now
from tests.reliability.document import DOCS, write_section
from tests.soak.sample import kept
from tests.soak.station import soak
from tests.soak.table import rows, table

FOLDER = ROOT / "build" / "soak"
DOCUMENT = DOCS / "operations.md"
SECTION = "soak"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Run a station for hours and watch it.")
    parser.add_argument("--hours", type=float, default=8.0, help="how long (default %(default)s)")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster the plant is (default %(default)s)")
    parser.add_argument("--state", type=Path, default=FOLDER, help="folder of what was seen (default build/soak)")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where the table is written")
    parser.add_argument("--table", action="store_true", help="write the table of what was seen, and run nothing")
    options = parser.parse_args()
    for name in ("hours", "speed"):
        if not getattr(options, name) > 0.0:
            parser.error(f"{name} = {getattr(options, name)}: allowed: more than 0")
    options.state.mkdir(parents=True, exist_ok=True)
    file = options.state / "samples.jsonl"
    run = f"{now()}, {commit_of()[:7]}{f', plant x {options.speed:g}' if options.speed != 1.0 else ''}"
    if not options.table:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with tempfile.TemporaryDirectory(prefix="swapstation-soak-") as place:
            try:
                soak(options.hours * 3600.0, options.speed, run, file, Path(place))
            except KeyboardInterrupt:
                print("ended by hand; what was seen is kept", flush=True)
    told = table(kept(file))
    write_section(SECTION, told, options.document)
    print(told)
    mine = [row for row in rows(kept(file)) if row.last.run == run or options.table]
    return 0 if all(row.is_flat and not row.missed and not row.last.failed for row in mine) else 1


if __name__ == "__main__":
    sys.exit(main())
