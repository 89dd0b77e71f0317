"""Expected waits of a queue: by hand, and in their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.stagger import Capacity
from swapstation.energy.waiting import ExpectedWait, expected_waits


def test_the_first_ones_wait_for_the_lane_and_the_next_for_a_charge() -> None:
    capacity = Capacity(swap_s=300.0, ready_s=(0.0, 0.0), recharge_s=3600.0, lane_free_s=120.0)
    first, second, third = (wait.minutes for wait in expected_waits(3, capacity) if wait is not None)
    assert (first, second) == (2.0, 7.0)
    assert third == 2.0 + 5.0 + 60.0, "the first returned battery has been charged"


def test_without_a_battery_nothing_is_promised() -> None:
    assert expected_waits(2, Capacity(300.0, (), 3600.0)) == (None, None)


@given(
    st.integers(1, 8),
    st.lists(st.floats(0.0, 7200.0), min_size=1, max_size=8),
    st.floats(0.0, 600.0),
)
def test_an_interval_holds_its_middle_and_nobody_overtakes(trucks: int, ready_s: list[float], lane_s: float) -> None:
    waits = expected_waits(trucks, Capacity(240.0, tuple(sorted(ready_s)), 3600.0, lane_s))
    told = [wait for wait in waits if isinstance(wait, ExpectedWait)]
    assert len(told) == trucks
    assert all(wait.least <= wait.minutes <= wait.most for wait in told)
    assert [wait.minutes for wait in told] == sorted(wait.minutes for wait in told)
