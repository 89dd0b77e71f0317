"""`python -m tests.nightly.commit_seed [--seconds S]`: schedules from a seed that the commit says, told in one line.

It reports and gates nothing: exit 0 also when an invariant was broken, so that a seed nobody has seen before stops no
change that is innocent of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator

from swapstation.twin.pool import run_seed
from swapstation.twin.run import Outcome
from tests.nightly.processes import processes, quiet
from tests.nightly.state import commit_of
from tests.nightly.work import CORES

DIGITS = 6
MOST = 2000


def seed_of(commit: str) -> int:
    """The first seed of a commit: its leading hexadecimal digits."""
    return int(commit[:DIGITS], 16)


def told(seed: int, outcomes: Iterable[Outcome]) -> str:
    """One line of what was run, and below it how to replay what broke an invariant."""
    seen = list(outcomes)
    broken = [outcome for outcome in seen if outcome.violations]
    lines = [f"schedules of this commit: seed {seed}, {len(seen)} schedules, {len(broken)} with a violation; no gate"]
    for outcome in broken:
        first, replay = outcome.violations[0], f"swapstation faults --replay {outcome.schedule.seed} --verbose"
        lines.append(f"  invariant {first.invariant} at {first.at_s} s: {first.text}; replay: {replay}")
    return "\n".join(lines)


def within(seconds: float, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes that are there in time."""
    until_s = time.monotonic() + seconds
    for outcome in outcomes:
        yield outcome
        if time.monotonic() >= until_s:
            return


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.nightly.commit_seed", description="Report, gate nothing.")
    parser.add_argument("--seconds", type=float, default=50.0, help="for how long (default %(default)s)")
    options = parser.parse_args()
    seed = seed_of(commit_of())
    quiet()
    with processes(CORES) as pool:
        print(told(seed, within(options.seconds, pool.imap(run_seed, range(seed, seed + MOST)))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
