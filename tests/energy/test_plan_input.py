"""What a plan is made from: steps of the clock, curves, and words for input that does not fit together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.curve import Curve
from swapstation.energy.plan_input import BayBattery, ModelDemand, PlanInput, step_lengths
from swapstation.errors import InputError

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)


def _input(price: int = 3, model: str = "A", second_bay: int = 2) -> PlanInput:
    batteries = tuple(BayBattery(bay, f"B{bay}", model, 50.0, 282.0, 250.0) for bay in (1, second_bay))
    demand = ModelDemand("A", (0.1,) * 3, (0.3,) * 3)
    return PlanInput(AT, (300.0,) * 3, (1600.0,) * 3, (0.5,) * price, batteries, (demand,))


def test_steps_start_where_the_one_before_ends() -> None:
    assert _input().starts_s == (0.0, 300.0, 600.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"price": 2}, "price_per_kwh = 2: one value for each of the 3 steps"),
        ({"model": "B"}, "'B' too"),
        ({"second_bay": 1}, "each bay once"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(arguments: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        _input(**arguments)  # type: ignore[arg-type]


@given(second=st.integers(0, 3599), fine_h=st.sampled_from([1.0, 4.0]), horizon_h=st.sampled_from([12.0, 24.0, 48.0]))
def test_steps_end_on_the_clock_and_cover_the_horizon(second: int, fine_h: float, horizon_h: float) -> None:
    lengths = step_lengths(second, fine_h, horizon_h)
    assert sum(lengths) == pytest.approx(horizon_h * 3600.0)
    assert all(0.0 < length <= 900.0 for length in lengths)
    at_s = float(second)
    for length_s in lengths[:-1]:
        at_s += length_s
        assert at_s % 300.0 == pytest.approx(0.0)
        assert length_s <= 300.0 or at_s % 900.0 == pytest.approx(0.0)


def test_a_curve_is_straight_between_its_points_and_level_beyond() -> None:
    curve = Curve(((90.0, 1.0), (100.0, 0.1)))
    assert [curve.at(x) for x in (0.0, 90.0, 95.0, 100.0, 120.0)] == pytest.approx([1.0, 1.0, 0.55, 0.1, 0.1])
    with pytest.raises(InputError, match="x rising"):
        Curve(((1.0, 1.0), (1.0, 2.0)))
