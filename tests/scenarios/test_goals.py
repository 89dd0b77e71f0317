"""What a plan asks of a bay, on the simulated station: a pause with closed contactors, and a discharge as a lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.device import ChargerState
from swapstation.model.plan_request import SubmitPlan
from swapstation.simulation.firmware.charger import Charger
from swapstation.station.charge_pause import LEAST_FLOW_S, LEAST_PAUSE_S
from tests.scenarios.virtual_station import VirtualStation, virtual_station

BAY = 5
CARE = "\n[battery_models.discharge]\nleast_soc_pct = 50.0\nready_reserve = 2\n"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def planned(text: str) -> str:
    """The station follows plans, its batteries may give power back, and so may the site."""
    text = text.replace("\n[[truck_models]]", f"{CARE}\n[[truck_models]]", 1)
    text = text.replace("[site]\n", "[site]\nexport_kw = 200.0\n", 1)
    return text if "[planner]" in text else f"{text}\n[planner]\nenabled = true\n"


def submit(station: VirtualStation, name: str, power_kw: float) -> None:
    battery = station.simulation.plant.in_bay(BAY)
    assert battery is not None
    answer = station.ask(SubmitPlan(ChargePlan(name, AT, (PlannedBay(BAY, battery.battery, power_kw, 95.0),))))
    assert answer.status == "accepted", answer


def alone(station: VirtualStation, soc_pct: float) -> None:
    """Only the battery of the bay has anything to do."""
    for battery in station.simulation.plant.batteries.values():
        battery.set_soc(soc_pct if battery.place == f"bay-{BAY}" else 99.0)


def run_until(station: VirtualStation, done: Callable[[], bool], limit_s: float) -> None:
    assert station.time.run(limit_s, done), "not within the time"


def discharge(station: VirtualStation) -> Charger:
    """Let plans ask for 60 kW until the charger gives them; the charge that the start began has its time first."""
    charger = station.simulation.chargers[BAY]
    for number in range(5):
        submit(station, f"G{number}", -60.0)
        if station.time.run(50.0, lambda: charger.bay.modules.current_a < -70.0):
            return charger
    raise AssertionError("no discharge within the time")


@pytest.mark.parametrize("charging", Charging)
def test_a_charge_that_the_plan_lets_wait_pauses_with_closed_contactors_and_goes_on(
    tmp_path: Path, charging: Charging
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging, detour=planned) as station:
        alone(station, 50.0)
        station.start_up()
        bay = station.simulation.plant.bays[BAY]
        submit(station, "P1", 100.0)
        run_until(station, lambda: bay.modules.current_a > 130.0, 60.0)
        assert bay.modules.voltage_v * bay.modules.current_a < 102_000.0
        submit(station, "P2", 0.0)
        run_until(station, lambda: bay.modules.current_a == 0.0, LEAST_FLOW_S + 10.0)
        assert bay.contactor_closed
        submit(station, "P3", 60.0)
        station.time.run(LEAST_PAUSE_S - 15.0)
        assert (bay.modules.current_a, bay.contactor_closed) == (0.0, True)
        run_until(station, lambda: bay.modules.current_a > 80.0, 30.0)
        assert bay.modules.voltage_v * bay.modules.current_a < 62_000.0
        assert len(station.core.memory.charge(BAY).starts_s) == 1


def test_a_spare_gives_power_back_while_the_plan_says_so(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, detour=planned) as station:
        alone(station, 93.0)
        station.start_up()
        plant = station.simulation.plant
        battery, charger = plant.in_bay(BAY), discharge(station)
        assert battery is not None
        assert charger.state is ChargerState.DISCHARGING
        assert plant.power_kw < -30.0
        before_ah = battery.charge_ah
        station.time.run(30.0)
        assert battery.charge_ah < before_ah
        submit(station, "P2", 0.0)
        run_until(station, lambda: battery.current_a == 0.0 and not plant.bays[BAY].contactor_closed, 20.0)
        station.time.run(5.0)
        events = station.events("BatteryDischarged")
        (given,) = [event for event in events if event["bay"] == BAY]
        assert given["energy_kwh"] == pytest.approx(plant.bays[BAY].modules.returned_kwh, abs=0.02)
        assert given["energy_kwh"] >= 0.4, "60 kW for half a minute"
        stock = station.snapshot.inventory.battery(battery.battery)
        assert stock is not None
        assert stock.soc_pct == pytest.approx(battery.soc_pct, abs=1.0)
