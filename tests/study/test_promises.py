"""The study of promises: trucks that book come, get batteries, and are counted; a battery too late is a broken one."""

from __future__ import annotations

import pytest

from swapstation.study import promises
from swapstation.study.promises import Bookings, Trip, keep, vins
from swapstation.study.site import Case


def test_trucks_that_book_get_what_was_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "WARM_UP_H", 0.0)
    often = Bookings(per_h=10.0, booked_share=0.7, notice_min=10.0, punctual_sd_min=2.0)
    found = keep(Case(7, 1600.0, trucks=vins(20)), often, 0.035, seed=2)
    assert found.promised >= found.due >= 2
    assert found.kept == found.due
    assert found.swaps >= found.due


@pytest.mark.parametrize(
    ("given_s", "soc_pct", "lost", "kept"),
    [
        (4000.0, 95.0, False, True),
        (3600.0 + 300.0 + 1.0, 95.0, False, False),
        (3700.0, 90.0, False, False),
        (3700.0, 95.0, True, False),
    ],
)
def test_what_counts_as_kept(given_s: float, soc_pct: float, lost: bool, kept: bool) -> None:
    opened_s = 3750.0 if given_s == 4000.0 else 3500.0
    trip = Trip("V", 0.0, 3500.0, 3600.0, "H", lost=lost, opened_s=opened_s, given_s=given_s, soc_pct=soc_pct)
    assert trip.kept is kept
