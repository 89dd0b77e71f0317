"""Thermal care on the simulated station: a frozen battery is warmed by its climate unit until it charges well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.climate import ClimateMode
from swapstation.simulation.plant.battery import Battery
from tests.scenarios.virtual_station import VirtualStation, virtual_station

BAY = 5
CARE = """
[battery_models.derating]
temperature_c = [-15, 0, 10, 45, 55]
soc_pct = [0]
current_a = [[0], [90], [350], [350], [0]]

[battery_models.thermal]
heat_below_c = 5.0
heat_to_c = 8.0
"""


def with_unit(text: str) -> str:
    """The station with a climate unit at one bay, and a battery model that wants it."""
    text = text.replace("[links]\n", '[links]\nclimate = "modbus-tcp://127.0.0.1:29700"\n', 1)
    text = text.replace(f"number = {BAY}\n", f"number = {BAY}\nclimate = true\n", 1)
    return text.replace("\n[[truck_models]]", f"{CARE}\n[[truck_models]]", 1)


def cold(station: VirtualStation, battery_c: float) -> Battery:
    """The battery of the bay at a temperature, in air as cold; all others are full, so that it charges alone."""
    plant = station.simulation.plant
    for battery in plant.batteries.values():
        battery.set_soc(50.0 if battery.place == f"bay-{BAY}" else 99.0)
    found = plant.in_bay(BAY)
    assert found is not None
    found.temperature_c = plant.ambient_c = battery_c
    return found


def run_until(station: VirtualStation, done: Callable[[], bool], limit_s: float) -> None:
    assert station.time.run(limit_s, done), "not within the time"


@pytest.mark.parametrize("charging", Charging)
def test_a_frozen_battery_is_warmed_while_it_charges_slowly_and_then_charges_well(
    tmp_path: Path, charging: Charging
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging, detour=with_unit) as station:
        plant = station.simulation.plant
        battery = cold(station, 6.0)
        station.simulation.speed = 20.0
        station.start_up()
        run_until(station, lambda: plant.climate[BAY].mode is ClimateMode.HEAT, 30.0)
        assert plant.climate[BAY].power_kw > 5.0
        goals = {goal.bay: goal for goal in station.snapshot.climate_goals}
        assert goals[BAY].reasons[0].code == "climate_heats_for_charge"
        charge = {goal.bay: goal for goal in station.snapshot.charge_goals}[BAY]
        assert [why.code for why in charge.reasons] == ["battery_cold"]
        station.time.run(3.0)
        assert 150.0 < battery.current_a < 230.0
        run_until(station, lambda: plant.climate[BAY].mode is ClimateMode.OFF, 90.0)
        assert 9.0 < battery.temperature_c < 12.0
        run_until(station, lambda: battery.current_a > 280.0, 60.0)


@pytest.mark.parametrize("knob", ["climate_fault", "coolant_leak", "climate_silent"])
def test_a_unit_that_fails_is_off_and_the_battery_is_still_charged_slowly(tmp_path: Path, knob: str) -> None:
    """By its own protection, by the station's order, or by its silence; people are told."""
    told = {"climate_fault": "DEVICE_FAULT", "coolant_leak": "COOLANT_PRESSURE_LOW", "climate_silent": "CLIMATE_SILENT"}
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, detour=with_unit) as station:
        plant = station.simulation.plant
        battery = cold(station, -3.0)
        station.start_up()
        run_until(station, lambda: plant.climate[BAY].mode is ClimateMode.HEAT, 60.0)
        target = "" if knob == "climate_silent" else str(BAY)
        station.control({"do": "fault", "name": knob, "target": target, "on": True})
        run_until(station, lambda: plant.climate[BAY].mode is ClimateMode.OFF, 90.0)
        station.time.run(12.0)
        assert told[knob] in {alarm.code for alarm in station.snapshot.alarms}
        assert 20.0 < battery.current_a < 90.0
