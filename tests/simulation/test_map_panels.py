"""Simulated devices behind a vendor's Modbus map, met by the station's own adapter for such maps, on TCP and RTU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from swapstation.config.link_settings import Adapters
from swapstation.config.settings import Config
from swapstation.devices.adapter import Adapter, AdapterSettings, Role
from swapstation.devices.installed import build_adapter
from swapstation.model.command import LimitCharge, StartCharge, StopCharge
from swapstation.model.device import Charger, ChargerState, Meter
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.node import ByteNode
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from swapstation.wire_address import parse_wire

EXAMPLES = Path(__file__).parents[2] / "examples"
METER_MAP, CHARGER_MAP = EXAMPLES / "meter_map.toml", EXAMPLES / "charger_map.toml"
BAY = 3
RATIO = 40.0


def with_maps(config: Config, meter: str) -> Config:
    adapters = Adapters(charger="modbus_map", meter="modbus_map", charger_map=CHARGER_MAP, meter_map=METER_MAP)
    return replace(config, adapters=adapters, links=replace(config.links, meter=meter, meter_ratio=RATIO))


class Site:
    """A simulation with vendor maps, and the adapters of a station that read the same maps."""

    def __init__(self, config: Config, placement: Placement, meter: str) -> None:
        config = with_maps(config, meter)
        self.simulation = Simulation(config, placement, speed=60.0)
        self.time = VirtualTime()
        self.time.every(0.02, self.simulation.advance)
        meter_settings = AdapterSettings(parse_wire("m", meter), ratio=RATIO, map=METER_MAP)
        self.meter = self.join(build_adapter(Role.METER, "modbus_map", meter_settings), self.simulation.meter_node())
        charger_settings = AdapterSettings(parse_wire("c", config.links.chargers), bays=(BAY,), map=CHARGER_MAP)
        charger = build_adapter(Role.CHARGER, "modbus_map", charger_settings)
        self.charger = self.join(charger, self.simulation.charger_node())
        self.time.join(CanWire(Listener(), self.simulation.can_nodes[f"bay-{BAY}"]))
        self.time.run(2.0)

    def join(self, adapter: Adapter, device: ByteNode) -> Adapter:
        self.time.join(ByteWire(cast(ByteNode, adapter.node), device))
        return adapter

    def charger_state(self) -> Charger:
        (charger,) = [u.state for u in self.charger.updates(self.time.now_s) if isinstance(u.state, Charger)]
        return charger

    def meter_state(self) -> Meter:
        (meter,) = [u.state for u in self.meter.updates(self.time.now_s) if isinstance(u.state, Meter)]
        return meter

    def becomes(self, state: ChargerState, limit_s: float = 60.0) -> bool:
        return self.time.run(limit_s, lambda: self.charger_state().state is state)

    def order(self, command: StartCharge | LimitCharge | StopCharge, command_id: int) -> None:
        assert self.charger.order(command, command_id, self.time.now_s) is None


@pytest.fixture(params=["modbus-tcp://127.0.0.1:0?unit=7", "modbus-rtu:///dev/meter?baud=9600&parity=E&unit=7"])
def site(request: pytest.FixtureRequest, config: Config, placement: Placement) -> Site:
    return Site(config, placement, request.param)


def test_a_charge_is_led_and_metered_through_vendor_maps(site: Site) -> None:
    plant = site.simulation.plant
    battery = plant.batteries["A3"]
    assert site.charger_state().state is ChargerState.IDLE
    site.order(StartCharge(BAY, 60.0, 120.0), 1)
    assert site.becomes(ChargerState.CHARGING)
    assert site.time.run(20.0, lambda: battery.current_a > 150.0)
    site.time.run(4.0)
    charger, meter = site.charger_state(), site.meter_state()
    assert charger.voltage_v * charger.current_a == pytest.approx(120_000, rel=0.05)
    assert charger.contactor_closed
    assert charger.soc_pct == pytest.approx(battery.soc_pct, abs=1.5)
    assert charger.energy_kwh == pytest.approx(battery.energy_in_kwh, rel=0.1)
    assert meter.power_kw == pytest.approx(plant.power_kw, rel=0.05)
    assert meter.energy_kwh == pytest.approx(plant.meter_kwh, rel=0.1, abs=0.5)
    assert meter.voltages_v == (230.0, 230.0, 230.0)
    assert len(meter.currents_a) == 3
    assert sum(meter.currents_a) * 230.0 * 0.95 / 1000.0 == pytest.approx(plant.power_kw, rel=0.05)
    site.order(LimitCharge(BAY, 40.0), 0)
    assert site.time.run(3.0, lambda: site.charger_state().current_a < 70.0)
    assert site.charger_state().state is ChargerState.CHARGING
    site.order(LimitCharge(BAY, 120.0), 0)
    assert site.becomes(ChargerState.FINISHED, 120.0)
    assert battery.soc_pct == pytest.approx(60.0, abs=1.5)


def test_a_charge_can_be_stopped_and_started_again(site: Site) -> None:
    site.order(StartCharge(BAY, 95.0, 200.0), 1)
    assert site.becomes(ChargerState.CHARGING)
    site.order(StopCharge(BAY), 2)
    assert site.becomes(ChargerState.IDLE)
    site.time.run(2.0)
    site.order(StartCharge(BAY, 95.0, 200.0), 3)
    assert site.becomes(ChargerState.CHARGING)
    site.order(StopCharge(BAY), 4)
    assert site.becomes(ChargerState.IDLE)
    site.time.run(2.0)
    assert not site.simulation.plant.bays[BAY].contactor_closed


def test_a_battery_that_is_not_there_is_a_fault(site: Site) -> None:
    site.simulation.plant.batteries["A3"].place = "bay-2"
    site.order(StartCharge(BAY, 95.0, 200.0), 1)
    assert site.becomes(ChargerState.FAULT)
    assert site.charger_state().fault_code == 1
    assert site.charger_state().soc_pct is None
