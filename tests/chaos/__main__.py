"""`python -m tests.chaos [--cycles N] [--seed S] [--only a,b] [--json]`: attack real processes over real wires.

Exit 1 when an invariant was broken or an acknowledged fact was lost. What it shows holds for our software and the
simulated devices.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from tests.chaos import outputs
from tests.chaos.attacks import ATTACKS, missing_tool
from tests.chaos.full_disk import full_disk
from tests.chaos.site import Tally
from tests.chaos.storm import storm

Case = Callable[[int, int], Tally]

CYCLES_PER_STATION = 20
OUTPUTS = (outputs.hostile_plc, outputs.plc_alone, outputs.charger_alone, outputs.direct_bay, full_disk)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _storm(attack: str, cycles: int, seed: int) -> Tally:
    return storm([ATTACKS[attack]] * cycles, seed, _tell)


CASES: Mapping[str, Case] = {name: partial(_storm, name) for name in ATTACKS} | {
    case.__name__: case for case in OUTPUTS
}


def run(name: str, cycles: int, seed: int) -> Tally:
    """A case, every twenty cycles in a new station."""
    total = Tally(skipped=missing_tool(name))
    for number, done in enumerate(range(0, 0 if total.skipped else cycles, CYCLES_PER_STATION)):
        total.add(CASES[name](min(CYCLES_PER_STATION, cycles - done), seed + number))
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Attack real processes on real wires.")
    parser.add_argument("--cycles", type=int, default=2, help="attacks of each case (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of instants and choices (default %(default)s)")
    parser.add_argument("--only", default="", help=f"some of {','.join(CASES)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a night begun in the background ignores it, we do not
    chosen = options.only.split(",") if options.only else list(CASES)
    unknown = set(chosen) - set(CASES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; allowed: {', '.join(CASES)}")
    told = {}
    for name in chosen:
        begun_s = time.monotonic()
        tally = run(name, options.cycles, options.seed)
        told[name] = asdict(tally) | {"counts": dict(tally.counts), "seconds": round(time.monotonic() - begun_s, 1)}
        _tell(line(name, told[name]))
    total = summary(told, options.seed)
    print(json.dumps(total, ensure_ascii=False, indent=2) if options.json else text(total))
    return 1 if total["lost"] or total["violations"] else 0


def summary(told: Mapping[str, Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """What all cases add up to, and each of them."""
    return {
        "seed": seed,
        "cycles": sum(each["cycles"] for each in told.values()),
        "acknowledged": sum(each["acknowledged"] for each in told.values()),
        "lost": sum(len(each["lost"]) for each in told.values()),
        "violations": sum(len(each["violations"]) for each in told.values()),
        "skipped": {name: each["skipped"] for name, each in told.items() if each["skipped"]},
        "cases": told,
    }


def line(name: str, told: Mapping[str, Any]) -> str:
    """One case in one line, its breaches below."""
    if told["skipped"]:
        return f"{name}: skipped, {told['skipped']}"
    counts = ", ".join(f"{count} {what}" for what, count in sorted(told["counts"].items()))
    lost, broken = told["lost"], told["violations"]
    head = (
        f"{name}: {told['cycles']} cycles, {len(lost)} of {told['acknowledged']} facts lost, {len(broken)} violations"
    )
    breaches = [*lost, *(f"invariant {each['invariant']} at {each['at_s']} s: {each['text']}" for each in broken)]
    breaches += [f"kept in {folder}" for folder in told["kept"]]
    return "\n  ".join([f"{head}; {counts} ({told['seconds']} s)", *breaches])


def text(total: Mapping[str, Any]) -> str:
    sums = [f"{total[name]} {name}" for name in ("cycles", "acknowledged", "lost", "violations")]
    return "\n".join([line(name, told) for name, told in total["cases"].items()] + [", ".join(sums)])


if __name__ == "__main__":
    sys.exit(main())
