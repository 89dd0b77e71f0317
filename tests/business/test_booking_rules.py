"""Who has to wait when batteries are short: nearly empty trucks go first, each fleet has a share, for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.business.booking_rules import Claim, Shortage, Wish, confidence, fair_shares, held_back, nearly_empty
from swapstation.config.booking_settings import Bookings

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
RULES = Bookings()
TRUCKS = {"north": 20, "south": 10}
FLEETS = st.sampled_from(sorted(TRUCKS))


def claims(*fleets: str) -> tuple[Claim, ...]:
    return tuple(Claim(fleet, LATER) for fleet in fleets)


def test_the_last_battery_waits_for_a_nearly_empty_truck_until_shortly_before() -> None:
    short = Shortage(1, (), TRUCKS)
    assert held_back(Wish("north", LATER, False), short, RULES, NOW) == "kept_for_nearly_empty"
    assert held_back(Wish("north", LATER, True), short, RULES, NOW) is None
    assert held_back(Wish("north", LATER, False), short, RULES, LATER - timedelta(minutes=30)) is None
    assert held_back(Wish("north", LATER, False), replace(short, free=2), RULES, NOW) is None


def test_a_fleet_with_its_share_leaves_the_rest_to_others() -> None:
    short = Shortage(2, claims("north", "north", "north", "north"), TRUCKS)  # of 6 batteries 4 are the north's
    assert held_back(Wish("north", LATER, False), short, RULES, NOW) == "fair_share"
    assert held_back(Wish("south", LATER, False), short, RULES, NOW) is None
    elsewhere = tuple(replace(claim, at=LATER + timedelta(hours=3)) for claim in short.claims)
    assert held_back(Wish("north", LATER, False), replace(short, claims=elsewhere), RULES, NOW) is None


@pytest.mark.parametrize(("soc_pct", "priority"), [(None, False), (15.0, True), (15.5, False)])
def test_priority_is_for_trucks_that_say_how_little_they_have(soc_pct: float | None, priority: bool) -> None:
    assert nearly_empty(soc_pct, RULES) is priority


@given(st.lists(FLEETS, max_size=12), st.integers(2, 8))
def test_never_are_all_fleets_held_back_from_batteries_that_are_free(taken: list[str], free: int) -> None:
    short = Shortage(free, claims(*taken), TRUCKS)
    told = {name: held_back(Wish(name, LATER, False), short, RULES, NOW) for name in TRUCKS}
    assert None in told.values()


@given(st.integers(0, 40), st.dictionaries(st.text("abc", min_size=1), st.integers(0, 50), max_size=4))
def test_shares_are_by_trucks_and_at_least_one(batteries: int, trucks: dict[str, int]) -> None:
    shares = fair_shares(batteries, trucks)
    assert set(shares) == {fleet for fleet, own in trucks.items() if own}
    assert all(share >= 1 for share in shares.values())
    assert sum(shares.values()) <= batteries + len(shares)


def test_confidence_follows_what_was_kept() -> None:
    assert confidence(0, 0) == 0.95
    assert confidence(0, 20) < 0.5 < confidence(100, 100) < 1.0
