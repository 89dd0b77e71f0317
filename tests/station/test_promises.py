"""The careful estimate: which promises can be kept, with which batteries, and when a charge must begin."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.energy.power_ahead import PowerAhead
from swapstation.model.dispatch import SITE
from swapstation.station.promises import (
    CAREFUL,
    HANDLING_S,
    LATEST_S,
    URGENT_S,
    Ahead,
    Promise,
    Spare,
    earliest_s,
    keep,
    may_add,
    may_hand_out,
    urgent,
)

MODEL, KWH, KW = "LFP-282", 282.0, 200.0
FULL_S = CAREFUL * 3600.0 * 0.9 * KWH / KW
"""From empty to 90 %."""
LOW_S = CAREFUL * 3600.0 * 0.6 * KWH / KW
"""From 30 %: sooner than what a truck brings back."""


def spare(bay: int, soc_pct: float, **changes: object) -> Spare:
    return replace(Spare(MODEL, soc_pct, KWH, KW, bay=bay, battery=f"B{bay}"), **changes)  # type: ignore[arg-type]


def promise(due_s: float, booking: str = "P", soc_pct: float = 90.0, battery: str | None = None) -> Promise:
    return Promise(booking, due_s, MODEL, soc_pct, battery)


def flat(kw: float | None) -> Ahead:
    return {} if kw is None else {SITE: PowerAhead(((inf, kw),))}


def test_the_first_due_gets_the_battery_that_is_ready_first() -> None:
    later, sooner = promise(7200.0, "later"), promise(600.0, "sooner")
    kept = keep([later, sooner], [spare(1, 40.0), spare(2, 95.0)], {})
    assert [(each.promise.booking, each.spare.bay if each.spare else None) for each in kept] == [
        ("sooner", 2),
        ("later", 1),
    ]
    assert all(each.in_time for each in kept)


def test_a_battery_that_is_set_aside_goes_to_nobody_else() -> None:
    held = spare(2, 95.0, held_for="mine")
    kept = keep([promise(0.0, "other"), promise(0.0, "mine", battery="B2")], [spare(1, 80.0), held], {})
    assert {each.promise.booking: each.spare.bay for each in kept if each.spare} == {"mine": 2, "other": 1}


def test_a_battery_that_is_not_charged_serves_only_with_what_it_has() -> None:
    still = spare(1, 80.0, may_charge=False)
    assert keep([promise(9e4, soc_pct=80.0)], [still], {})[0].in_time
    assert not keep([promise(9e4, soc_pct=81.0)], [still], {})[0].in_time


def test_the_battery_that_a_promised_truck_brings_serves_a_later_promise() -> None:
    back_s = 1000.0 + HANDLING_S + CAREFUL * 3600.0 * 0.7 * KWH / KW
    first, in_time = promise(1000.0, "first"), promise(back_s, "second")
    assert may_add(in_time, [first], [spare(1, 95.0)], {})
    assert not may_add(replace(in_time, due_s=back_s - 1.0), [first], [spare(1, 95.0)], {})


def test_the_power_of_the_site_is_shared_by_all_that_are_due() -> None:
    both = [spare(1, 0.0), spare(2, 0.0)]
    first = promise(FULL_S, "first")
    assert may_add(promise(2.0 * FULL_S, "second"), [first], both, flat(KW))
    assert not may_add(promise(1.9 * FULL_S, "second"), [first], both, flat(KW))
    assert may_add(promise(FULL_S, "second"), [first], both, {})


def test_a_cap_to_come_counts_from_when_it_comes_and_a_charge_must_begin_before_it() -> None:
    """No power from one hour on for two hours: half a charge fits before it."""
    half_s = FULL_S / 2.0
    shed = {SITE: PowerAhead(((half_s, KW), (half_s + 7200.0, 0.0), (inf, KW)))}
    empty = [spare(1, 0.0)]
    assert not may_add(promise(FULL_S + 7100.0), [], empty, shed)
    assert may_add(promise(FULL_S + 7300.0), [], empty, shed)
    low, soon = [spare(1, 45.0)], [promise(half_s + 7200.0)]
    assert urgent(keep(soon, low, shed)) == {1}, "nothing can be charged once the cap counts"
    assert urgent(keep(soon, low, {})) == frozenset()


def test_a_feeder_s_power_is_shared_by_its_own_bays_alone() -> None:
    behind = [spare(bay, 0.0, nodes=(SITE, "A")) for bay in (1, 2)]
    beside = spare(3, 0.0, nodes=(SITE, "B"))
    weak = {"A": PowerAhead(((inf, KW),))}
    first = promise(FULL_S, "first")
    assert not may_add(promise(FULL_S, "second"), [first], behind, weak)
    assert may_add(promise(FULL_S, "second"), [first], [behind[0], beside], weak)


def test_without_any_power_only_what_is_ready_can_be_promised() -> None:
    assert may_add(promise(60.0), [], [spare(1, 95.0)], flat(0.0))
    assert not may_add(promise(9e4), [], [spare(1, 50.0)], flat(0.0))


def test_no_promise_is_given_that_breaks_another_one() -> None:
    stock = [spare(1, 95.0)]
    standing = promise(3600.0, "standing")
    assert may_add(standing, [], stock, {})
    assert not may_add(promise(0.0, "new"), [standing], stock, {})


def test_a_promise_that_is_lost_already_forbids_no_other() -> None:
    lost = promise(0.0, "lost", soc_pct=100.0)
    stock = [spare(1, 50.0), spare(2, 95.0, may_charge=False)]
    assert may_add(promise(0.0, "new", soc_pct=95.0), [lost], stock, {})


def test_the_earliest_time_is_one_that_can_be_promised() -> None:
    stock = [spare(1, 0.0)]
    found_s = earliest_s(promise(0.0), [], stock, {})
    assert found_s is not None
    assert FULL_S <= found_s < FULL_S + 300.0
    assert may_add(promise(found_s), [], stock, {})
    assert earliest_s(promise(0.0), [], [], {}) is None


def test_a_truck_without_a_promise_may_have_what_no_promise_needs() -> None:
    ready, low = spare(1, 95.0), spare(2, 30.0)
    assert may_hand_out([ready], [], [ready, low], {})
    assert may_hand_out([ready], [promise(LOW_S)], [ready, low], {})
    assert not may_hand_out([ready], [promise(LOW_S - 1.0)], [ready, low], {})
    assert may_hand_out([ready], [promise(LOW_S - 1.0)], [ready, low, spare(3, 95.0)], {})


def test_a_charge_is_urgent_from_its_latest_start_on() -> None:
    stock = [spare(1, 30.0), spare(2, 95.0)]
    needs = [promise(60.0, "ready"), promise(LOW_S + URGENT_S + 1.0)]
    assert urgent(keep(needs, stock, {})) == frozenset()
    needs[1] = promise(LOW_S + URGENT_S)
    assert urgent(keep(needs, stock, {})) == {1}


def test_where_the_site_is_short_all_that_are_due_before_are_urgent_too() -> None:
    stock = [spare(1, 0.0), spare(2, 0.0)]
    needs = [promise(9e4, "first"), promise(9e4 + 1.0, "second")]
    assert urgent(keep(needs, stock, flat(KW))) == frozenset()
    short_kw = KW * 2.0 * FULL_S / 9e4
    assert urgent(keep(needs, stock, flat(short_kw))) == {1, 2}


spares = st.lists(
    st.builds(
        Spare,
        model=st.just(MODEL),
        soc_pct=st.floats(0.0, 100.0),
        capacity_kwh=st.just(KWH),
        power_kw=st.floats(50.0, 300.0),
        may_charge=st.booleans(),
    ),
    max_size=6,
).map(lambda found: [replace(each, bay=bay, battery=f"B{bay}") for bay, each in enumerate(found)])
promised = st.lists(st.floats(-600.0, 30_000.0), max_size=6).map(
    lambda found: [promise(due_s, f"P{number}") for number, due_s in enumerate(found)]
)


@given(spares, promised, st.one_of(st.none(), st.floats(50.0, 2000.0)), st.floats(0.0, 30_000.0))
def test_whatever_is_promised_each_battery_goes_to_one_truck_and_what_could_be_kept_still_can(
    stock: list[Spare], standing: list[Promise], site_kw: float | None, due_s: float
) -> None:
    ahead = flat(site_kw)
    kept = keep(standing, stock, ahead)
    assert [each.promise.due_s for each in kept] == sorted(each.due_s for each in standing)
    given_out = [each.spare.battery for each in kept if each.spare and each.spare.battery]
    assert len(set(given_out)) == len(given_out)
    asked = promise(due_s, "new")
    if may_add(asked, standing, stock, ahead):
        after = {each.promise.booking for each in keep([*standing, asked], stock, ahead) if each.in_time}
        assert {each.promise.booking for each in kept if each.in_time} | {"new"} <= after
    else:
        found_s = earliest_s(asked, standing, stock, ahead)
        assert found_s is None or due_s < found_s <= due_s + LATEST_S
        assert found_s is None or may_add(replace(asked, due_s=found_s), standing, stock, ahead)


def test_a_time_is_found_only_where_there_is_one() -> None:
    assert earliest_s(promise(0.0, soc_pct=95.0), [], [spare(1, 80.0, may_charge=False)], {}) is None
    assert earliest_s(promise(0.0), [], [spare(1, 50.0)], {}) == pytest.approx(900.0 * 3, abs=900.0)
