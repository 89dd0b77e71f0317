"""Charging through GB/T 27930 frames in memory: a charger controller by its registers, a direct bay by our session."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from swapstation.config.settings import Config
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.modbus_client import ModbusClient, Poll
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.node import Frame
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.protocol.station_can import ModuleFeedback, ModuleSetpoint
from swapstation.simulation.memory import ByteWire, CanWire
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation
from tests.simulation.station_stub import StationStub

CHARGER_BAY, DIRECT_BAY = 3, 1
CCS_ID, BCL_ID = 0x1812F456, 0x181056F4


class Ear:
    """Listens on a bay's segment and says nothing."""

    def __init__(self) -> None:
        self.heard: list[Frame] = []

    def receive(self, frame: Frame, now_s: float) -> None:
        self.heard.append(frame)

    def due(self, now_s: float) -> Iterable[Frame]:
        return ()

    def next_deadline(self) -> float:
        return float("inf")


class ChargerStub(StationStub):
    """Adds the gateway of the chargers and an ear on the charger's segment."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self.charger_map = load_register_map("charger")
        block = self.charger_map.blocks["charger"]
        self.gateway = ModbusClient(Framing.TCP, [Poll(CHARGER_BAY, block.address, block.count, 0.5)])
        self.ear = Ear()
        self.time.join(ByteWire(self.gateway, simulation.charger_node()))
        self.time.join(CanWire(self.ear, simulation.can_nodes[f"bay-{CHARGER_BAY}"]))
        self.command_id = 0
        self.run(1)

    def command(self, **values: Value) -> None:
        self.command_id += 1
        registers = self.charger_map.encode("station", {**values, "command_id": self.command_id})
        self.gateway.write(CHARGER_BAY, 0, registers)

    def charger(self) -> dict[str, Value]:
        latest = self.gateway.latest(CHARGER_BAY, self.charger_map.blocks["charger"].address)
        assert latest is not None
        return self.charger_map.decode("charger", latest[0])

    def becomes(self, state: str, limit_s: float = 30.0) -> bool:
        return self.run(limit_s, lambda: self.charger()["state"] == state)


@pytest.fixture
def stub(config: Config, placement: Placement) -> ChargerStub:
    return ChargerStub(Simulation(config, placement, speed=60.0))


def test_charger_charges_to_its_target(stub: ChargerStub) -> None:
    """Started by register, it speaks to the battery by itself, limits power, stops at the target, opens."""
    battery = stub.plant.batteries["A3"]
    stub.command(command="START", power_limit=120.0, target_soc=60.0)
    assert stub.becomes("CHARGING")
    assert stub.run(10, lambda: battery.current_a > 150)
    assert stub.charger()["contactor_closed"] is True
    stub.run(2)
    assert battery.voltage_v * battery.current_a == pytest.approx(120_000, rel=0.03)
    assert stub.becomes("FINISHED", 120)
    assert battery.soc_pct == pytest.approx(60.0, abs=1.5)
    stub.run(3)
    shown = stub.charger()
    assert (shown["current"], shown["contactor_closed"]) == (0.0, False)
    assert not battery.contactor_closed
    assert shown["energy"] == pytest.approx(battery.energy_in_kwh, rel=0.02)
    assert {CCS_ID, BCL_ID} <= {frame.can_id for frame in stub.ear.heard}


def test_a_battery_tells_every_cell_and_probe(stub: ChargerStub) -> None:
    """A real pack fills dozens of packets; demand and status go on between them."""
    stub.command(command="START", power_limit=120.0, target_soc=90.0)
    assert stub.becomes("CHARGING")
    stub.run(12)
    listener = Listener()
    for frame in stub.ear.heard:
        listener.receive(frame, 0.0)
    told = listener.battery_cells
    assert told is not None
    battery = stub.plant.batteries["A3"]
    assert len(told[0].voltages_v) == battery.cells == 180
    assert told[0].voltages_v == pytest.approx(battery.cell_voltages_v, abs=0.05)
    assert len(told[0].temperatures_c) == 24
    assert listener.messages["BMV"] == 2
    assert stub.charger()["state"] == "CHARGING"


def test_a_pause_keeps_the_contactor_closed(stub: ChargerStub) -> None:
    battery = stub.plant.batteries["A3"]
    stub.command(command="START", power_limit=120.0, target_soc=95.0)
    assert stub.run(30, lambda: battery.current_a > 150)
    stub.gateway.write(CHARGER_BAY, 3, [1])
    assert stub.becomes("PAUSED", 5)
    assert (battery.current_a, battery.contactor_closed) == (0.0, True)
    stub.gateway.write(CHARGER_BAY, 3, [0])
    assert stub.becomes("CHARGING", 5)
    assert stub.run(5, lambda: battery.current_a > 150)


def test_a_discharge_gives_power_back_and_ends_without_renewal(stub: ChargerStub) -> None:
    """A lease: a station that is gone does not empty its batteries."""
    battery = stub.plant.batteries["A3"]
    stub.command(command="DISCHARGE", power_limit=60.0, target_soc=5.0)
    assert stub.becomes("DISCHARGING")
    assert stub.run(20, lambda: battery.current_a < -80)
    assert battery.voltage_v * battery.current_a == pytest.approx(-60_000, rel=0.03)
    stub.run(30)
    stub.command(command="DISCHARGE", power_limit=30.0, target_soc=5.0)
    assert stub.run(5, lambda: -60 < battery.current_a < -30)
    stub.run(50)
    assert stub.charger()["state"] == "DISCHARGING"
    assert stub.becomes("FINISHED", 20)
    assert battery.current_a == 0.0


def test_a_discharge_ends_at_its_least_soc(stub: ChargerStub) -> None:
    battery = stub.plant.batteries["A3"]
    least_pct = round(battery.soc_pct) - 1.0
    stub.command(command="DISCHARGE", power_limit=200.0, target_soc=least_pct)
    assert stub.becomes("DISCHARGING")
    assert stub.becomes("FINISHED", 60)
    assert battery.soc_pct == pytest.approx(least_pct, abs=1.5)


def test_charger_stops_on_order_and_limits_while_it_charges(stub: ChargerStub) -> None:
    battery = stub.plant.batteries["A3"]
    stub.command(command="START", power_limit=200.0, target_soc=95.0)
    assert stub.run(30, lambda: battery.current_a > 250)
    stub.gateway.write(CHARGER_BAY, 1, [500])
    stub.run(1)
    assert battery.voltage_v * battery.current_a == pytest.approx(50_000, rel=0.05)
    stub.gateway.write(CHARGER_BAY, 1, [0])
    assert stub.becomes("PAUSED", 5)
    stub.command(command="STOP")
    assert stub.becomes("IDLE")
    assert not stub.plant.bays[CHARGER_BAY].contactor_closed


def test_repeated_command_id_is_executed_once(stub: ChargerStub) -> None:
    stub.command(command="START", power_limit=200.0, target_soc=95.0)
    assert stub.becomes("CHARGING")
    stub.command(command="STOP", power_limit=200.0, target_soc=95.0)
    assert stub.becomes("IDLE")
    stub.command_id -= 1
    stub.command(command="START", power_limit=200.0, target_soc=95.0)
    stub.run(5)
    assert stub.charger()["state"] == "IDLE"


def test_silent_battery_is_a_fault(stub: ChargerStub) -> None:
    stub.plant.faults.set("bms_silent", str(CHARGER_BAY), True, (CHARGER_BAY,))
    stub.command(command="START", power_limit=200.0, target_soc=95.0)
    assert stub.becomes("FAULT", 120)
    assert stub.charger()["fault_code"] == 2
    assert not stub.plant.bays[CHARGER_BAY].contactor_closed


def test_smoke_ends_the_charge(stub: ChargerStub) -> None:
    battery = stub.plant.batteries["A3"]
    stub.command(command="START", power_limit=200.0, target_soc=95.0)
    assert stub.run(30, lambda: battery.current_a > 250)
    stub.plant.faults.set("smoke", str(CHARGER_BAY), True, (CHARGER_BAY,))
    stub.run(1)
    assert battery.current_a == 0.0
    assert not stub.plant.bays[CHARGER_BAY].contactor_closed
    assert stub.charger()["state"] == "FAULT"


class DirectBay:
    """Our charger side on a direct bay: the session's demand becomes set-points on the station segment."""

    def __init__(self, stub: StationStub) -> None:
        self.stub = stub
        self.session = ChargerSession(ChargerSettings(DIRECT_BAY, 750.0, 200.0, 350.0))
        self.renewing = True
        stub.time.join(CanWire(self.session, stub.simulation.can_nodes[f"bay-{DIRECT_BAY}"]))
        stub.scans.append(self.scan)

    def scan(self) -> None:
        heard = self.stub.heard(ModuleFeedback, DIRECT_BAY)
        if isinstance(heard, ModuleFeedback):
            self.session.measured(heard.voltage_v or 0.0, heard.current_a or 0.0, self.stub.time.now_s)
        demand = self.session.demand
        if self.renewing:
            setpoint = ModuleSetpoint(demand.enabled, demand.voltage_v, demand.current_a, next(self.stub.alive))
            self.stub.can.send(setpoint, DIRECT_BAY)


