"""What the samples of all runs add up to: one row per run and process, and what is held against a goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from tests.soak.sample import NAMES, Sample

WARM_S = 900.0
"""Memory is compared from here on: caches fill and libraries load until then."""
EDGE = 5
"""Samples at either end whose median is compared."""
MOST_GROWTH_PCT = 5.0
CYCLE_MS = 100.0


@dataclass(frozen=True, slots=True)
class Row:
    """One run. `growth_pct`: memory of each process at the end over that when it was warm; None where it was too short.

    A control cycle counts as missed when it began a whole period late.
    """

    run: str
    hours: float
    swaps: int
    failed: int
    lateness_ms: float
    growth_pct: dict[str, float] | None
    rss_mb: dict[str, float]
    files: dict[str, int]
    data_mb: float

    @property
    def missed(self) -> bool:
        return self.lateness_ms >= CYCLE_MS

    @property
    def is_flat(self) -> bool:
        return self.growth_pct is None or max(self.growth_pct.values()) <= MOST_GROWTH_PCT


def rows(samples: Iterable[Sample]) -> list[Row]:
    """One row for each run, in the order of the samples."""
    return [_row(run, list(each)) for run, each in groupby(samples, key=lambda sample: sample.run)]


def _row(run: str, samples: Sequence[Sample]) -> Row:
    warm, last = [sample for sample in samples if sample.s >= WARM_S], samples[-1]
    growth = None
    if len(warm) >= 2 * EDGE:
        growth = {name: round(_growth_pct([sample.rss_mb[name] for sample in warm]), 1) for name in NAMES}
    return Row(
        run,
        last.s / 3600.0,
        last.swaps,
        last.failed,
        last.lateness_ms,
        growth,
        dict(last.rss_mb),
        dict(last.files),
        last.data_mb,
    )


def _growth_pct(values: Sequence[float]) -> float:
    before, after = median(values[:EDGE]), median(values[-EDGE:])
    return 100.0 * (after - before) / before


def table(samples: Iterable[Sample]) -> str:
    """The section of docs/operations.md."""
    found = rows(samples)
    hours = sum(row.hours for row in found)
    names = " | ".join(f"{name}, MB (growth)" for name in NAMES)
    in_all = (
        f"{hours:.1f} h in {len(found)} runs, {sum(row.swaps for row in found)} swaps completed,"
        f" {sum(row.failed for row in found)} not. Memory is that of the last minute; its growth is since minute"
        f" {WARM_S / 60.0:.0f} (goal: at most {MOST_GROWTH_PCT:g} %). A cycle is missed when it begins {CYCLE_MS:g} ms"
        " late."
    )
    lines = [
        in_all,
        "",
        f"| begun, commit | hours | swaps | {names} | open files of the server | latest cycle | files of the station |",
        "|" + "---|" * (6 + len(NAMES)),
    ]
    for row in found:
        swaps = f"{row.swaps}, {row.failed} failed" if row.failed else row.swaps
        memory = " | ".join(f"{row.rss_mb[name]:.0f} ({_signed(row.growth_pct, name)})" for name in NAMES)
        lines.append(
            f"| {row.run} | {row.hours:.2f} | {swaps} | {memory} | {row.files['server']} |"
            f" {row.lateness_ms:.0f} ms{', missed' if row.missed else ''} | {row.data_mb:.0f} MB |"
        )
    return "\n".join(lines)


def _signed(growth_pct: dict[str, float] | None, name: str) -> str:
    return "too short" if growth_pct is None else f"{growth_pct[name]:+.1f} %"
