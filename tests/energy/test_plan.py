"""The charging plan: cheap hours, promises, what yields when power is short, limits that are always kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.energy.plan import make_plan
from swapstation.energy.plan_input import Ageing, DemandCharge, ModelDemand, PlanInput, Store
from swapstation.energy.plan_result import BayPlan, PlanResult
from swapstation.energy.promise import can_promise
from swapstation.model.power import DemandChargeMode
from swapstation.model.reasons import reason_catalogue
from tests.energy.inputs import CHEAP, DEAR, MODEL, need, plan_input, with_battery

HALF_H = 1800.0


def _bays(result: PlanResult) -> dict[int, BayPlan]:
    return {each.bay: each for each in result.bays}


def _codes(bay: BayPlan) -> list[str]:
    return [each.code for each in bay.reasons]


def test_without_trucks_everything_waits_for_the_low_price() -> None:
    result = make_plan(plan_input([40.0, 60.0, 95.0]))
    bays = _bays(result)
    assert [bays[bay].power_kw for bay in (1, 2, 3)] == [0.0, 0.0, 0.0]
    assert bays[1].goes_on_s is not None
    assert bays[1].goes_on_s >= 3 * 3600.0
    (waits,) = bays[1].reasons
    assert (waits.code, waits.values["price"]) == ("plan_waits_for_price", "0.3")
    assert _codes(bays[3]) == ["plan_at_target"]
    assert result.cost == pytest.approx(282.0 * 0.9 / 0.95 * CHEAP, rel=0.01)


def test_a_promise_is_charged_for_at_a_high_price_and_only_as_far_as_it_needs() -> None:
    result = make_plan(plan_input([40.0, 60.0], needs=[need(1.0, 85.0)]))
    bay = _bays(result)[2]
    used = sum(step.site_kw * 300.0 / 3600.0 for step in result.steps if step.at_s < 3600.0)
    assert used == pytest.approx(282.0 * 0.25 / 0.95, rel=0.01)
    assert result.shortfalls == ()
    assert _codes(bay) == ["plan_charges", "plan_for_truck"]
    assert bay.reasons[1].values == {"truck": "N1", "at": "09:00", "soc": "85"}


def test_a_promise_that_has_to_begin_now_begins_now() -> None:
    bay = _bays(make_plan(plan_input([40.0, 30.0], needs=[need(0.5, 80.0)])))[1]
    assert bay.power_kw == pytest.approx(250.0, rel=0.05)
    assert _codes(bay) == ["plan_charges", "plan_for_truck"]


def test_what_cannot_be_ready_in_time_is_told_and_charged_all_the_same() -> None:
    result = make_plan(plan_input([40.0], needs=[need(0.25, 95.0), need(0.5, 95.0, "second")]))
    assert [each.need for each in result.shortfalls] == ["N0.25", "second"]
    assert all(each.met_s is not None for each in result.shortfalls), "the first truck brings a battery for the second"
    assert result.shortfalls[0].missing_kwh > 50.0
    bay = _bays(result)[1]
    assert bay.power_kw == pytest.approx(250.0)
    assert "plan_late_for_truck" in _codes(bay)


def test_a_held_battery_is_kept_for_its_need() -> None:
    given = with_battery(plan_input([40.0, 95.0], needs=[need(2.0, 90.0)]), 1, held_for="N2")
    result = make_plan(given)
    assert "plan_for_truck" in _codes(_bays(result)[1])
    assert _bays(result)[1].ready_s is not None
    assert result.shortfalls == ()


def test_a_held_battery_that_may_not_charge_is_told_as_a_shortfall() -> None:
    given = with_battery(plan_input([60.0, 95.0], needs=[need(2.0, 90.0)]), 1, held_for="N2", may_charge=False)
    (missing,) = make_plan(given).shortfalls
    assert (missing.need, missing.met_s) == ("N2", None)
    assert missing.missing_kwh == pytest.approx(282.0 * 0.3)


def test_free_and_paid_power_is_taken_and_promises_are_kept_at_any_price() -> None:
    for price in (0.0, -0.2):
        result = make_plan(plan_input([40.0, 60.0], prices=(price,), needs=[need(1.0)]))
        assert result.shortfalls == ()
        assert all(bay.power_kw > 0.0 for bay in result.bays)


def test_set_points_say_how_long_they_hold() -> None:
    assert make_plan(plan_input([95.0])).holds_s == 8 * 3600.0
    assert make_plan(plan_input([40.0])).holds_s == 3 * 3600.0, "until the low price"


def test_a_busy_hour_makes_charging_urgent_before_the_low_price() -> None:
    busy = make_plan(plan_input([40.0, 60.0, 95.0], trucks_per_h=3.0))
    assert _bays(busy)[2].power_kw > 0.0
    assert _codes(_bays(busy)[2]) == ["plan_few_ready"]
    calm = make_plan(plan_input([40.0, 95.0, 95.0, 95.0], trucks_per_h=0.2))
    assert _bays(calm)[1].power_kw == 0.0


def test_a_reserve_is_filled_at_once() -> None:
    given = plan_input([40.0, 50.0, 95.0])
    demand = replace(given.demand[0], reserve=2)
    bays = _bays(make_plan(replace(given, demand=(demand,))))
    assert [bays[bay].power_kw > 0.0 for bay in (1, 2)] == [False, True]


def test_announced_trucks_let_a_battery_wait_longer() -> None:
    given = plan_input([40.0, 95.0], prices=(DEAR, CHEAP), trucks_per_h=1.2)
    demand = given.demand[0]
    told = replace(demand, announced_share=given.efficiency.__class__(((0.0, 1.0), (7200.0, 1.0), (7201.0, 0.0))))
    until_told = tuple(0.0 if at_s < 7200.0 else mean for at_s, mean in zip(given.starts_s, demand.mean, strict=True))
    told = replace(told, mean=until_told, spread=tuple(mean**0.5 for mean in until_told))
    assert _bays(make_plan(given))[1].power_kw > 0.0
    assert _bays(make_plan(replace(given, demand=(told,))))[1].power_kw == 0.0


def test_short_power_goes_to_the_fullest_and_nobody_gets_less_than_the_guaranteed() -> None:
    given = plan_input([40.0, 60.0, 80.0], site_kw=270.0, needs=[need(0.05, name=f"N{n}") for n in range(3)])
    bays = _bays(make_plan(given))
    assert [bays[bay].power_kw for bay in (1, 2, 3)] == pytest.approx([0.0, 0.0, 250.0])
    assert [_codes(bays[bay])[0] for bay in (1, 2, 3)] == ["plan_power_short", "plan_power_short", "plan_charges"]


def test_when_not_all_can_be_ready_the_emptiest_is_late() -> None:
    needs = [need(0.5, name=f"N{n}") for n in range(3)]
    result = make_plan(plan_input([40.0, 60.0, 80.0], site_kw=500.0, needs=needs))
    assert [each.need for each in result.shortfalls] == ["N2"]


def test_a_battery_that_may_not_charge_stays_as_it_is() -> None:
    bay = _bays(make_plan(with_battery(plan_input([40.0, 95.0], trucks_per_h=3.0), 1, may_charge=False)))[1]
    assert (bay.power_kw, _codes(bay)) == (0.0, ["plan_may_not_charge"])


def test_a_demand_charge_flattens_and_a_waived_one_does_not() -> None:
    given = plan_input([30.0] * 6, prices=(CHEAP,))
    charge = DemandCharge(DemandChargeMode.DEMAND, 30.0, peak_kw=200.0)
    flat = make_plan(replace(given, demand_charge=charge))
    high = make_plan(replace(given, demand_charge=replace(charge, mode=DemandChargeMode.WAIVED)))
    assert _highest_quarter_kw(flat) < 300.0
    assert _highest_quarter_kw(high) > 1000.0


def _highest_quarter_kw(result: PlanResult) -> float:
    """The highest mean import over a quarter of an hour in the first four hours, which are planned in 5 min."""
    fine = [step.site_kw for step in result.steps if step.at_s < 4 * 3600.0]
    return max(sum(fine[first : first + 3]) / 3.0 for first in range(0, len(fine), 3))


def test_sun_is_used_before_the_grid() -> None:
    given = plan_input([40.0], prices=(CHEAP,))
    sunny = tuple(300.0 if 3600.0 <= at_s < 7200.0 else 0.0 for at_s in given.starts_s)
    result = make_plan(replace(given, pv_kw=sunny))
    assert result.cost == pytest.approx(0.0, abs=0.5)


def test_charging_waits_for_the_sun_of_noon_when_every_hour_costs_the_same() -> None:
    given = plan_input([40.0, 95.0, 95.0], prices=(CHEAP,))
    sunny = tuple(200.0 if at_s >= 4 * 3600.0 else 0.0 for at_s in given.starts_s)
    waiting = _bays(make_plan(replace(given, pv_kw=sunny)))[1]
    assert waiting.power_kw == 0.0
    assert waiting.goes_on_s == pytest.approx(4 * 3600.0, abs=1.0)
    assert [(each.code, each.values) for each in waiting.reasons] == [("plan_waits_for_pv", {"at": "12:00"})]
    assert _bays(make_plan(given))[1].power_kw > 0.0


@settings(max_examples=30, deadline=None)
@given(
    limit_kw=st.floats(50.0, 700.0),
    pv_kw=st.floats(0.0, 1500.0),
    other_kw=st.floats(0.0, 300.0),
    more=st.floats(1.0, 3.0),
)
def test_no_sun_lifts_the_charging_above_its_own_limit(
    limit_kw: float, pv_kw: float, other_kw: float, more: float
) -> None:
    given = plan_input([20.0, 30.0, 40.0, 50.0], site_kw=limit_kw * more + other_kw, needs=[need(1.0), need(1.5)])
    steps = len(given.step_s)
    sunny = replace(
        given, pv_kw=(pv_kw,) * steps, other_load_kw=(other_kw,) * steps, charging_limit_kw=(limit_kw,) * steps
    )
    result = make_plan(sunny)
    assert sum(each.power_kw for each in result.bays) <= limit_kw * 0.95 + 1e-6
    most_kw = max(step.site_kw for step in result.steps)
    assert most_kw <= limit_kw + other_kw + 1e-6
    assert can_promise(sunny, need(2.0)) <= can_promise(replace(sunny, charging_limit_kw=()), need(2.0))


def test_a_store_is_filled_cheap_and_emptied_dear() -> None:
    given = plan_input([95.0], prices=(CHEAP, DEAR))
    loads = (100.0,) * len(given.step_s)
    store = Store(200.0, 50.0, 100.0, 100.0)
    result = make_plan(replace(given, other_load_kw=loads, store=store))
    assert result.store_kw > 0.0
    assert result.cost < make_plan(replace(given, other_load_kw=loads)).cost


def test_spares_are_discharged_only_where_declared_and_worth_it() -> None:
    given = replace(
        plan_input([95.0, 95.0], prices=(DEAR, CHEAP)), other_load_kw=(200.0,) * len(plan_input([95.0]).step_s)
    )
    assert all(bay.power_kw == 0.0 for bay in make_plan(given).bays)
    able = with_battery(given, 1, discharge_kw=60.0)
    bay = _bays(make_plan(able))[1]
    assert bay.power_kw == pytest.approx(-60.0)
    assert _codes(bay)[0] == "plan_discharges"
    assert _bays(make_plan(replace(able, ageing=Ageing(per_kwh=1.0))))[1].power_kw == 0.0
    assert _bays(make_plan(replace(able, alarm_active=True)))[1].power_kw == 0.0
    promised = replace(able, needs=(need(0.25), need(0.3)))
    assert all(bay.power_kw >= 0.0 for bay in make_plan(promised).bays)


def test_models_do_not_serve_each_other() -> None:
    given = plan_input([95.0, 50.0], needs=[need(1.0)])
    both = (*given.demand, ModelDemand("B", given.demand[0].mean, given.demand[0].spread))
    result = make_plan(with_battery(replace(given, demand=both), 1, model="B"))
    assert "plan_for_truck" in _codes(_bays(result)[2])


SOCS = st.lists(st.floats(10.0, 100.0), min_size=1, max_size=5)
NEEDS = st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(50.0, 95.0)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    socs=SOCS,
    site_kw=st.floats(0.0, 1500.0),
    wanted=NEEDS,
    trucks_per_h=st.floats(0.0, 4.0),
    other_kw=st.floats(0.0, 200.0),
    prices=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=5),
)
def test_limits_are_kept_and_what_can_be_promised_is_planned(
    socs: list[float],
    site_kw: float,
    wanted: list[tuple[float, float]],
    trucks_per_h: float,
    other_kw: float,
    prices: list[float],
) -> None:
    needs = [need(at_h, soc_pct, f"N{number}") for number, (at_h, soc_pct) in enumerate(wanted)]
    made_from = replace(
        plan_input(socs, site_kw, prices, needs, trucks_per_h),
        other_load_kw=(other_kw,) * len(plan_input([1.0]).step_s),
    )
    result = make_plan(made_from)
    charging_kw = sum(bay.power_kw for bay in result.bays)
    assert charging_kw / 0.95 + other_kw <= max(site_kw, other_kw) + 1e-6
    assert all(bay.power_kw == 0.0 or 15.0 <= bay.power_kw <= 250.0 + 1e-6 for bay in result.bays)
    assert all(step.site_kw <= max(site_kw, other_kw) + 1e-6 for step in result.steps)
    assert {code for bay in result.bays for code in _codes(bay)} <= set(reason_catalogue())
    assert all(bay.reasons for bay in result.bays)
    if all(_can_be_met(made_from, number) for number in range(len(needs))):
        assert [each for each in result.shortfalls if each.missing_kwh > 1.0] == []


def _can_be_met(made_from: PlanInput, number: int) -> bool:
    """Whether a need can be promised beside all the others."""
    others = tuple(each for index, each in enumerate(made_from.needs) if index != number)
    return can_promise(replace(made_from, needs=others), made_from.needs[number])


def test_the_model_of_the_tests_is_the_one_of_the_needs() -> None:
    assert need(1.0).model == MODEL
