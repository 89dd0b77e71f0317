"""Linear programs in arrays: what comes out, and what happens when a solver gives up."""

from __future__ import annotations

import numpy as np
import pytest

from swapstation.energy import lp as lp_module
from swapstation.energy.lp import INFINITE, Lp, LpUnsolved


def _program(most: float = 4.0) -> Lp:
    """Cheapest way to have 6 of two things, of the cheap one at most `most`."""
    lp = Lp()
    amounts = lp.columns(2, 0.0, [most, 10.0], [1.0, 3.0])
    lp.enter(lp.rows(1, 6.0, INFINITE), amounts, 1.0)
    return lp


@pytest.mark.parametrize("from_bounds", [False, True])
def test_an_optimum_is_found_either_way(from_bounds: bool) -> None:
    assert _program().solve(from_bounds).tolist() == pytest.approx([4.0, 2.0])


def test_where_the_fast_way_gives_up_the_other_one_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lp_module, "FROM_BOUNDS", {"simplex_iteration_limit": 0, "presolve": "off"})
    assert _program().solve(from_bounds=True).tolist() == pytest.approx([4.0, 2.0])


def test_what_has_no_solution_is_told() -> None:
    lp = _program()
    lp.enter(lp.rows(1, -INFINITE, 5.0), np.arange(2), 1.0)
    with pytest.raises(LpUnsolved, match="nfeasible"):
        lp.solve()


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    _program().solve()
    assert capfd.readouterr() == ("", "")
