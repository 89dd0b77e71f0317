"""From a snapshot to a plan that the controller takes: batteries, promises, prices, limits, what calls for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.config.battery_care import Derating, Discharge
from swapstation.config.settings import Charging, Config, Planner, Site
from swapstation.config.site_settings import SiteStore
from swapstation.energy.plan_input import USUAL_RETURN_PCT, Ageing
from swapstation.energy.pv import PvForecast
from swapstation.energy.tariff import LOCAL_ZONE, Tariff
from swapstation.energy.tariff_files import load_tariff
from swapstation.model.arrival import Arrival
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.power import Demand, DemandChargeMode, PowerState
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import ChargerAbilities, Snapshot
from swapstation.model.store import Store, StoreState
from swapstation.planner.demand import HISTORY, learned
from swapstation.planner.inputs import Surroundings, plan_input
from swapstation.planner.planning import plan_of, what_matters
from swapstation.station.plan_check import check_plan
from tests.server import station_sample
from tests.server.station_sample import SOC_PCT

AT = station_sample.AT
MODEL, VIN = "LFP-282", "LZZ5BLSJ4MA000123"
CONFIG = replace(station_sample.config(Path("nowhere")), planner=Planner(enabled=True), site=Site(power_kw=1200.0))
TARIFF = load_tariff(Path(__file__).parents[2] / "examples" / "tariff.toml")
PROMISE = Hold("B1", HoldKind.BOOKING, vin=VIN, model=MODEL, needed_at=AT + timedelta(hours=2), soc_pct=80.0)


def station(*holds: Hold, at: datetime = AT) -> Snapshot:
    """The sample with its batteries' SOC told and no swap."""
    now = station_sample.station()
    bays = []
    for bay in now.bays:
        io = bay.io.value
        plugged = replace(bay.io, value=replace(io, connector_mated=bay.battery is not None)) if io else bay.io
        bays.append(replace(bay, soc_pct=SOC_PCT.get(bay.number), io=plugged))
    stock = replace(now.inventory, holds=holds, swap=None)
    return replace(now, bays=tuple(bays), inventory=stock, swap=None, alarms=(), at=at)


def around(tariff: Tariff | None = TARIFF, arrivals: tuple[Arrival, ...] = ()) -> Surroundings:
    return Surroundings(tariff, {MODEL: learned(arrivals, MODEL, AT, LOCAL_ZONE)})


def test_the_controller_takes_the_plan_and_every_battery_of_the_rack_is_in_it() -> None:
    plan = plan_of(station(PROMISE), CONFIG, around())
    check_plan(plan, CONFIG, station().inventory)
    assert [each.bay for each in plan.bays] == sorted(SOC_PCT)
    assert all(each.reasons for each in plan.bays)
    assert plan.steps[0].limit_kw == 1200.0
    assert plan.steps[0].price_per_kwh == TARIFF.price(AT)
    assert all(step.site_kw <= 1200.5 for step in plan.steps)
    assert plan.cost is not None


def test_an_earlier_eta_is_charged_for_earlier() -> None:
    """Four batteries are ready for four trucks; a fifth is charged at the evening's price only if it must."""
    evening = AT + timedelta(hours=4)
    config = replace(CONFIG, planner=replace(CONFIG.planner, reserve_batteries=0))
    late, soon = (replace(PROMISE, soc_pct=90.0, needed_at=evening + timedelta(minutes=each)) for each in (600, 40))
    others = tuple(replace(soon, hold=f"B{number}", vin=f"{VIN[:-1]}{number}") for number in range(2, 6))
    late_kw, soon_kw = (
        sum(bay.power_kw for bay in plan_of(station(*others, each, at=evening), config, around()).bays)
        for each in (late, soon)
    )
    assert late_kw < soon_kw


def test_what_the_truck_of_a_promise_brings_counts_for_those_after_it() -> None:
    free = []
    for brings_pct in (5.0, 90.0):
        held = tuple(
            replace(PROMISE, hold=f"B{number}", return_soc_pct=brings_pct, needed_at=AT + timedelta(minutes=10))
            for number in range(4)
        )
        rows = plan_of(station(*held), CONFIG, around()).available(MODEL, 90.0)
        free.append([row.free for row in rows])
    assert all(much >= little for little, much in zip(*free, strict=True))
    assert free[0] != free[1]


@settings(max_examples=20)
@given(seconds=st.floats(0.0, 3600.0), holds=st.lists(st.integers(-30, 1600), max_size=5))
def test_whenever_it_is_made_the_controller_takes_it(seconds: float, holds: list[int]) -> None:
    promised = (
        replace(PROMISE, hold=f"B{number}", needed_at=AT + timedelta(minutes=minutes))
        for number, minutes in enumerate(holds)
    )
    now = station(*promised, at=AT + timedelta(seconds=seconds))
    check_plan(plan_of(now, CONFIG, around()), CONFIG, now.inventory)


