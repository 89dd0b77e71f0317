"""Coverage-guided fuzzing: `python -m tests.fuzz [--seconds N] [--only a,b]`; needs the extra `fuzz` (atheris).

N seconds in all, shared by the targets, one process per core. A found case is written to tests/fuzz/cases/, where
test_cases.py runs it from then on. Exit 1 when something was found.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.corpus import corpus
from tests.fuzz.targets import TARGETS

_CASES = Path(__file__).parent / "cases"
_LONGEST_INPUT = 512
_RUN = """
import sys
import atheris
with atheris.instrument_imports(include=["swapstation"]):
    from tests.fuzz.targets import TARGETS
target = TARGETS[sys.argv.pop()]
atheris.Setup(sys.argv, lambda data: (target(data), None)[1])
atheris.Fuzz()
"""


def fuzz(target: str, seconds: int) -> str:
    """Fuzz one target in a process of its own; returns what it said at the end when it found something."""
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(corpus(target)):
            (Path(folder) / f"vector-{number}").write_bytes(data)
        options = [f"-max_total_time={seconds}", f"-max_len={_LONGEST_INPUT}", "-timeout=10", "-verbosity=0"]
        command = [sys.executable, "-c", _RUN, folder, *options, f"-artifact_prefix={_CASES}/{target}-", target]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (run.stdout + run.stderr).splitlines()
    return "\n".join(line for line in said if not line.startswith(("INFO", "WARNING"))) if run.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Coverage-guided fuzzing of the decoders."
    )
    parser.add_argument("--seconds", type=int, default=60, help="in all (default 60)")
    parser.add_argument("--only", default="", help=f"some of {','.join(TARGETS)}")
    options = parser.parse_args()
    targets = options.only.split(",") if options.only else list(TARGETS)
    cores = os.cpu_count() or 1
    seconds = max(1, options.seconds * cores // len(targets))
    with ThreadPoolExecutor(cores) as pool:
        results = dict(zip(targets, pool.map(lambda target: fuzz(target, seconds), targets), strict=True))
    for target, said in results.items():
        print(f"{target}: {'FOUND' if said else 'nothing found'} in {seconds} s")
        if said:
            print(said)
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
