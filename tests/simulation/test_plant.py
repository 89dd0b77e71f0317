"""Physics of the plant: energy is conserved, charge ends softly, the truth is one place per battery."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import BatteryModel, Config
from swapstation.model.device import LockState
from swapstation.simulation.firmware.robot_words import Command
from swapstation.simulation.placement import Placement, build_plant
from swapstation.simulation.plant.battery import cell_ocv_v, new_battery
from swapstation.simulation.plant.bay import EFFICIENCY, STANDBY_KW
from swapstation.simulation.plant.plant import AUXILIARY_KW, Plant
from swapstation.simulation.plant.truck import Pose
from tests.simulation.desk import VIN, Desk

MODEL = BatteryModel("B282", 282.0, 3200.0, 160.0, 657.0, 350.0)


@pytest.fixture
def plant(config: Config, placement: Placement) -> Plant:
    return build_plant(config, placement, Random(7))


def charge(plant: Plant, bay: int, current_a: float, seconds: float) -> None:
    battery = plant.in_bay(bay)
    assert battery is not None
    battery.contactor_closed = plant.bays[bay].contactor_closed = True
    plant.bays[bay].modules.set(650.0, current_a)
    for _ in range(round(seconds / 0.5)):
        plant.advance(0.5)


@given(st.floats(0, 100), st.floats(0, 100))
def test_open_circuit_voltage_rises_with_charge(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 2.8 <= cell_ocv_v(low) <= cell_ocv_v(high) <= 3.55


def test_meter_counts_what_the_battery_got_and_the_losses(plant: Plant) -> None:
    """Grid energy = battery energy / efficiency + stand-by + auxiliaries, within a percent."""
    battery = plant.batteries["A3"]
    before_kwh, soc_before_pct = plant.meter_kwh, battery.soc_pct
    charge(plant, 3, 300.0, 1800)
    hours = 0.5
    expected_kwh = battery.energy_in_kwh / EFFICIENCY + (STANDBY_KW + AUXILIARY_KW) * hours
    assert plant.meter_kwh - before_kwh == pytest.approx(expected_kwh, rel=0.01)
    assert battery.energy_in_kwh == pytest.approx(300.0 * battery.voltage_v * hours / 1000.0, rel=0.05)
    assert battery.soc_pct - soc_before_pct == pytest.approx(100.0 * 300.0 * hours / battery.capacity_ah, rel=0.01)
    assert plant.bays[3].modules.energy_kwh == pytest.approx(battery.energy_in_kwh, rel=0.01)


def test_charging_heats_the_battery_within_limits(plant: Plant) -> None:
    charge(plant, 3, 350.0, 3600)
    assert 25.0 < plant.batteries["A3"].temperature_c < 50.0


def test_no_current_without_every_contactor(plant: Plant) -> None:
    battery = plant.batteries["A3"]
    charge(plant, 3, 200.0, 30)
    assert battery.current_a == pytest.approx(200.0)
    battery.contactor_closed = False
    plant.advance(0.1)
    assert battery.current_a == 0.0
    assert plant.bays[3].modules.current_a == 0.0


def test_contactor_does_not_open_under_load(plant: Plant) -> None:
    charge(plant, 3, 200.0, 30)
    bay = plant.bays[3]
    opened = [bay.open_contactor()]
    bay.modules.shut()
    plant.advance(0.1)
    opened.append(bay.open_contactor())
    assert opened == [False, True]


def test_modules_stop_at_their_voltage(plant: Plant) -> None:
    """Constant voltage: the current falls so that the terminal stays at the set voltage."""
    battery = plant.batteries["A1"]
    battery.contactor_closed = plant.bays[1].contactor_closed = True
    plant.bays[1].modules.set(battery.ocv_v + 2.0, 300.0)
    for _ in range(20):
        plant.advance(0.5)
    assert battery.voltage_v == pytest.approx(battery.ocv_v + 2.0, abs=0.2)
    assert 0.0 < battery.current_a < 300.0


def test_the_same_seed_gives_the_same_battery() -> None:
    one, other = (new_battery("X", MODEL, (), "bay-1", 50.0, Random(3)) for _ in range(2))
    assert one == other
    assert one != new_battery("X", MODEL, (), "bay-1", 50.0, Random(4))
    assert one.lowest_cell[1] < one.voltage_v / one.cells < one.highest_cell[1]


def test_truck_secures_itself_and_leaves(plant: Plant) -> None:
    truck = plant.trucks[VIN]
    truck.arrive(Pose())
    plant.advance(40.0)
    secured = [truck.secured]
    plant.advance(10.0)
    secured.append(truck.secured)
    assert secured == [False, True]
    truck.leave()
    plant.advance(10.0)
    assert not truck.parking_brake_set
    plant.advance(10.0)
    assert plant.truck is None


def test_a_battery_on_the_robot_at_the_start_is_held(config: Config, placement: Placement) -> None:
    first, *others = placement.batteries
    start = replace(placement, batteries=(replace(first, place="robot"), *others))
    plant = build_plant(config, start, Random(1))
    assert plant.gripped
    assert plant.load_kg == pytest.approx(3200, abs=40)


@pytest.mark.parametrize("seed", range(3))
def test_every_battery_is_in_exactly_one_place(desk: Desk, seed: int) -> None:
    """Random orders, refused or not, never lose, double or stack a battery."""
    chance = Random(seed)
    desk.arrive()
    truck = desk.plant.trucks[VIN]
    for _ in range(60):
        truck.move_locks(chance.choice([LockState.UNLOCKED, LockState.LOCKED]))
        desk.order(chance.choice(list(Command)), chance.randint(1, 4), chance.randint(1, 4))
        desk.run(chance.uniform(1, 12))
        places = [battery.place for battery in desk.plant.batteries.values()]
        assert len(places) == 4
        assert len(set(places)) == 4
