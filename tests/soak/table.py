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
    """One run by its last sample, and how memory grew (%) since it was warm, by process; None: it was too short.

    A control cycle counts as missed when it began a whole period late.
    """

    last: Sample
    growth_pct: dict[str, float] | None

    @property
    def missed(self) -> bool:
        return self.last.lateness_ms >= CYCLE_MS

    @property
    def is_flat(self) -> bool:
        return self.growth_pct is None or max(self.growth_pct.values()) <= MOST_GROWTH_PCT


def rows(samples: Iterable[Sample]) -> list[Row]:
    """One row for each run, in the order of the samples."""
    return [_row(list(each)) for _, each in groupby(samples, key=lambda sample: sample.run)]


def _row(samples: Sequence[Sample]) -> Row:
    warm = [sample for sample in samples if sample.s >= WARM_S]
    if len(warm) < 2 * EDGE:
        return Row(samples[-1], None)
    return Row(samples[-1], {name: round(_growth_pct([each.rss_mb[name] for each in warm]), 1) for name in NAMES})


def _growth_pct(values: Sequence[float]) -> float:
    before, after = median(values[:EDGE]), median(values[-EDGE:])
    return 100.0 * (after - before) / before


def table(samples: Iterable[Sample]) -> str:
    """The section of docs/operations.md."""
    found = rows(samples)
    hours = sum(row.last.s for row in found) / 3600.0
    names = " | ".join(f"{name}, MB (growth)" for name in NAMES)
    in_all = (
        f"{hours:.1f} h in {len(found)} runs, {sum(row.last.swaps for row in found)} swaps completed,"
        f" {sum(row.last.failed for row in found)} not. Memory is that of the last minute; its growth is since minute"
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
        last = row.last
        swaps = f"{last.swaps}, {last.failed} failed" if last.failed else last.swaps
        memory = " | ".join(f"{last.rss_mb[name]:.0f} ({_signed(row.growth_pct, name)})" for name in NAMES)
        lines.append(
            f"| {last.run} | {last.s / 3600.0:.2f} | {swaps} | {memory} | {last.files['server']} |"
            f" {last.lateness_ms:.0f} ms{', missed' if row.missed else ''} | {last.data_mb:.0f} MB |"
        )
    return "\n".join(lines)


def _signed(growth_pct: dict[str, float] | None, name: str) -> str:
    return "too short" if growth_pct is None else f"{growth_pct[name]:+.1f} %"
