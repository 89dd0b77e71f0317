"""What the station can do for trucks that have not booked: ready spares, those that charge, the lane."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from swapstation.energy.station_capacity import capacity_of
from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.inventory import Hold, HoldKind
from tests.planner.test_planning import AT, CONFIG, MODEL, station
from tests.server.station_sample import SOC_PCT

(MODEL_SETTINGS,) = (model for model in CONFIG.battery_models if model.name == MODEL)
READY_PCT = CONFIG.limits.ready_soc_pct


def test_what_is_ready_counts_at_once_and_the_rest_when_it_is_charged() -> None:
    told = capacity_of(replace(station(), plan=None), CONFIG, MODEL_SETTINGS)
    assert len(told.ready_s) == len(SOC_PCT)
    assert sum(at_s == 0.0 for at_s in told.ready_s) == sum(soc_pct >= READY_PCT for soc_pct in SOC_PCT.values())
    assert list(told.ready_s) == sorted(told.ready_s)
    assert 0.0 < told.ready_s[-1] < 2.0 * told.recharge_s
    assert told.lane_free_s == 0.0


def test_a_plan_says_when_a_battery_that_waits_is_ready() -> None:
    now = station()
    number = min(SOC_PCT, key=lambda bay: SOC_PCT[bay])
    battery = now.by_number[number].battery
    assert battery is not None
    waits = PlannedBay(number, battery, 0.0, 95.0, ready_at=AT + timedelta(hours=5))
    planned = replace(now, plan=ChargePlan("P", AT, (waits,)))
    assert capacity_of(planned, CONFIG, MODEL_SETTINGS).ready_s[-1] == pytest.approx(5 * 3600.0)


def test_the_first_ready_ones_are_promised_and_one_that_is_held_is_not_there() -> None:
    free = replace(station(), plan=None)
    promise = Hold("B1", HoldKind.BOOKING, vin="V", model=MODEL, needed_at=AT, soc_pct=80.0)
    held = replace(promise, battery=free.by_number[min(SOC_PCT)].battery)
    before = capacity_of(free, CONFIG, MODEL_SETTINGS).ready_s
    promised = replace(free, inventory=replace(free.inventory, holds=(promise,)))
    assert capacity_of(promised, CONFIG, MODEL_SETTINGS).ready_s == before[1:]
    aside = replace(free, inventory=replace(free.inventory, holds=(held,)))
    assert len(capacity_of(aside, CONFIG, MODEL_SETTINGS).ready_s) == len(before) - 1
    for standing in (promised, aside):
        assert capacity_of(standing, CONFIG, MODEL_SETTINGS, frozenset({"B1"})).ready_s == before, "for whom it is held"
