"""`python -m tests.nightly [--hours H] [--only KINDS] [--state FOLDER] [--table]`: attack the twin, write the counts.

It goes on where the last night on the same commit ended; Ctrl-C ends it and keeps what is done. Exit 1 when an
invariant was broken. What it shows holds for our software in the model.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path

from tests.nightly.processes import processes, quiet
from tests.nightly.state import CHANGED, ROOT, State, commit_of, latest, load
from tests.nightly.table import SECTION, table
from tests.nightly.wires import none_left
from tests.nightly.work import CORES, KINDS, turns
from tests.reliability.document import DOCUMENT, write_section

FOLDER = ROOT / "build" / "nightly"


def _tell(text: str) -> None:
    print(text, flush=True)


def begin(folder: Path, commit: str) -> State:
    """Where the last night on this commit ended, or a new state; says which. Nobody knows two changed trees for one."""
    known, other = load(folder, commit), latest(folder)
    if known is not None and not commit.endswith(CHANGED):
        _tell(f"goes on with {commit}: {known.schedules.next_seed} schedules, {known.seconds / 3600.0:.2f} h so far")
        return known
    _tell(f"begins anew with {commit}" + (f": what is kept is of {other.commit}" if other else ""))
    return State(commit)


def work_on(state: State, folder: Path, hours: float, names: Collection[str] = (), cores: int = CORES) -> None:
    """Run slices until the hours are over; the state is saved after each."""
    began_s, before_s, told = time.monotonic(), state.seconds, len(state.violations)
    with processes(cores) as pool, none_left():
        for kind in turns(state, pool.imap, names):
            state.seconds = before_s + time.monotonic() - began_s
            state.save(folder)
            for each in state.violations[told:]:
                _tell(f"{kind}: {each}")
            told = len(state.violations)
            if time.monotonic() - began_s >= hours * 3600.0:
                return


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.nightly", description="Attack the twin for hours.")
    parser.add_argument("--hours", type=float, default=8.0, help="how long (default %(default)s)")
    parser.add_argument("--state", type=Path, default=FOLDER, help="folder of what is done (default build/nightly)")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where the table is written")
    parser.add_argument("--table", action="store_true", help="write the table of what was run last, and run nothing")
    parser.add_argument("--only", default="", help=f"some of {','.join(kind.__name__ for kind in KINDS)}")
    options = parser.parse_args()
    names = set(options.only.split(",")) - {""}
    unknown = names - {kind.__name__ for kind in KINDS}
    if unknown:
        parser.error(f"only = {', '.join(sorted(unknown))}: allowed: {', '.join(kind.__name__ for kind in KINDS)}")
    if not options.hours > 0.0:
        parser.error(f"hours = {options.hours}: allowed: more than 0")
    if options.table:
        write_section(SECTION, table(latest(options.state)), options.document)
        return 0
    quiet()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it begins in the background ignore it
    state = begin(options.state, commit_of())
    try:
        work_on(state, options.state, options.hours, names)
    except KeyboardInterrupt:
        _tell("ended by hand; what is done is kept")
        state.save(options.state)
    write_section(SECTION, table(state), options.document)
    _tell(table(state))
    return 1 if state.violations else 0


if __name__ == "__main__":
    sys.exit(main())
