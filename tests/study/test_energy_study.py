"""The energy study: its trucks, its station, the bound of foresight, and how policies are compared."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.study.energy_case import DAY_MIN, EnergyCase, parse_hourly, parse_tariff, tariff_text
from swapstation.study.energy_plan_policy import MONDAY, Planned, learned
from swapstation.study.energy_policies import ChargeOnArrival, Threshold
from swapstation.study.energy_run import Outcome, best_threshold, drawn, outcome
from swapstation.study.energy_station import Policy, Station, simulate
from swapstation.study.energy_trucks import Truck, trucks
from swapstation.study.foresight import foresight_cost

SMALL = EnergyCase(3, 600.0, 12.0, days=1, history_days=7)


def _bound(station: Station, coming: list[Truck]) -> float:
    """Foresight for the swaps of a run, at its very times."""
    assert len(station.swaps) == len(coming), "all trucks are served"
    return foresight_cost(station.case, coming, [minute for minute, _ in station.swaps])


def test_trucks_come_as_often_and_when_the_case_says() -> None:
    case = replace(SMALL, batteries=30, site_kw=9000.0, swaps_per_day=100.0)
    drawn_trucks = trucks(case, 100, Random(1))
    assert len(drawn_trucks) == pytest.approx(10_000, rel=0.03)
    at_shift_end = sum(truck.at_min % DAY_MIN // 60 == 7 for truck in drawn_trucks)
    assert at_shift_end / len(drawn_trucks) == pytest.approx(case.hourly[7] / sum(case.hourly), rel=0.15)
    socs_pct = [100.0 * truck.kwh / case.capacity_kwh for truck in drawn_trucks]
    assert sum(socs_pct) / len(socs_pct) == pytest.approx(30.0, abs=0.5)
    assert (min(socs_pct), max(socs_pct)) == pytest.approx((20.0, 50.0), abs=1.0)


def test_a_truck_waits_for_the_robot_and_for_a_battery() -> None:
    case = replace(SMALL, batteries=1)
    coming = [Truck(600.0, 84.6), Truck(601.0, 84.6)]
    station = simulate(case, coming, ChargeOnArrival())
    assert station.waits_min[0] == 0.0
    full_min = 183.3 / 250.0 * 60.0
    assert station.waits_min[1] == pytest.approx(4.0 + full_min, abs=3.0), "robot, then the charge with its taper"
    assert station.ac_kwh == pytest.approx(2 * 183.3 / 0.95, rel=1e-6)


def test_the_site_limit_is_kept_and_the_fullest_come_first() -> None:
    case = replace(SMALL, site_kw=300.0, tariff=((0.0, 1.0),), swaps_per_day=8.0)
    coming = [Truck(600.0, 60.0), Truck(606.0, 120.0)]
    station = simulate(case, coming, ChargeOnArrival())
    assert station.highest_kw == pytest.approx(300.0)
    assert station.cost == pytest.approx(station.ac_kwh)


def test_foresight_by_hand() -> None:
    """One battery that comes at ten and goes at noon, half price from eleven: 60 of its 240 kWh before eleven."""
    case = replace(SMALL, batteries=1, tariff=((0.0, 1.0), (11.0, 0.5)), efficiency=1.0, taper_from_pct=100.0)
    coming = [Truck(595.0, 267.9 - 240.0), Truck(720.0, 267.9)]
    cost = foresight_cost(case, coming, [595, 720])
    assert cost == pytest.approx(240.0 * 0.5, rel=1e-6), "250 kW for an hour are enough"
    slower = replace(case, charger_kw=180.0)
    assert foresight_cost(slower, coming, [595, 720]) == pytest.approx(180.0 * 0.5 + 60.0, rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    prices=st.lists(st.floats(0.1, 2.0), min_size=2, max_size=6),
    most_price=st.floats(0.0, 2.0),
    reserve=st.integers(0, 3),
    site_kw=st.floats(350.0, 900.0),
)
def test_foresight_is_below_every_policy_that_swaps_at_the_same_times(
    seed: int, prices: list[float], most_price: float, reserve: int, site_kw: float
) -> None:
    tariff = tuple((24.0 * index / len(prices), price) for index, price in enumerate(prices))
    case = replace(SMALL, tariff=tariff, site_kw=site_kw)
    coming, _ = drawn(case, seed)
    policies: list[Policy] = [ChargeOnArrival(), Threshold(most_price, reserve)]
    for policy in policies:
        station = simulate(case, coming, policy)
        if outcome(station).ac_kwh == pytest.approx(station.ac_kwh):
            assert _bound(station, coming) <= station.cost * (1.0 + 1e-4), "a ready battery may lack 0.01 kWh"


@pytest.mark.parametrize("notice_min", [0.0, 60.0])
def test_the_plan_is_cheaper_than_charging_on_arrival_and_not_below_foresight(notice_min: float) -> None:
    coming, history = drawn(SMALL, 3)
    on_arrival = simulate(SMALL, coming, ChargeOnArrival())
    station = simulate(SMALL, coming, Planned(SMALL, coming, learned(SMALL, history, notice_min), notice_min))
    assert outcome(station).ac_kwh == pytest.approx(on_arrival.ac_kwh), "all batteries are full again"
    assert station.highest_kw <= SMALL.site_kw + 1e-6
    assert _bound(station, coming) <= station.cost < 0.9 * on_arrival.cost


def test_the_forecast_has_learned_the_days_before() -> None:
    _, history = drawn(SMALL, 3)
    forecast = learned(SMALL, history, 60.0)
    a_day = sum(forecast.mean(MONDAY.replace(hour=hour)) for hour in range(24))
    assert a_day == pytest.approx(SMALL.swaps_per_day, rel=0.3)
    assert forecast.announced_share().at(1800.0) == pytest.approx(1.0)


def test_the_best_threshold_is_the_cheapest_of_those_that_make_few_wait() -> None:
    def one(cost: float, late_pct: float) -> Outcome:
        return Outcome(cost, 100.0, late_pct, 0.0, 0.0, 0.0)

    cheap, fair, dear = Threshold(0.3, 0), Threshold(0.3, 2), Threshold(1.0, 0)
    tried = [{cheap: one(50.0, 9.0), fair: one(70.0, 2.4), dear: one(100.0, 2.0)}]
    assert best_threshold(tried, [one(100.0, 2.0)]) == fair


def test_what_is_missing_at_the_end_is_paid_at_the_highest_price() -> None:
    coming = [Truck(600.0, 84.6)]
    station = simulate(SMALL, coming, Threshold(-1.0, 0))
    assert (station.cost, station.ac_kwh) == (0.0, 0.0)
    assert outcome(station).cost == pytest.approx(183.3 / 0.95 * 1.1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"soc_in_pct": 60.0}, "soc_in_pct"),
        ({"hourly": (1.0,) * 23}, "hourly"),
        ({"tariff": ((1.0, 0.5),)}, "tariff"),
        ({"tariff": ((0.0, -0.5),)}, "tariff"),
        ({"swaps_per_day": 500.0}, "swaps_per_day"),
    ],
)
def test_a_case_that_cannot_be_is_refused_by_name(changes: dict[str, float], field: str) -> None:
    with pytest.raises(InputError) as refused:
        replace(SMALL, **changes)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_tariff_and_hours_are_read_as_they_are_written() -> None:
    assert tariff_text(parse_tariff("0=0.3,8.5=0.9")) == "0=0.3,8.5=0.9"
    assert parse_hourly("1,2.5") == (1.0, 2.5)
    with pytest.raises(InputError, match="HOUR=YUAN"):
        parse_tariff("cheap")
    with pytest.raises(InputError, match="24 numbers"):
        parse_hourly("many")
