"""The demand forecast: what it learns of hours, shifts and weekdays, how it forgets, what announcements replace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.arrivals import at_least, more_than_unlikely
from swapstation.energy.forecast import DemandForecast

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def _taught(days: int, per_h: dict[int, float], sunday_share: float = 1.0, lead_s: float = 0.0) -> DemandForecast:
    """So many days in which each hour has exactly its mean, spread over trucks in the long run."""
    forecast, owed = DemandForecast(), [0.0] * 24
    for hour in range(days * 24):
        at = MONDAY + timedelta(hours=hour)
        owed[at.hour] += per_h.get(at.hour, 0.0) * (sunday_share if at.weekday() == 6 else 1.0)
        came = int(owed[at.hour] + 1e-9)
        owed[at.hour] -= came
        forecast.learn(at, [lead_s] * came)
    return forecast


def test_it_learns_the_hours_of_the_day() -> None:
    forecast = _taught(28, dict.fromkeys(range(24), 1.0) | {9: 4.0, 3: 0.0})
    tuesday = MONDAY + timedelta(days=29)
    assert forecast.mean(tuesday.replace(hour=9)) == pytest.approx(4.0, rel=0.15)
    assert forecast.mean(tuesday.replace(hour=12)) == pytest.approx(1.0, rel=0.15)
    assert forecast.mean(tuesday.replace(hour=3)) < 0.2


def test_it_learns_that_a_weekday_is_calmer() -> None:
    forecast = _taught(56, dict.fromkeys(range(24), 2.0), sunday_share=0.25)
    noon = MONDAY + timedelta(days=56, hours=12)
    assert forecast.mean(noon + timedelta(days=6)) < 0.6 * forecast.mean(noon)


def test_what_is_old_counts_less() -> None:
    forecast = _taught(56, {12: 1.0})
    for day in range(28):
        for hour in range(24):
            at = MONDAY + timedelta(days=56 + day, hours=hour)
            forecast.learn(at, [0.0] * (3 if hour == 12 else 0))
    assert 2.0 < forecast.mean(MONDAY + timedelta(days=84, hours=12)) < 3.0


def test_nothing_known_is_nothing_expected() -> None:
    mean, spread = DemandForecast().ahead(MONDAY, (300.0, 900.0))
    assert (mean, spread) == ((0.0, 0.0), (0.0, 0.0))


def test_announcements_replace_their_part() -> None:
    forecast = _taught(28, dict.fromkeys(range(24), 2.0), lead_s=3600.0)
    assert forecast.announced_share().at(1800.0) == pytest.approx(1.0)
    mean, spread = forecast.ahead(MONDAY + timedelta(days=28), (900.0,) * 12)
    assert mean[:3] == pytest.approx((0.0, 0.0, 0.0))
    assert mean[-1] == pytest.approx(0.5, rel=0.1)
    assert spread[-1] >= mean[-1] ** 0.5


def test_trucks_at_random_have_the_spread_of_poisson_and_bunches_have_more() -> None:
    def of(bunch: int) -> float:
        chance, forecast = Random(1), DemandForecast()
        for hour in range(90 * 24):
            came = sum(chance.random() < 2.0 / 60.0 / bunch for _ in range(60)) * bunch
            forecast.learn(MONDAY + timedelta(hours=hour), [0.0] * came)
        return forecast.dispersion

    assert of(1) < 1.4
    assert of(4) > 2.5


@given(mean=st.floats(0.01, 20.0), extra=st.floats(0.0, 20.0), most=st.integers(1, 15))
def test_chances_fall_and_are_those_of_their_distribution(mean: float, extra: float, most: int) -> None:
    rows = at_least(np.array([mean]), np.array([mean + extra]), most)[:, 0]
    assert rows[0] == 1.0
    assert all(0.0 <= later <= earlier for earlier, later in pairwise(rows))
    assert at_least(np.array([mean]), np.array([mean]), 1)[1, 0] == pytest.approx(1.0 - np.exp(-mean), abs=1e-6)


def test_a_wide_spread_keeps_its_mean() -> None:
    rows = at_least(np.array([2.0]), np.array([6.0]), 200)[:, 0]
    assert rows[1:].sum() == pytest.approx(2.0, rel=1e-6), "the mean is the sum of the chances of n or more"


def test_the_number_that_is_unlikely_grows_with_what_is_expected() -> None:
    means = np.array([0.0, 0.01, 1.0, 5.0])
    assert more_than_unlikely(means, means, 0.02, 12).tolist() == [0.0, 0.0, 3.0, 10.0]