@pytest.fixture
def direct(config: Config, placement: Placement) -> DirectBay:
    stub = StationStub(Simulation(config, placement, speed=60.0))
    stub.plant.batteries["A1"].set_soc(50.0)
    bay = DirectBay(stub)
    stub.run(1)
    bay.session.start(stub.time.now_s)
    assert stub.run(60, lambda: stub.plant.batteries["A1"].current_a > 200)
    return bay


def test_direct_bay_charges_through_our_session(direct: DirectBay) -> None:
    battery, plant = direct.stub.plant.batteries["A1"], direct.stub.plant
    charge = direct.session.battery_charge(direct.stub.time.now_s)
    assert (charge.maker, charge.serial, charge.vin) == ("001", 1, None)
    assert charge.phase is ChargePhase.CHARGING
    assert charge.soc_pct == pytest.approx(battery.soc_pct, abs=2)
    direct.session.stop(direct.stub.time.now_s)
    assert direct.stub.run(20, lambda: direct.session.phase is ChargePhase.END)
    direct.stub.run(1)
    assert not plant.bays[DIRECT_BAY].contactor_closed
    assert not battery.contactor_closed
    assert battery.current_a == 0.0


def test_direct_bay_falls_to_zero_when_we_fall_silent(direct: DirectBay) -> None:
    """The lease lapses in the modules, whatever the battery still asks for."""
    direct.renewing = False
    direct.stub.run(0.75)
    assert direct.stub.plant.batteries["A1"].current_a == 0.0


def test_only_a_plugged_battery_answers(config: Config, placement: Placement) -> None:
    stub = StationStub(Simulation(config, placement))
    session = ChargerSession(ChargerSettings(2, 750.0, 200.0, 350.0))
    stub.time.join(CanWire(session, stub.simulation.can_nodes["bay-2"]))
    session.start(stub.time.now_s)
    stub.run(10)
    assert session.battery_charge(stub.time.now_s).bms_age_s is None
    session.stop(stub.time.now_s)
    stub.plant.batteries["A1"].place = "bay-2"
    stub.run(1)
    session.start(stub.time.now_s)
    assert stub.run(10, lambda: session.battery_charge(stub.time.now_s).serial == 1)