def test_a_demand_charge_flattens_the_plan_down_to_the_peak_that_is_paid_for_already() -> None:
    """An invented 40 yuan per kW of the month's peak; without the charge the plan goes as high as it may."""
    charged = replace(CONFIG, planner=replace(CONFIG.planner, demand_price_per_kw=40.0))
    charged = replace(charged, site=replace(charged.site, demand_charge_mode=DemandChargeMode.DEMAND))

    def highest_kw(config: Config, peak_kw: float) -> float:
        """Of the full quarters within the fine steps of the first hours."""
        demand = Demand(AT, 0.0, False, month_peak_kw=peak_kw)
        now = replace(station(PROMISE), power=PowerState(other_kw=50.0, demand=demand))
        steps = plan_of(now, config, around()).steps
        quarters = [steps[at : at + 3] for at, step in enumerate(steps[:36]) if step.at.minute % 15 == 0]
        return max(sum(step.site_kw for step in quarter) / 3.0 for quarter in quarters)

    free_kw, paid_kw = highest_kw(CONFIG, 350.0), highest_kw(charged, 350.0)
    assert paid_kw == pytest.approx(350.0, abs=1.0), "the other load is in it"
    assert free_kw > paid_kw + 200.0
    assert highest_kw(charged, 1300.0) == pytest.approx(free_kw, abs=5.0), "a peak that is paid for costs nothing more"


def test_without_prices_no_reason_names_one_and_nothing_is_said_to_cost_anything() -> None:
    plan = plan_of(station(), CONFIG, around(tariff=None))
    assert plan.cost is None
    assert {step.price_per_kwh for step in plan.steps} == {None}
    assert not any("price" in reason.values for bay in plan.bays for reason in bay.reasons)


def test_a_battery_waits_for_the_cheap_hours_and_a_promise_does_not() -> None:
    """Evening peak: nothing is charged but what is promised or kept as a reserve."""
    evening = datetime(2026, 11, 21, 11, 0, tzinfo=AT.tzinfo)
    few = replace(CONFIG, planner=replace(CONFIG.planner, reserve_batteries=2))
    waiting = {each.bay: each.power_kw for each in plan_of(station(at=evening), few, around()).bays}
    assert waiting[3] == waiting[7] == 0.0
    due = replace(PROMISE, needed_at=evening + timedelta(minutes=70), soc_pct=90.0)
    holds = tuple(replace(due, hold=f"B{number}") for number in range(6))
    promised = {each.bay: each for each in plan_of(station(*holds, at=evening), few, around()).bays}
    assert promised[3].power_kw > 0.0
    assert any(reason.code == "plan_for_truck" for reason in promised[3].reasons)


SUNNY_KW = tuple(Decimal(900 if 12 <= hour < 16 else 0) for hour in range(24))


def test_a_plan_waits_for_the_sun_of_noon_where_no_hour_is_cheaper_and_keeps_the_limit_of_charging() -> None:
    morning = datetime(2026, 11, 21, 9, 0, tzinfo=LOCAL_ZONE)
    sunny = Surroundings(pv=PvForecast(told={morning.date(): SUNNY_KW}))
    now = replace(station(at=morning), power=PowerState(other_kw=50.0))
    narrow = replace(CONFIG, site=Site(power_kw=400.0))
    plan = plan_of(now, narrow, sunny)
    check_plan(plan, narrow, now.inventory)
    waits = [bay for bay in plan.bays if bay.reasons[0].code == "plan_waits_for_pv"]
    assert waits
    assert min(bay.reasons[0].values["at"] for bay in waits) == "12:00"
    assert sum(bay.power_kw for bay in plan.bays) == 0.0
    assert not any(bay.reasons[0].code == "plan_waits_for_pv" for bay in plan_of(now, narrow, around(None)).bays)
    noon = plan_input(replace(now, at=morning + timedelta(hours=3)), narrow, sunny)
    assert (noon.pv_kw[0], noon.other_load_kw[0]) == (900.0, 50.0)
    assert noon.charging_limit_kw[0] == 400.0
    for each in (plan_of(replace(now, at=noon.starts_at), narrow, sunny), plan):
        assert sum(bay.power_kw for bay in each.bays) <= 400.0 * 0.95


def test_what_can_be_promised_falls_with_each_promise() -> None:
    def free(*holds: Hold) -> int:
        plan = plan_of(station(*holds), CONFIG, around())
        return next(row.free for row in plan.available(MODEL, 90.0) if row.at >= AT + timedelta(hours=2))

    assert free(replace(PROMISE, soc_pct=90.0)) == free() - 1


