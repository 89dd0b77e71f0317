"""The next week from the last ones: peaks where they were, intervals that hold, and more station that waits less."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from swapstation.energy.tariff import LOCAL_ZONE
from swapstation.model.arrival import Arrival
from swapstation.study.energy_case import EnergyCase
from swapstation.study.outlook import DAY, WEEK, outlook, variants, what_if

NOW = datetime(2026, 5, 4, 16, tzinfo=UTC)  # midnight in China
BUSY = 9
"""The local hour in which most trucks come."""


def came(days: int, seed: int = 1) -> list[Arrival]:
    """One truck an hour, five in the busy one, at random."""
    chance, found = Random(seed), []
    for hour in range(days * 24):
        at = NOW - days * DAY + timedelta(hours=hour)
        mean = 5.0 if at.astimezone(LOCAL_ZONE).hour == BUSY else 1.0
        count, level = 0, chance.random()
        while level > math.exp(-mean):
            count, level = count + 1, level * chance.random()
        found += [Arrival(at + timedelta(minutes=chance.uniform(0, 60)), "LFP", 30.0, 0.0) for _ in range(count)]
    return sorted(found, key=lambda each: each.at)


def test_the_peak_is_where_it_was_and_the_day_adds_up() -> None:
    seen = outlook(came(56), "LFP", NOW, LOCAL_ZONE)
    assert seen is not None
    assert len(seen.hours) == WEEK // timedelta(hours=1)
    assert {each.at.hour for each in seen.peaks(24, 1)} == {BUSY}
    assert {each.at.hour for each in seen.peaks(168, 7)} == {BUSY}
    assert seen.per_day == pytest.approx(28.0, rel=0.15)
    assert (round(seen.known_days), seen.return_soc_pct) == (56, 30.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_interval_of_80_percent_holds_about_so_many_hours(seed: int) -> None:
    seen = outlook(came(56, seed), "LFP", NOW, LOCAL_ZONE)
    assert seen is not None
    assert seen.coverage_pct is not None
    assert 70.0 <= seen.coverage_pct <= 100.0, "counts are whole numbers: an interval holds more rather than less"


def test_little_is_said_of_little() -> None:
    assert outlook(came(2), "LFP", NOW, LOCAL_ZONE) is None
    assert outlook(came(56), "other", NOW, LOCAL_ZONE) is None
    young = outlook(came(5), "LFP", NOW, LOCAL_ZONE)
    assert young is not None
    assert young.coverage_pct is None


def test_more_batteries_or_power_never_wait_longer() -> None:
    tight = EnergyCase(3, 500.0, 30.0, days=1, history_days=7, horizon_h=6.0)
    cases = variants(tight, 250.0, 2)
    now, both = (what_if(name, cases[name], (1,)) for name in ("as_it_is", "both"))
    assert both.most_swaps_per_day > now.most_swaps_per_day
    assert both.mean_wait_min < now.mean_wait_min
    assert (cases["one_bay_more"], cases["more_power"]) == (replace(tight, batteries=4), replace(tight, site_kw=750.0))
