"""Staggering advice: nobody waits longer than agreed where that can be, nobody comes earlier than needed for that."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.stagger import Capacity, Wish, staggered

SWAP_S, AN_HOUR = 300.0, 3600.0
EMPTY = Capacity(SWAP_S, (0.0,) * 4, AN_HOUR)

_passes = st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True).map(
    lambda minutes: tuple(minute * 60.0 for minute in sorted(minutes))
)
_wishes = st.lists(_passes, max_size=8).map(
    lambda told: [Wish(f"T{number}", passes_s) for number, passes_s in enumerate(told)]
)


def come(wishes: list[Wish], capacity: Capacity = EMPTY, most_wait_s: float = 0.0) -> dict[str, tuple[float, float]]:
    return {each.truck: (each.comes_s, each.waits_s) for each in staggered(wishes, capacity, most_wait_s)}


def test_alone_a_truck_hauls_on_until_its_last_pass() -> None:
    assert come([Wish("A", (0.0, 1800.0, 3600.0))]) == {"A": (3600.0, 0.0)}


def test_of_two_that_would_come_together_one_comes_a_pass_earlier() -> None:
    both = [Wish("A", (0.0, 1800.0)), Wish("B", (900.0, 1800.0))]
    told = come(both)
    assert sorted(told.values()) == [(900.0, 0.0), (1800.0, 0.0)]
    assert come(both, most_wait_s=SWAP_S) == {"A": (1800.0, 0.0), "B": (1800.0, SWAP_S)}, "so much may be waited"


def test_a_truck_does_not_come_before_a_battery_is_ready_for_it() -> None:
    late = Capacity(SWAP_S, (1200.0,), AN_HOUR)
    assert come([Wish("A", (0.0, 600.0, 1200.0))], late) == {"A": (1200.0, 0.0)}
    assert come([Wish("A", (0.0, 600.0))], late) == {"A": (600.0, 600.0)}, "it waits as little as it can"


def test_a_taken_lane_and_a_station_without_batteries() -> None:
    assert come([Wish("A", (0.0,))], Capacity(SWAP_S, (0.0,), AN_HOUR, lane_free_s=240.0)) == {"A": (0.0, 240.0)}
    assert staggered([Wish("A", (0.0,))], Capacity(SWAP_S, (), AN_HOUR), 0.0) == ()


@given(wishes=_wishes, most_wait_s=st.sampled_from([0.0, 180.0, 600.0]))
def test_every_truck_comes_at_one_of_its_passes_and_no_worse_than_without_advice(
    wishes: list[Wish], most_wait_s: float
) -> None:
    told = come(wishes, most_wait_s=most_wait_s)
    assert told.keys() == {wish.truck for wish in wishes}
    assert all(told[wish.truck][0] in wish.passes_s for wish in wishes)
    without = come([Wish(wish.truck, wish.passes_s[-1:]) for wish in wishes], most_wait_s=most_wait_s)

    def beyond(waits: dict[str, tuple[float, float]]) -> float:
        return sum(max(wait_s - most_wait_s, 0.0) for _, wait_s in waits.values())

    assert beyond(told) <= beyond(without) + 1e-6


@given(wishes=_wishes)
def test_the_order_of_the_wishes_does_not_matter(wishes: list[Wish]) -> None:
    assert come(wishes) == come(wishes[::-1])
