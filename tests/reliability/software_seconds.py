"""What our own software costs of a swap: `python -m tests.reliability.software_seconds` measures and writes it.

Real processes, wires and clock (`swapstation demo`), plant time faster than real; the figures are wall seconds, as they
would be at any speed of the plant.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import run_swaps, station
from swapstation.demo.station_file import DemoOptions, free_ports
from tests.reliability.document import write_section

SWAPS, SPEED = 3, 20.0
GOAL_S = 3.0


def measured(exchange: Exchange) -> Iterator[float]:
    """Software-caused seconds of each swap of one demo run."""
    options = DemoOptions(SWAPS, SPEED, "tcp", exchange, Charging.DIRECT, seed=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with station(options, folder, free_ports(1)[0], folder / "logs") as demo:
            result = run_swaps(demo, options)
            assert result.failed == 0
            for swap in demo.api.get("/swaps"):
                yield sum(step["software_s"] for step in swap["step_seconds"])


def section() -> str:
    """The text between the markers."""
    lines = ["| exchange | swaps | software-caused seconds of each | goal |", "| --- | ---: | --- | --- |"]
    for exchange in Exchange:
        seconds = list(measured(exchange))
        told = ", ".join(f"{each:.2f}" for each in seconds)
        met = "met" if max(seconds) <= GOAL_S else "missed"
        lines.append(f"| {exchange.value} | {len(seconds)} | {told} | {GOAL_S:g} s: {met} |")
    return "\n".join(lines)


if __name__ == "__main__":
    write_section("software", section())
