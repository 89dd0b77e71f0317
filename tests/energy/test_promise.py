"""What can be promised: against a linear program that knows every way, and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.energy.charge_need import slow_kwh_to
from swapstation.energy.lp import Lp
from swapstation.energy.plan_input import ComingBattery, PlanInput
from swapstation.energy.promise import availability, can_promise
from tests.energy.inputs import MODEL, need, plan_input, with_battery


def _free(given: PlanInput, at_h: float, soc_pct: float) -> int:
    (found,) = availability(given, [(MODEL, at_h * 3600.0, soc_pct)])
    return found.free


def test_full_batteries_are_free_and_others_once_they_can_be_charged() -> None:
    stock = plan_input([95.0, 95.0, 50.0])
    assert [_free(stock, at_h, 95.0) for at_h in (0.0, 0.4, 1.0)] == [2, 2, 3]
    assert [_free(stock, at_h, 50.0) for at_h in (0.0, 1.0)] == [3, 3]


def test_earlier_promises_and_the_reserve_are_kept() -> None:
    stock = plan_input([95.0, 95.0, 50.0], needs=[need(3.0, 90.0)])
    assert _free(stock, 0.0, 90.0) == 2, "the third can be ready for the one at three o'clock"
    assert _free(replace(stock, needs=(need(0.2, 90.0),)), 0.0, 90.0) == 1
    assert _free(replace(stock, demand=(replace(stock.demand[0], reserve=1),)), 0.0, 90.0) == 1


def test_the_site_limit_bounds_what_can_be_promised() -> None:
    assert _free(plan_input([40.0] * 5, site_kw=1600.0), 1.0, 95.0) == 5
    assert _free(plan_input([40.0] * 5, site_kw=330.0), 1.0, 95.0) == 1
    assert _free(plan_input([40.0] * 5, site_kw=0.0), 1.0, 95.0) == 0


def test_a_held_battery_is_for_nobody_else_and_one_that_may_not_charge_counts_as_it_is() -> None:
    held = with_battery(plan_input([95.0, 95.0], needs=[need(2.0)]), 1, held_for="N2")
    assert _free(held, 0.0, 95.0) == 1
    stays = with_battery(plan_input([95.0, 60.0]), 2, may_charge=False)
    assert (_free(stays, 6.0, 95.0), _free(stays, 6.0, 60.0)) == (1, 2)


def test_a_battery_on_its_way_counts_once_it_is_charged() -> None:
    coming = ComingBattery(3600.0, MODEL, 50.0, 282.0, 250.0)
    stock = replace(plan_input([95.0]), coming=(coming,))
    assert [_free(stock, at_h, 95.0) for at_h in (0.5, 1.2, 2.0)] == [1, 1, 2]


def test_a_promise_that_is_late_already_takes_nothing_from_later_ones_that_can_be_kept() -> None:
    late = plan_input([30.0, 30.0], needs=[need(0.1)])
    assert not can_promise(replace(late, needs=()), need(0.1))
    assert _free(late, 4.0, 95.0) == 1


@settings(max_examples=150, deadline=None)
@given(
    socs=st.lists(st.floats(20.0, 95.0), min_size=1, max_size=4),
    wanted=st.lists(st.tuples(st.floats(0.2, 3.0), st.floats(50.0, 95.0)), min_size=1, max_size=3),
    site_kw=st.floats(50.0, 900.0),
)
def test_yes_means_that_it_can_be_done(socs: list[float], wanted: list[tuple[float, float]], site_kw: float) -> None:
    needs = [need(at_h, soc_pct, f"N{number}") for number, (at_h, soc_pct) in enumerate(wanted)]
    stock = plan_input(socs, site_kw, needs=needs[:-1])
    possible = _some_way(replace(stock, needs=tuple(needs)))
    if len(wanted) == 1:
        assert can_promise(stock, needs[-1]) == possible, "one alone is judged exactly"
    elif not _some_way(stock):
        return  # an earlier promise is late in any case
    elif can_promise(stock, needs[-1]):
        assert possible


def _some_way(given_: PlanInput) -> bool:
    """By brute force: any battery for any need, and for each assignment a linear program over time."""
    return any(_feasible(given_, order) for order in _orders(len(given_.needs), len(given_.batteries)))


def _orders(needs: int, batteries: int) -> list[tuple[int, ...]]:
    return list(permutations(range(batteries), needs))


def _feasible(given_: PlanInput, order: tuple[int, ...]) -> bool:
    until_s = [each.at_s - given_.rules.margin_s for each in given_.needs]
    edges_s = np.array(sorted({0.0, *(each for each in until_s if each > 0.0)}))
    lp = Lp()
    lengths_h = np.diff(edges_s) / 3600.0
    site = lp.rows(len(lengths_h), 0.0, given_.import_limit_kw[0] * 0.95 * lengths_h)
    short = []
    for each, number, until in zip(given_.needs, order, until_s, strict=True):
        battery = given_.batteries[number]
        kwh = slow_kwh_to(each.min_soc_pct, battery.capacity_kwh, battery.soc_pct, battery.acceptance)
        before = edges_s[1:] <= until
        columns = lp.columns(len(lengths_h), 0.0, 250.0 * lengths_h * before, 0.0)
        lp.enter(site, columns, 1.0)
        short.append(lp.columns(1, 0.0, np.inf, 1.0))
        row = lp.rows(1, kwh, np.inf)
        lp.enter(row, columns, 1.0)
        lp.enter(row, short[-1], 1.0)
    found = lp.solve()
    return all(found[column[0]] < 1e-5 for column in short)
