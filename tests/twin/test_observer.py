"""What counts as a transition seen."""

from __future__ import annotations

import pytest

from swapstation.twin.observer import ALL_TRANSITIONS, ways


@pytest.mark.parametrize(("before", "after"), sorted(ALL_TRANSITIONS))
def test_a_way_of_the_table_counts_as_itself(before: str, after: str) -> None:
    assert ways(before, after) == {(before, after)}


def test_a_station_that_is_held_within_one_cycle_went_through_holding() -> None:
    assert ways("idle", "held") == {("idle", "holding"), ("holding", "held")}


def test_what_the_table_does_not_know_proves_no_way_of_it() -> None:
    assert not ways("off", "aborted") & ALL_TRANSITIONS
    assert not ways("held", "execute") & {("held", "holding")}
