"""The site's store on the simulated station: a plan charges it and discharges it, it goes silent, the caps hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Accepted
from swapstation.simulation.plant.store import Store
from tests.scenarios.virtual_station import EPOCH, VirtualStation, virtual_station

CONTRACT_KW = 400.0
TABLES = f"""
[planner]
enabled = true

[store]
energy_kwh = 400.0
charge_kw = 150.0
discharge_kw = 150.0

[site]
contract_kw = {CONTRACT_KW}
"""
_NAMES = count(1)


def with_store(text: str) -> str:
    text = text.replace("[links]\n", '[links]\nstore = "modbus-tcp://127.0.0.1:29701?unit=1"\n', 1)
    return text.replace("[site]\n", TABLES, 1)


@contextmanager
def station(folder: Path, low: tuple[int, ...] = ()) -> Iterator[tuple[VirtualStation, Store]]:
    """A confirmed station with a store; the batteries of its rack are all full but those of the bays `low`."""
    with virtual_station(folder, Exchange.STATION, Charging.CHARGER, detour=with_store) as built:
        for battery in built.simulation.plant.batteries.values():
            battery.set_soc(40.0 if battery.place in {f"bay-{bay}" for bay in low} else 99.0)
        store = built.simulation.plant.store
        assert store is not None
        built.start_up()
        yield built, store


def plan(built: VirtualStation, store_kw: float | None, waits: tuple[int, ...] = ()) -> None:
    """A plan for the store alone; batteries charge on arrival but those of the bays that wait."""
    batteries = {bay.number: bay.battery or "" for bay in built.snapshot.bays}
    bays = tuple(PlannedBay(bay, batteries[bay], 0.0, 95.0) for bay in waits)
    told = ChargePlan(f"P{next(_NAMES)}", EPOCH, bays, store_kw=store_kw)
    assert isinstance(built.ask(SubmitPlan(told)), Accepted)


def until(built: VirtualStation, done: Callable[[], bool], limit_s: float = 30.0) -> None:
    assert built.time.run(limit_s, done), "not within the time"


def alarms(built: VirtualStation) -> set[str]:
    return {alarm.code for alarm in built.snapshot.alarms}


def highest_kw(built: VirtualStation, seconds: float) -> float:
    """The highest power at the site for so long, looked at ten times a second."""
    seen: list[float] = []

    def look() -> bool:
        seen.append(built.simulation.plant.power_kw)
        return False

    built.time.run(seconds, look)
    return max(seen)


def test_a_plan_charges_the_store_and_then_discharges_it_into_the_load_of_the_site(tmp_path: Path) -> None:
    with station(tmp_path) as (built, store):
        built.simulation.plant.other_kw = 100.0
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)
        built.time.run(30.0)
        goal = built.snapshot.store_goal
        assert goal is not None
        assert (goal.power_kw, goal.reasons[0].code) == (80.0, "store_follows_plan")
        assert built.snapshot.power.other_kw < 200.0, "the store's power is no other load"
        held_kwh = store.held_kwh
        plan(built, -60.0)
        until(built, lambda: store.power_kw == -60.0)
        built.time.run(30.0)
        assert store.power_kw == -60.0
        assert store.held_kwh < held_kwh
        assert "METER_IMPLAUSIBLE" not in alarms(built)
        plan(built, -150.0)
        built.time.run(20.0)
        assert -120.0 < store.power_kw < -90.0, "only what the site takes, nothing is fed back"
        assert built.simulation.plant.power_kw >= 0.0
        goal = built.snapshot.store_goal
        assert goal is not None
        assert goal.reasons[0].code == "store_export_short"
        built.simulation.plant.other_kw = 40.0
        built.time.run(3.0)
        assert built.simulation.plant.power_kw >= 0.0, "a load that ends is answered with the next readings"


def test_without_a_fresh_plan_the_store_rests(tmp_path: Path) -> None:
    with station(tmp_path) as (built, store):
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)
        built.time.run(100.0)
        assert store.power_kw == 80.0, "the lease is renewed while the plan counts"
        until(built, lambda: store.power_kw == 0.0, 30.0)
        assert "CHARGE_PLAN_LATE" in alarms(built)


def test_a_silent_store_falls_to_nothing_by_itself_and_is_an_alarm(tmp_path: Path) -> None:
    with station(tmp_path) as (built, store):
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)
        built.control({"do": "fault", "name": "store_silent", "on": True})
        until(built, lambda: "STORE_LINK_LOST" in alarms(built), 15.0)
        until(built, lambda: store.power_kw == 0.0, 60.0)
        built.control({"do": "fault", "name": "store_silent", "on": False})
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)


@pytest.mark.parametrize("knob", ["store_fault", "store_stuck"])
def test_a_store_that_fails_or_does_not_obey_is_an_alarm(tmp_path: Path, knob: str) -> None:
    with station(tmp_path) as (built, store):
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)
        built.control({"do": "fault", "name": knob, "on": True})
        plan(built, 0.0)
        until(built, lambda: "STORE_FAULT" in alarms(built))
        assert store.power_kw == (80.0 if knob == "store_stuck" else 0.0)


def test_fire_ends_it_at_once(tmp_path: Path) -> None:
    with station(tmp_path) as (built, store):
        plan(built, 80.0)
        until(built, lambda: store.power_kw == 80.0)
        built.control({"do": "fault", "name": "smoke", "target": "5", "on": True})
        until(built, lambda: store.power_kw == 0.0, 5.0)
        goal = built.snapshot.store_goal
        assert goal is not None
        assert "no_fire_alarm" in {reason.code for reason in goal.reasons}


def test_batteries_come_before_the_store_and_the_cap_holds(tmp_path: Path) -> None:
    low = (5, 6, 7)
    with station(tmp_path, low) as (built, store):
        plant = built.simulation.plant
        plan(built, 150.0, waits=low)
        until(built, lambda: store.power_kw == 150.0, 60.0)
        plan(built, 150.0)
        assert highest_kw(built, 60.0) <= CONTRACT_KW * 1.02
        assert store.power_kw < 60.0, "it has made room"
        assert sum(bay.modules.grid_kw for bay in plant.bays.values()) > 250.0
