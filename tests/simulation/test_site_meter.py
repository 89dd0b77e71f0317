"""The site meter: plant energy by DL/T 645, silence on its knob, values too great for its digits left out."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Config
from swapstation.protocol.dlt645 import encode_frame, time_broadcast
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import (
    APPARENT_POWER,
    COMBINED_ENERGY,
    CURRENTS,
    DATE,
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    POWER_FACTOR,
    REACTIVE_POWER,
    REVERSE_ENERGY,
    REVERSE_MAX_DEMAND,
    TIME,
    VOLTAGES,
    Demand,
)
from swapstation.simulation.memory import ByteWire, VirtualTime
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation

ADDRESS = "000000000161"
READ = [FORWARD_ENERGY, POWER, VOLTAGES, CURRENTS]


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def simulation(config: Config, placement: Placement, time: VirtualTime) -> Simulation:
    simulation = Simulation(config, placement, speed=100.0)
    time.every(0.02, simulation.advance)
    return simulation


@pytest.fixture
def client(simulation: Simulation, time: VirtualTime) -> DltClient:
    client = DltClient(ADDRESS, READ)
    time.join(ByteWire(client, simulation.meter_node()))
    return client


def value(client: DltClient, identifier: int) -> object:
    latest = client.latest(identifier)
    assert latest is not None
    return latest[0]


def test_meter_counts_plant_time(simulation: Simulation, time: VirtualTime, client: DltClient) -> None:
    """At speed 100, 36 seconds are a plant hour: the auxiliaries' 8 kW make 8 kWh."""
    time.run(1)
    start_kwh = value(client, FORWARD_ENERGY)
    time.run(36)
    end_kwh = value(client, FORWARD_ENERGY)
    assert isinstance(start_kwh, float)
    assert isinstance(end_kwh, float)
    assert end_kwh - start_kwh == pytest.approx(8.0, abs=0.4)
    assert value(client, POWER) == pytest.approx(8.0)
    assert value(client, VOLTAGES) == (230.0, 230.0, 230.0)


def test_power_beyond_the_digits_is_refused_not_wrong(
    simulation: Simulation, time: VirtualTime, client: DltClient
) -> None:
    simulation.plant.batteries["A3"].contactor_closed = True
    simulation.plant.bays[3].contactor_closed = True
    simulation.plant.bays[3].modules.set(650.0, 300.0)
    simulation.plant.advance(5.0)
    assert simulation.plant.power_kw > 100
    time.run(0.5)
    assert client.refusals > 0
    assert client.latest(FORWARD_ENERGY) is not None


def test_silent_meter(simulation: Simulation, time: VirtualTime, client: DltClient) -> None:
    simulation.plant.faults.set("meter_silent", "", True, ())
    time.run(3)
    assert client.counts.timeouts > 0
    assert client.latest(FORWARD_ENERGY) is None


def test_meter_answers_every_item_it_should_have(simulation: Simulation, time: VirtualTime) -> None:
    """Total, tariffs and their block, settlements, demand, powers of each phase, date and time after a broadcast."""
    items = [
        *(item | part << 8 for item in (COMBINED_ENERGY, FORWARD_ENERGY, REVERSE_ENERGY) for part in (0, 1, 4, 0xFF)),
        *(FORWARD_ENERGY | settlement for settlement in (1, 12)),
        *(
            power | part << 8
            for power in (POWER, REACTIVE_POWER, APPARENT_POWER, POWER_FACTOR)
            for part in (0, 3, 0xFF)
        ),
        *(MAX_DEMAND, REVERSE_MAX_DEMAND, VOLTAGES, CURRENTS, FREQUENCY, DATE, TIME),
    ]
    meter = simulation.meter_node()
    client = DltClient(ADDRESS, items, period_s=0.01)
    time.join(ByteWire(client, meter))
    time.run(1.5)
    meter.receive(encode_frame(time_broadcast("260214235955")), time.now_s)
    time.run(10)
    assert {item: client.latest(item) for item in items if client.latest(item) is None} == {}
    assert client.refusals == client.counts.malformed == 0
    total = value(client, FORWARD_ENERGY)
    assert value(client, FORWARD_ENERGY | 0xFF00) == pytest.approx((total, 0.0, 0.0, total, 0.0), abs=1.0)
    demand = value(client, MAX_DEMAND)
    assert isinstance(demand, Demand)
    assert demand.power_kw == pytest.approx(8.0)
    assert value(client, DATE) == "26021500"  # a Sunday
    assert str(value(client, TIME)).startswith("0000")
