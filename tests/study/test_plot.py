"""The chart: a bar and its share of the limit for each case, and the waits where arrivals were random."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.lines import Line2D

from swapstation.study.limits import Plant
from swapstation.study.plot import chart
from swapstation.study.result import Load, Result
from swapstation.study.site import Case
from swapstation.study.throughput import Measured

PLANT = Plant(7, 1000.0, 0.95, 300.0, 100.0, 0.75, 190.0)
MEASURED = Measured(40, 4.5, 0.0, 300.0, 100.0, 190.0, 1000.0, 0)


@pytest.mark.parametrize("loads", [(), (Load(0.5, 2.5, 1.5), Load(0.9, 4.5, 8.0))])
def test_a_chart_tells_the_share_of_the_limit_and_the_waits(loads: tuple[Load, ...]) -> None:
    bars, *waits = chart([Result(Case(7, 1000.0), MEASURED, PLANT, loads)]).axes
    assert {text.get_text() for text in bars.texts} == {"0.900"}
    lines: list[Line2D] = [line for axes in waits for line in axes.lines]
    assert [np.asarray(line.get_ydata()).tolist() for line in lines] == ([[1.5, 8.0]] if loads else [])