def _changed(now: Snapshot, number: int, **changes: Any) -> Snapshot:
    return replace(now, bays=tuple(replace(bay, **changes) if bay.number == number else bay for bay in now.bays))


def test_a_battery_of_unknown_charge_or_of_a_swap_is_left_to_the_controller() -> None:
    swapped = Hold("S1:fresh", HoldKind.SWAP, battery="B002", vin=VIN)
    now = _changed(station(swapped), 3, soc_pct=None)
    assert {each.bay for each in plan_input(now, CONFIG, around()).batteries} == set(SOC_PCT) - {2, 3}


def test_a_locked_out_bay_is_not_charged_and_a_set_aside_battery_is_kept_for_its_truck() -> None:
    lock_out = Hold("L1", HoldKind.LOCK_OUT, place="bay-3")
    mine = replace(PROMISE, battery="B002")
    batteries = {each.bay: each for each in plan_input(station(lock_out, mine), CONFIG, around()).batteries}
    assert not batteries[3].may_charge
    assert batteries[5].may_charge
    assert batteries[2].held_for == "B1"


def test_a_model_s_table_bounds_what_its_batteries_take() -> None:
    table = Derating((0.0, 25.0), (20.0, 100.0), current_a=((50.0, 50.0), (300.0, 100.0)))
    model = replace(CONFIG.battery_models[0], derating=table)
    derated = replace(CONFIG, battery_models=(model,))
    (battery, *_) = plan_input(station(), derated, around()).batteries
    assert battery.acceptance.at(20.0) * battery.max_power_kw == pytest.approx(300.0 * 0.9 * 730.0 / 1000.0)
    assert battery.acceptance.at(100.0) == pytest.approx(battery.acceptance.at(20.0) / 3.0)


def able(now: Snapshot) -> Snapshot:
    """Its chargers can discharge."""
    return replace(now, bays=tuple(replace(bay, abilities=ChargerAbilities(discharges=True)) for bay in now.bays))


def giving(discharge: Discharge | None, **planner: Any) -> Config:
    """The chargers are controllers' and the only model declares a discharge; the site may feed back 100 kW."""
    models = tuple(replace(model, discharge=discharge) for model in CONFIG.battery_models)
    bays = tuple(replace(bay, charging=Charging.CHARGER) for bay in CONFIG.bays)
    site = replace(CONFIG.site, export_kw=100.0)
    return replace(CONFIG, battery_models=models, bays=bays, site=site, planner=replace(CONFIG.planner, **planner))


def test_only_declared_free_batteries_beyond_the_reserve_may_give_power_back() -> None:
    def free(now: Snapshot, config: Config) -> set[int]:
        return {each.bay for each in plan_input(now, config, around()).batteries if each.discharge_kw > 0.0}

    config, now = giving(Discharge(50.0, 0, max_power_kw=40.0)), able(station())
    charging = {bay.number for bay in config.charging_bays}
    assert free(now, config) == set(SOC_PCT) & charging
    (first, *_) = (each for each in plan_input(now, config, around()).batteries if each.discharge_kw > 0.0)
    assert (first.discharge_kw, first.least_soc_pct) == (40.0, 50.0)
    assert free(station(), config) == set(), "no charger says that it can"
    assert free(now, giving(None)) == set(), "no battery model says that it may"
    assert free(now, replace(config, bays=CONFIG.bays)) == set(), "GB/T 27930 has no discharge"
    assert free(now, giving(Discharge(50.0, 99))) == set(), "too few others are ready"
    aside = Hold("B9", HoldKind.BOOKING, battery=now.by_number[first.bay].battery, vin=VIN, model=MODEL)
    assert first.bay not in free(able(station(aside)), config)


def test_what_the_site_may_feed_back_and_what_that_is_worth_is_in_the_plan() -> None:
    cap = Dispatch("v", DispatchSource.VPP, DispatchKind.EXPORT_CAP, 30.0, AT, AT + timedelta(hours=1), AT)
    now = station()
    capped = replace(now, inventory=replace(now.inventory, dispatches=(cap,)))
    asked = plan_input(capped, giving(None, export_price_per_kwh=0.3), around())
    assert asked.export_limit_kw[0] == 30.0
    assert asked.export_limit_kw[-1] == 100.0
    assert set(asked.export_price_per_kwh) == {0.3}
    assert plan_input(now, CONFIG, around()).export_price_per_kwh == ()


def test_the_other_load_is_part_of_the_plan_and_leaves_the_charging_what_it_had() -> None:
    asked = plan_input(replace(station(), power=PowerState(other_kw=80.0)), CONFIG, around())
    assert set(asked.other_load_kw) == {80.0}
    assert asked.import_limit_kw[0] == 1280.0


