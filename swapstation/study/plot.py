"""The cases as a chart: the limit behind, what was simulated before it; beside it the waits of random arrivals."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from swapstation.study.result import Result

INCHES = 2.2
"""Width of one case."""


def chart(results: Sequence[Result]) -> Figure:
    """Bars of all cases, and the waits where there are any; to be saved in whatever format."""
    waits = any(result.loads for result in results)
    figure = Figure((INCHES * len(results) * (2 if waits else 1) + 2.0, 4.5), layout="constrained")
    axes = figure.subplots(1, 2 if waits else 1, squeeze=False)[0]
    _bars(axes[0], results)
    if waits:
        _waits(axes[1], results)
    return figure


def _bars(axes: Axes, results: Sequence[Result]) -> None:
    names = [_name(result) for result in results]
    limits = [result.limit_per_h for result in results]
    done = [result.measured.swaps_per_h for result in results]
    axes.bar(names, limits, width=0.8, color="#d0d7de", label="physical limit")
    bars = axes.bar(names, done, width=0.5, color="#3366cc", label="simulated")
    axes.bar_label(bars, [f"{each / limit:.3f}" for each, limit in zip(done, limits, strict=True)], padding=3)
    axes.set_ylabel("swaps per hour")
    axes.margins(y=0.2)
    axes.legend(loc="upper left")


def _waits(axes: Axes, results: Sequence[Result]) -> None:
    for result in results:
        shares = [load.share for load in result.loads]
        axes.plot(shares, [load.wait_min for load in result.loads], marker="o", label=_name(result).replace("\n", ", "))
    axes.set_xlabel("arrivals at random, share of the limit")
    axes.set_ylabel("mean wait of a truck (min)")
    axes.set_ylim(bottom=0.0)
    axes.legend()


def _name(result: Result) -> str:
    return f"{result.case.batteries} packs\n{result.case.site_kw:g} kW"
