"""Three swaps end to end in the demo: three processes, plant time twenty times as fast."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.figures import Figure, at_least

SPEED = 20
SWAPS = 3


def measure() -> list[Figure]:
    """Run the demo and take what it tells."""
    command = [sys.executable, "-m", "swapstation", "demo", "--headless", "--json"]
    command += ["--swaps", str(SWAPS), "--speed", str(SPEED)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
    seconds = told["swap_seconds"]
    return [
        at_least("swaps completed", told["swaps_completed"], SWAPS),
        Figure("longest swap, plant time", max(seconds) * SPEED, "s"),
        Figure("largest lateness of the scan cycle", told["max_cycle_lateness_ms"], "ms"),
    ]