def test_a_charge_waits_rather_than_go_on_where_its_charger_wastes() -> None:
    points = ((10.0, 0.80), (50.0, 0.90), (100.0, 0.95), (250.0, 0.96))
    config = replace(CONFIG, planner=replace(CONFIG.planner, charger_efficiency=points))
    asked = plan_input(station(), config, around())
    assert asked.efficiency.at(50.0) == 0.90
    for each in asked.batteries:
        full, least = (asked.efficiency.at(kw) for kw in (each.max_power_kw, each.min_power_kw))
        assert full - least == pytest.approx(0.02), "the least power is where little more is lost than at full power"
    assert {each.min_power_kw for each in plan_input(station(), CONFIG, around()).batteries} == {
        bay.least_power_kw for bay in CONFIG.charging_bays
    }


def test_ageing_is_what_the_settings_say() -> None:
    config = replace(CONFIG, planner=replace(CONFIG.planner, ageing_per_kwh=0.04, holding_per_kwh_h=0.001))
    assert plan_input(station(), config, around()).ageing == Ageing(0.04, 0.001)


def test_a_plan_tells_when_its_set_points_are_over() -> None:
    plan = plan_of(station(), CONFIG, around())
    first_change = next((step.at for step in plan.steps if step.site_kw != plan.steps[0].site_kw), None)
    assert plan.holds_until is not None
    assert first_change is not None
    assert plan.made_at < plan.holds_until <= first_change


def test_a_new_plan_is_called_for_by_what_changes_it_and_not_by_the_time() -> None:
    before = what_matters(station(PROMISE))
    assert what_matters(station(PROMISE, at=AT + timedelta(minutes=1))) == before
    assert what_matters(_changed(station(PROMISE), 3, soc_pct=44.0)) == before
    assert what_matters(station()) != before
    assert what_matters(station(replace(PROMISE, needed_at=AT + timedelta(hours=3)))) != before
    assert what_matters(_changed(station(PROMISE), 3, battery=None)) != before


def test_trucks_are_learned_by_hour_with_what_they_bring_and_how_long_they_were_known() -> None:
    noon = datetime(2026, 11, 2, 12, 10, tzinfo=LOCAL_ZONE)
    came = tuple(
        Arrival(noon + timedelta(days=day, minutes=minute), MODEL, 20.0, 3600.0)
        for day in range(18)
        for minute in (0, 20)
    )
    known = learned((*came, Arrival(noon, "other", 90.0)), MODEL, AT, LOCAL_ZONE)
    busy, quiet = known.forecast.mean(noon), known.forecast.mean(noon.replace(hour=3))
    assert busy > 1.2 > 0.2 > quiet
    assert known.return_soc_pct == 20.0
    assert known.forecast.announced_share().at(1800.0) > 0.9
    assert learned((), MODEL, AT, LOCAL_ZONE).return_soc_pct == USUAL_RETURN_PCT
    assert learned((), MODEL, AT, LOCAL_ZONE).forecast.mean(noon) == 0.0


def test_an_hour_that_still_runs_teaches_nothing() -> None:
    running = AT.replace(minute=5)
    assert learned((Arrival(running, MODEL),), MODEL, AT, LOCAL_ZONE).forecast.mean(AT) == 0.0
    assert timedelta(weeks=4) < HISTORY


def test_prices_are_those_of_the_tariff_at_each_step() -> None:
    plan = plan_of(station(), CONFIG, around())
    assert {type(step.price_per_kwh) for step in plan.steps} == {Decimal}
    assert [step.price_per_kwh for step in plan.steps] == [TARIFF.price(step.at) for step in plan.steps]


def test_a_store_that_is_heard_and_healthy_is_planned_and_its_power_told() -> None:
    """A large one takes in every cheap hour and gives in every dear one; one in doubt is left out."""
    stored = replace(CONFIG, store=SiteStore(4000.0, 100.0, 100.0, efficiency=0.9))
    told = Store(StoreState.READY, 0.0, 50.0, 0)
    hours = sorted((AT + timedelta(hours=hour) for hour in range(24)), key=TARIFF.price)

    def now(at: datetime, **changes: Any) -> Snapshot:
        store = Seen(replace(told, **changes), 0.1, Quality.GOOD)
        return replace(station(at=at), store=store, power=PowerState(other_kw=200.0))

    cheap, dear = (plan_of(now(at), stored, around()) for at in (hours[0], hours[-1]))
    assert (cheap.store_kw, dear.store_kw) == (100.0, -100.0)
    check_plan(cheap, stored, now(AT).inventory)
    assert plan_of(now(AT, fault_code=1), stored, around()).store_kw is None
    assert plan_of(now(AT), CONFIG, around()).store_kw is None
    assert what_matters(now(AT)) != what_matters(now(AT, fault_code=1))
