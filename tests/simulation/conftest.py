"""A small station for the simulation tests: three charging bays, an isolation place, two trucks."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.link_settings import Links
from swapstation.config.settings import BatteryModel, Bay, Charging, Config, Exchange, TruckModel
from swapstation.simulation.placement import KnownTruck, PlacedBattery, Placement
from swapstation.simulation.world import Simulation
from tests.simulation.desk import OTHER_VIN, VIN, Desk, pack_code


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Bays 1 and 2 direct, bay 3 with a charger controller, isolation place 4."""
    return Config(
        name="test",
        data=tmp_path,
        exchange=Exchange.STATION,
        recipe="top_lift",
        links=Links(
            station_can="slcan+tcp://127.0.0.1:0",
            robot="modbus-tcp://127.0.0.1:0?unit=1",
            meter=f"dlt645://{tmp_path}/meter?baud=9600&parity=E&address=000000000161",
            chargers="modbus-tcp://127.0.0.1:0",
        ),
        bays=(
            Bay(1, can="slcan+tcp://127.0.0.1:0"),
            Bay(2, can="slcan+tcp://127.0.0.1:0"),
            Bay(3, charging=Charging.CHARGER, can="slcan+tcp://127.0.0.1:0"),
            Bay(4, isolation=True),
        ),
        battery_models=(BatteryModel("B282", 282.0, 3200.0, 160.0, 657.0, 350.0),),
        truck_models=(TruckModel("T6", 1, "B282"),),
    )


@pytest.fixture
def placement() -> Placement:
    """Bay 1 and bay 3 hold charged batteries, bay 2 is empty; each truck carries a used one."""
    return Placement(
        batteries=(
            PlacedBattery("A1", "B282", (pack_code(1),), "bay-1", 95.0),
            PlacedBattery("A3", "B282", (pack_code(3),), "bay-3", 40.0),
            PlacedBattery("T1", "B282", (pack_code(11),), f"truck:{VIN}", 22.0),
            PlacedBattery("T2", "B282", (pack_code(12),), f"truck:{OTHER_VIN}", 30.0),
        ),
        trucks=(KnownTruck(VIN, "T6"), KnownTruck(OTHER_VIN, "T6")),
    )


@pytest.fixture
def desk(config: Config, placement: Placement) -> Desk:
    return Desk(Simulation(config, placement))
