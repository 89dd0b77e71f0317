"""Expected waits of a queue: by hand, and in their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.stagger import Capacity, waits_s
from swapstation.energy.waiting import ExpectedWait, expected_waits

MODEL, OTHER = "LFP-282", "LFP-350"


def test_the_first_ones_wait_for_the_lane_and_the_next_for_a_charge() -> None:
    capacity = Capacity(swap_s=300.0, ready_s=(0.0, 0.0), recharge_s=3600.0, lane_free_s=120.0)
    first, second, third = (wait.minutes for wait in expected_waits([MODEL] * 3, {MODEL: capacity}) if wait is not None)
    assert (first, second) == (2.0, 7.0)
    assert third == 2.0 + 5.0 + 60.0, "the first returned battery has been charged"


def test_without_a_battery_nothing_is_promised() -> None:
    assert expected_waits([MODEL] * 2, {MODEL: Capacity(300.0, (), 3600.0)}) == (None, None)


def test_models_share_the_lane_and_wait_for_batteries_of_their_own() -> None:
    capacities = {MODEL: Capacity(300.0, (0.0,), 3600.0), OTHER: Capacity(300.0, (0.0, 1200.0), 3600.0)}
    waits = expected_waits([MODEL, OTHER, OTHER, MODEL], capacities)
    assert [wait.minutes for wait in waits if wait is not None] == [0.0, 5.0, 20.0, 65.0]
    none = capacities | {OTHER: Capacity(300.0, (), 3600.0)}
    assert [wait and wait.minutes for wait in expected_waits([OTHER, MODEL], none)] == [None, 0.0], "it holds up nobody"


@given(
    st.integers(1, 8),
    st.lists(st.floats(0.0, 7200.0), min_size=1, max_size=8),
    st.floats(0.0, 600.0),
)
def test_an_interval_holds_its_middle_and_nobody_overtakes(trucks: int, ready_s: list[float], lane_s: float) -> None:
    capacity = Capacity(240.0, tuple(sorted(ready_s)), 3600.0, lane_s)
    waits = expected_waits([MODEL] * trucks, {MODEL: capacity})
    told = [wait for wait in waits if isinstance(wait, ExpectedWait)]
    assert len(told) == trucks
    assert all(wait.least <= wait.minutes <= wait.most for wait in told)
    assert [wait.minutes for wait in told] == sorted(wait.minutes for wait in told)
    advised = waits_s([0.0] * trucks, capacity)
    assert [wait.minutes for wait in told] == [round(each / 60.0, 1) for each in advised], "as the advice reckons"
