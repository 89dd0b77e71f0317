"""`python -m tests.bench [--only a,b [--put]] [--frames N] [--json]`: measure, and write docs/benchmarks.md.

A whole run writes the whole page, `--put` puts the sections of some measurements in their places.

Exit 1 when a goal is missed or a measurement fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from tests.bench import (
    clients,
    console,
    decode,
    energy,
    fleet,
    frames,
    get_bays,
    ingest,
    lateness,
    limits,
    memory,
    path,
    plan,
    reaction,
    real_time,
    restore,
    swaps,
    telemetry,
)
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.machine import machine

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def _decode() -> list[Figure]:
    told = decode.measure()
    return [
        at_least("frames to typed messages, ours / cantools", told["ratio"], 2.5, "x"),
        Figure("ours", told["ours_per_s"], "frames/s"),
        Figure("cantools", told["cantools_per_s"], "frames/s"),
        at_most("values that differ", told["unequal"] if isinstance(told["unequal"], int) else len(told["unequal"]), 0),
    ]


MEASUREMENTS: Mapping[str, tuple[str, Callable[[], list[Figure]]]] = {
    "decode": ("Frame to typed message, beside cantools in one process", _decode),
    "path": ("slcan bytes on TCP to decisions, ten charging bays, one core", path.measure),
    "real_time": ("The controller process driving ten charging bays over slcan TCP, 30 s", real_time.measure),
    "reaction": ("Changed input on a device's wire to the stop at a device, controller as a process", reaction.measure),
    "get_bays": ("GET /bays with a session and real state, beside a bare uvicorn ping, in turn", get_bays.measure),
    "lateness": (
        "Lateness of the controller's cycle under 1,000 requests/s and 100 slow sockets at its server",
        lateness.measure,
    ),
    "clients": ("Fifty consoles at the live stream of ten charging bays", clients.measure),
    "console": ("The console in a browser at ten charging bays, 5 pictures a second", console.measure),
    "frames": ("Random and mutated frames through every decoder", frames.measure),
    "memory": (
        "Memory over one hour of ten charging bays (virtual time, controller and simulation in one process)",
        memory.measure,
    ),
    "swaps": ("Three swaps end to end, plant time x 20", swaps.measure),
    "plan": ("One day's charging plan for twelve batteries, beside a program with binaries", plan.measure),
    "energy": (
        "Cost of charging and waits of trucks: 7 days, 5 seeds, synthetic demand and prices",
        energy.measure,
    ),
    "fleet": ("A closed fleet of 125 trucks in 1000 h, against its limit", fleet.measure),
    "telemetry": (
        "Thirty days of telemetry of ten bays: the archive beside a tight SQLite layout",
        telemetry.measure,
    ),
    "restore": ("Backup, verification and restore of a station of five years", restore.measure),
    "ingest": (
        "The control cycle while telemetry of ten bays is ingested, archived and asked for, beside it at rest",
        ingest.measure,
    ),
    "limits": ("A week at a contract of 1000 kW, with a bad meter, plug-in guns and a robot beside", limits.measure),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the product on this machine.")
    parser.add_argument("--only", default="", help=f"some of {','.join(MEASUREMENTS)}; writes no page without --put")
    parser.add_argument("--put", action="store_true", help="put the sections of --only into docs/benchmarks.md")
    parser.add_argument("--frames", type=int, default=frames.ITEMS, help="items for `frames` (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(MEASUREMENTS)
    unknown = set(chosen) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; allowed: {', '.join(MEASUREMENTS)}")
    told: dict[str, list[Figure]] = {}
    seconds: dict[str, float] = {}
    measured_on = machine()
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        begun_s = time.monotonic()
        told[name] = frames.measure(options.frames) if name == "frames" else MEASUREMENTS[name][1]()
        seconds[name] = time.monotonic() - begun_s
    text = report(measured_on, told, seconds)
    if not options.only:
        REPORT.write_text(text, encoding="utf-8")
    elif options.put:
        page = REPORT.read_text(encoding="utf-8")
        for name in chosen:
            page = put(page, MEASUREMENTS[name][0], _section(name, told[name], seconds[name], _of(measured_on)))
        REPORT.write_text(page, encoding="utf-8")
    print(_json(measured_on, told, seconds) if options.json else text)
    return 0 if all(figure.met is not False for figures in told.values() for figure in figures) else 1


def report(measured_on: Mapping[str, str], told: Mapping[str, list[Figure]], seconds: Mapping[str, float]) -> str:
    """The page: the machine, then one table for each measurement."""
    lines = [
        "# Benchmarks",
        "",
        "One run of `make bench`. Ratios compare things measured side by side in this run; absolute figures hold for",
        "this machine alone. What each measurement does is in the first lines of its file in `tests/bench/`.",
        "",
        ", ".join(f"{name}: {value}" for name, value in measured_on.items()) + ".",
        f"The run took {sum(seconds.values()) / 60:.1f} minutes.",
    ]
    sections = (_section(name, figures, seconds[name]) for name, figures in told.items())
    return "\n".join((*lines, "", *sections))


def put(page: str, title: str, section: str) -> str:
    """The page with a section in the place of the one of that title, or at its end."""
    head = f"## {title}\n"
    if head not in page:
        return f"{page}\n{section}"
    before, _, rest = page.partition(head)
    _, next_head, after = rest.partition("\n## ")
    return before + section + next_head + after


def _section(name: str, figures: list[Figure], seconds: float, machine: str = "") -> str:
    lines = [f"## {MEASUREMENTS[name][0]}", "", "| figure | value | goal | met |", "|---|---|---|---|"]
    for figure in figures:
        met = {None: "", True: "yes", False: "no"}[figure.met]
        lines.append(f"| {figure.name} | {_number(figure.value)} {figure.unit} | {figure.goal} | {met} |")
    lines += ["", f"`{name}` took {seconds:.0f} s{machine}.", ""]
    return "\n".join(lines)


def _of(measured_on: Mapping[str, str]) -> str:
    told = ", ".join(f"{name}: {value}" for name, value in measured_on.items())
    return f", in a run of its own ({told})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def _json(measured_on: Mapping[str, str], told: Mapping[str, list[Figure]], seconds: Mapping[str, float]) -> str:
    content = {
        name: {"seconds": round(seconds[name], 1), "figures": [asdict(each) for each in told[name]]} for name in told
    }
    return json.dumps({"machine": dict(measured_on), "measurements": content}, ensure_ascii=False, indent=2)


if __name__ == "__main__":
    sys.exit(main())
