"""The simulated AA F5 charger: its orders against the plant, its record against the counters, its TCP connection."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from swapstation.config.link_settings import Adapters
from swapstation.config.settings import Config
from swapstation.model.device import ChargerState
from swapstation.protocol.aaf5_station import Aaf5Station
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.simulation.face import WireFace
from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.world import Simulation
from swapstation.transport.server_link import ServerLink
from swapstation.wire_address import parse_wire

BAY, PILE = 3, "PILE-3"
PATIENCE_S = 10.0


def with_aaf5(config: Config, port: int = 0) -> Config:
    links = replace(config.links, chargers=f"aaf5+tcp-listen://127.0.0.1:{port}")
    return replace(config, links=links, adapters=Adapters(charger="aaf5_charger", charger_ids={PILE: BAY}))


class Site:
    """One simulated charger connected to a station's end."""

    def __init__(self, config: Config, placement: Placement) -> None:
        self.simulation = Simulation(with_aaf5(config), placement, speed=60.0)
        self.station = Aaf5Station((PILE,))
        self.time = VirtualTime()
        self.time.every(0.02, self.simulation.advance)
        self.time.join(CanWire(Listener(), self.simulation.can_nodes[f"bay-{BAY}"]))
        self.pile = self.simulation.aaf5_chargers[BAY]
        self.time.join(ByteWire(self.station.connection(), self.pile.node))
        self.time.run(1.0)

    @property
    def battery(self) -> Battery:
        return self.simulation.plant.batteries["A3"]

    def start(self, order_id: str, target_pct: float = 95.0, limit_kw: float = 200.0) -> None:
        self.station.start(PILE, order_id, target_pct, limit_kw, self.time.now_s)

    def state(self) -> ChargerState | None:
        peer = self.station.charger(PILE)
        charger = peer.view.charger if peer else None
        return charger[0].state if charger else None

    def fault_code(self) -> int:
        peer = self.station.charger(PILE)
        assert peer is not None
        assert peer.view.charger is not None
        return peer.view.charger[0].fault_code

    def becomes(self, state: ChargerState, limit_s: float = 60.0) -> bool:
        return self.time.run(limit_s, lambda: self.state() is state)


@pytest.fixture
def site(config: Config, placement: Placement) -> Site:
    return Site(config, placement)


def test_a_charge_is_limited_stopped_at_its_target_and_recorded(site: Site) -> None:
    site.start("17", target_pct=60.0, limit_kw=200.0)
    assert site.time.run(30.0, lambda: site.battery.current_a > 250.0)
    site.station.limit(PILE, 60.0, site.time.now_s)
    site.time.run(2.0)
    assert site.battery.voltage_v * site.battery.current_a == pytest.approx(60_000, rel=0.05)
    site.station.limit(PILE, 200.0, site.time.now_s)
    assert site.becomes(ChargerState.FINISHED, 120.0)
    site.time.run(12.0)
    ((record, _),) = site.station.records
    assert (record.order_id, record.record_number, record.end_reason) == ("17", 1, 0)
    assert (record.soc_start_pct, record.soc_end_pct) == (40, 60)
    assert record.energy_kwh == pytest.approx(site.battery.energy_in_kwh, rel=0.03)
    assert record.meter_end_kwh - record.meter_start_kwh == pytest.approx(record.energy_kwh, abs=0.05)
    assert record.duration_s > 0


def test_a_charge_under_way_refuses_another_start(site: Site) -> None:
    site.start("17")
    assert site.becomes(ChargerState.CHARGING)
    site.start("18")
    site.time.run(3.0)
    peer = site.station.charger(PILE)
    assert peer is not None
    assert peer.refused == 1
    assert site.state() is ChargerState.CHARGING


def test_a_bay_without_a_battery_refuses_and_reports(site: Site) -> None:
    site.battery.place = "bay-2"
    site.start("17")
    site.time.run(3.0)
    peer = site.station.charger(PILE)
    assert peer is not None
    assert peer.refused == 1
    assert (site.state(), site.fault_code()) == (ChargerState.FAULT, 1)


def test_smoke_ends_the_charge_with_an_alarm_and_a_record(site: Site) -> None:
    site.start("17")
    assert site.time.run(30.0, lambda: site.battery.current_a > 250.0)
    site.simulation.plant.faults.set("smoke", str(BAY), True, (BAY,))
    site.time.run(1.0)
    assert site.battery.current_a == 0.0
    assert (site.state(), site.fault_code()) == (ChargerState.FAULT, 4)
    site.time.run(12.0)
    assert [record.end_reason for record, _ in site.station.records] == [4]


async def test_the_charger_connects_over_real_tcp(config: Config, placement: Placement) -> None:
    station = Aaf5Station((PILE,))
    link = ServerLink("chargers", parse_wire("chargers", "aaf5+tcp-listen://127.0.0.1:0"), station)
    listening = asyncio.create_task(link.run())
    async with asyncio.timeout(PATIENCE_S):
        while not link.port:
            await asyncio.sleep(0.01)
    face = WireFace(Simulation(with_aaf5(config, link.port or 0), placement))
    serving = asyncio.create_task(face.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (peer := station.charger(PILE)) is None or peer.view.charger is None:
                await asyncio.sleep(0.02)
        assert face.places["chargers"] == f"127.0.0.1:{link.port}"
        assert peer.view.charger[0].state is ChargerState.IDLE
    finally:
        for task in (serving, listening):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
